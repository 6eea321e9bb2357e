//! Headers that a scene puts on its reply, with any bytes that HTTP lets stand in a value.

use hyper::header::{HeaderName, HeaderValue};
use serde::Deserialize;

/// A header of a scene; it takes the place of one that the gateway would send by itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub name: String,
    /// ASCII control characters are left out: no header can hold them.
    pub value: String,
    /// One byte a character up to U+00FF, and none for others; UTF-8 otherwise.
    #[serde(default)]
    pub latin1: bool,
}

impl Header {
    /// As it is sent; `None` when HTTP has no such name.
    pub fn pair(&self) -> Option<(HeaderName, HeaderValue)> {
        let shown = self.value.chars().filter(|c| !c.is_ascii_control());
        let bytes: Vec<u8> = if self.latin1 {
            shown.filter_map(|c| u8::try_from(c).ok()).collect()
        } else {
            shown.collect::<String>().into_bytes()
        };
        Some((HeaderName::from_bytes(self.name.as_bytes()).ok()?, HeaderValue::from_bytes(&bytes).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lose_what_no_header_can_hold() {
        let bytes = |latin1| {
            let header = Header { name: "x-note".to_owned(), value: "a\u{1b}\u{9b}\u{202e}\u{7f}b".to_owned(), latin1 };
            header.pair().unwrap().1.as_bytes().to_vec()
        };
        assert_eq!(bytes(true), b"a\x9bb");
        assert_eq!(bytes(false), "a\u{9b}\u{202e}b".as_bytes());
        let wrong = Header { name: "x note".to_owned(), value: String::new(), latin1: false };
        assert!(wrong.pair().is_none());
    }
}
