//! The words of a command, split as a POSIX shell does.

mod quotes;

use super::CurlError;

/// Nobody writes a longer command; a whole page taken for one is refused early.
pub const MOST_WORDS: usize = 4096;

/// The words from a position of the text to the end of the command.
pub fn words(text: &str, at: usize) -> Result<Vec<Word>, CurlError> {
    let mut shell = Shell { bytes: text.as_bytes(), at, depth: 0 };
    let mut words = Vec::new();
    while let Some(word) = shell.next_word()? {
        words.push(word);
        if words.len() > MOST_WORDS {
            return Err(CurlError::TooLong);
        }
    }
    Ok(words)
}

/// A word of the command, its quotes resolved.
pub struct Word {
    pub text: String,
    /// A `$NAME` in it is left as it is: the variable is in another shell.
    pub variable: bool,
}

impl Word {
    /// A piece of it, as if it were a word of its own.
    pub fn part(&self, text: &str) -> Word {
        Word { text: text.to_owned(), variable: self.variable }
    }
}

/// Splits as a POSIX shell does, and forgives what copying through web pages and Windows does to line ends.
struct Shell<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How many `$(` are open.
    depth: usize,
}

impl Shell<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// The next word; none where the command ends.
    fn next_word(&mut self) -> Result<Option<Word>, CurlError> {
        loop {
            self.skip_blanks();
            match self.peek(0) {
                Some(b'<' | b'>') => self.skip_redirection()?,
                Some(b'\n') if self.option_follows() => self.at += 1,
                None | Some(b'\n' | b';' | b'|' | b'&' | b'`') => return Ok(None),
                Some(b')') if self.depth == 0 => return Ok(None),
                Some(_) => {
                    let word = self.word()?;
                    let redirected = matches!(self.peek(0), Some(b'<' | b'>'));
                    // The 2 of `2>/dev/null` is no word.
                    if !(redirected && word.text.bytes().all(|byte| byte.is_ascii_digit())) {
                        return Ok(Some(word));
                    }
                }
            }
        }
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek(0) {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                // Those of PowerShell and cmd.exe as well.
                Some(b'\\' | b'`' | b'^') => match self.next_line() {
                    Some(next) => self.at = next,
                    None => return,
                },
                _ => return,
            }
        }
    }

    /// Where the next line begins, if nothing but blanks follows the character here.
    fn next_line(&self) -> Option<usize> {
        let rest = self.bytes.get(self.at + 1..)?;
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        (rest.get(blanks) == Some(&b'\n')).then_some(self.at + blanks + 2)
    }

    /// A line that begins with an option belongs to the command, though its backslash was lost on the way.
    fn option_follows(&self) -> bool {
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        rest.iter().find(|byte| !matches!(byte, b' ' | b'\t')) == Some(&b'-')
    }

    fn skip_redirection(&mut self) -> Result<(), CurlError> {
        while matches!(self.peek(0), Some(b'<' | b'>' | b'&' | b'|')) {
            self.at += 1;
        }
        self.skip_blanks();
        self.word().map(|_| ())
    }

    fn word(&mut self) -> Result<Word, CurlError> {
        let (mut out, mut variable) = (Vec::new(), false);
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b'<' | b'>' | b';' | b'|' | b'`' => break,
                // An address that was pasted without quotes has some of its own.
                b'&' if self.peek(1).is_none_or(|next| b" \t\r\n&".contains(&next)) => break,
                b')' if self.depth == 0 => break,
                b'\'' => self.single(&mut out)?,
                b'"' => variable |= self.double(&mut out)?,
                b'\\' => {
                    let ended = self.backslash(&mut out);
                    if ended {
                        break;
                    }
                }
                b'$' if self.peek(1) == Some(b'\'') => self.escaped(&mut out)?,
                b'$' if self.peek(1) == Some(b'"') => self.at += 1,
                _ => {
                    variable |= self.is_variable();
                    match byte {
                        b'(' if out.last() == Some(&b'$') => self.depth += 1,
                        b')' => self.depth -= 1,
                        _ => {}
                    }
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
        Ok(Word { text: String::from_utf8_lossy(&out).into_owned(), variable })
    }

    /// A backslash outside of quotes; true when the word ends with it.
    fn backslash(&mut self, out: &mut Vec<u8>) -> bool {
        let Some(next) = self.next_line() else {
            out.extend(self.peek(1));
            self.at += 2;
            return false;
        };
        // A shell glues the lines together; behind a backslash with blanks after it the next word was meant.
        let glued = matches!(self.peek(1), Some(b'\n' | b'\r'));
        self.at = next;
        !glued
    }

    fn is_variable(&self) -> bool {
        let begins_name = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'{' | b'(');
        self.peek(0) == Some(b'$') && self.peek(1).is_some_and(begins_name)
    }
}
