//! Reads the words of a command as curl does: options and their values, addresses, pieces of the body.

use super::address::without_keys;
use super::keys::{KEY_LIKE, carries_key, set_apart};
use super::options::{Role, by_letter, by_name, is_switch, is_switch_letter};
use super::shell::Word;
use super::{Curl, CurlError, Data, Names};
use secrecy::SecretString;

/// What the words after `curl` ask for.
pub fn read(words: Vec<Word>) -> Result<Curl, CurlError> {
    let mut reader = Reader { words: words.into_iter(), ..Reader::default() };
    reader.read()?;
    reader.finish()
}

/// Takes the words one by one.
#[derive(Default)]
struct Reader {
    words: std::vec::IntoIter<Word>,
    method: Option<String>,
    urls: Vec<String>,
    headers: Vec<(String, String)>,
    data: Vec<Data>,
    keys: Vec<SecretString>,
    /// The data goes into the query, and the call is a GET.
    get: bool,
    /// A variable stands in the body.
    variable: bool,
    left_out: Names,
    unknown: Names,
}

impl Reader {
    fn read(&mut self) -> Result<(), CurlError> {
        while let Some(word) = self.words.next() {
            match word.text.as_str() {
                // Another request begins.
                "--next" | "-:" => break,
                text if text.starts_with("--") => self.long(&word)?,
                text if text.starts_with('-') => self.letters(&word)?,
                _ => self.urls.push(word.text),
            }
        }
        Ok(())
    }

    /// `--name VALUE` or `--name=VALUE`.
    fn long(&mut self, word: &Word) -> Result<(), CurlError> {
        let text = word.text.trim_start_matches('-');
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        match (by_name(name), value) {
            (Some(role), Some(value)) => self.apply(format!("--{name}"), role, word.part(value))?,
            (Some(role), None) => self.with_next(format!("--{name}"), role)?,
            (None, _) if name == "get" => self.get = true,
            (None, _) if is_switch(name) => {}
            (None, _) => self.unknown(&format!("--{name}")),
        }
        Ok(())
    }

    /// `-sSX POST`, `-XPOST`: the first letter that takes a value has the rest of the word, or the next one.
    fn letters(&mut self, word: &Word) -> Result<(), CurlError> {
        for (at, letter) in word.text.char_indices().skip(1) {
            if let Some(role) = by_letter(letter) {
                let (option, rest) = (format!("-{letter}"), &word.text[at + letter.len_utf8()..]);
                let apart = rest.is_empty();
                return if apart { self.with_next(option, role) } else { self.apply(option, role, word.part(rest)) };
            }
            if letter == 'G' {
                self.get = true;
            } else if !is_switch_letter(letter) {
                self.unknown(&format!("-{letter}"));
            }
        }
        Ok(())
    }

    /// An option's name is repeated only when it cannot be anything else.
    fn unknown(&mut self, option: &str) {
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let plain = option.len() <= 32 && option.chars().all(word) && !KEY_LIKE.is_match(option);
        self.unknown.add(if plain { option } else { "one that is not shown" });
    }

    fn with_next(&mut self, option: String, role: Role) -> Result<(), CurlError> {
        match self.words.next() {
            Some(value) => self.apply(option, role, value),
            None => Err(CurlError::NoValue { option }),
        }
    }

    fn apply(&mut self, option: String, role: Role, value: Word) -> Result<(), CurlError> {
        match role {
            Role::Method => {
                let plain = value.text.len() <= 8 && value.text.bytes().all(|byte| byte.is_ascii_alphabetic());
                self.method = Some(if plain { value.text.to_ascii_uppercase() } else { "?".to_owned() });
            }
            Role::Header => self.header(&value.text),
            Role::Url => self.urls.push(value.text),
            Role::Data | Role::Binary | Role::Json | Role::Raw => self.data(value, role)?,
            Role::Key => set_apart(&value.text, &mut self.keys),
            Role::Form => return Err(CurlError::Form { option }),
            Role::Other => self.left_out.add(&option),
        }
        Ok(())
    }

    fn header(&mut self, text: &str) {
        // curl itself sends nothing for a header without a colon, and takes none from a file here.
        let Some((name, value)) = text.split_once(':') else { return };
        let (name, value) = (name.trim(), value.trim());
        if carries_key(name) || KEY_LIKE.is_match(text) {
            set_apart(value, &mut self.keys);
        } else {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
    }

    fn data(&mut self, value: Word, role: Role) -> Result<(), CurlError> {
        self.variable |= value.variable;
        if !self.data.is_empty() && role != Role::Json {
            self.data.push(Data::Text("&".to_owned()));
        }
        let piece = match value.text.strip_prefix('@').filter(|_| role != Role::Raw) {
            Some("-" | "/dev/stdin") => return Err(CurlError::Stdin),
            Some(path) => Data::File { path: path.to_owned(), one_line: role == Role::Data },
            None => Data::Text(value.text),
        };
        self.data.push(piece);
        Ok(())
    }

    fn finish(mut self) -> Result<Curl, CurlError> {
        let written = self.urls.iter().find(|url| url.contains("://")).or(self.urls.first()).ok_or(CurlError::NoUrl)?;
        let mut query = Names::default();
        let url = without_keys(written, &mut self.keys, &mut query)?;
        let mut notes = Vec::new();
        if self.urls.len() > 1 {
            notes.push("the command has several addresses or stray words; the first address was read".to_owned());
        }
        if self.get {
            self.method = Some("GET".to_owned());
            self.data.clear();
        }
        if self.variable {
            notes.push("a shell variable in the body stays as it is; put its value in its place".to_owned());
        }
        notes.extend(self.left_out.note("the profile and the configuration have their own settings for"));
        notes.extend(self.unknown.note("these options of the command are not known and were left out:"));
        notes.extend(query.note("this of the query was left out:"));
        let (method, headers, data, keys) = (self.method, self.headers, self.data, self.keys);
        Ok(Curl { method, url, headers, data, keys, notes })
    }
}
