//! What stands in quotes: `'…'`, `"…"` and `$'…'`.

use super::Shell;
use crate::wire::curl::CurlError;

impl Shell<'_> {
    pub fn single(&mut self, out: &mut Vec<u8>) -> Result<(), CurlError> {
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        let length = memchr::memchr(b'\'', rest).ok_or_else(|| self.unclosed(self.at))?;
        out.extend(&rest[..length]);
        self.at += length + 2;
        Ok(())
    }

    /// True when a variable stands in it.
    pub fn double(&mut self, out: &mut Vec<u8>) -> Result<bool, CurlError> {
        let open = self.at;
        let mut variable = false;
        self.at += 1;
        loop {
            variable |= self.is_variable();
            match self.peek(0).ok_or_else(|| self.unclosed(open))? {
                b'"' => break,
                b'\\' => match self.peek(1) {
                    Some(next @ (b'$' | b'`' | b'"' | b'\\')) => {
                        out.push(next);
                        self.at += 1;
                    }
                    Some(b'\n') => self.at += 1,
                    Some(b'\r') if self.peek(2) == Some(b'\n') => self.at += 2,
                    _ => out.push(b'\\'),
                },
                byte => out.push(byte),
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(variable)
    }

    /// `$'…'`, in which browsers write their requests down.
    pub fn escaped(&mut self, out: &mut Vec<u8>) -> Result<(), CurlError> {
        let open = self.at;
        self.at += 2;
        loop {
            let byte = self.peek(0).ok_or_else(|| self.unclosed(open))?;
            self.at += 1;
            match byte {
                b'\'' => return Ok(()),
                b'\\' => self.escape(out),
                _ => out.push(byte),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let Some(byte) = self.peek(0) else { return };
        self.at += 1;
        match byte {
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'e' | b'E' => out.push(27),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'x' => out.extend(self.number(16, 2).and_then(|code| u8::try_from(code).ok())),
            b'u' => self.unicode(4, out),
            b'U' => self.unicode(8, out),
            b'0'..=b'7' => {
                self.at -= 1;
                out.extend(self.number(8, 3).and_then(|code| u8::try_from(code & 0xff).ok()));
            }
            b'\\' | b'\'' | b'"' | b'?' => out.push(byte),
            _ => out.extend([b'\\', byte]),
        }
    }

    fn number(&mut self, radix: u32, most: usize) -> Option<u32> {
        let rest = self.bytes.get(self.at..)?;
        let count = rest.iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
        let digits = std::str::from_utf8(&rest[..count]).ok()?;
        self.at += count;
        u32::from_str_radix(digits, radix).ok()
    }

    /// Browsers write what lies beyond U+FFFF as two halves.
    fn unicode(&mut self, digits: usize, out: &mut Vec<u8>) {
        let mut code = self.number(16, digits).unwrap_or(0xfffd);
        if (0xd800..0xdc00).contains(&code) && (self.peek(0), self.peek(1)) == (Some(b'\\'), Some(b'u')) {
            self.at += 2;
            let low = self.number(16, 4).unwrap_or(0);
            code = 0x10000 + ((code - 0xd800) << 10) + (low & 0x3ff);
        }
        let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend(char.encode_utf8(&mut [0; 4]).bytes());
    }

    fn unclosed(&self, open: usize) -> CurlError {
        let before = self.bytes.get(..open).unwrap_or_default();
        CurlError::OpenQuote { line: memchr::memchr_iter(b'\n', before).count() + 1 }
    }
}
