//! Keys that cannot be printed, and the mask that takes their echoes out of what is stored.

use secrecy::{ExposeSecret, SecretString};

/// Echoes of shorter keys are not looked for: a short text stands in a body by chance.
const SHORTEST_MASKED: usize = 8;

/// An API key. Has no `Display`, its `Debug` hides it, its memory is wiped when it is dropped.
#[derive(Clone, Debug)]
pub struct Key(SecretString);

impl Key {
    /// `None` for a text that is blank or cannot stand in a header (control characters, line ends inside).
    pub fn new(text: &str) -> Option<Key> {
        let trimmed = text.trim();
        let fine = !trimmed.is_empty() && !trimmed.chars().any(|c| c.is_control());
        fine.then(|| Key(SecretString::from(trimmed)))
    }

    /// The key itself, for the one header or query it belongs to.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Finds a key in the spellings in which servers echo it: raw, JSON-escaped, percent-encoded, base64.
#[derive(Debug, Default)]
pub struct Mask {
    spellings: Vec<SecretString>,
    /// What may be the beginning of an echo that goes on in the next piece.
    tail: Vec<u8>,
    found: usize,
}

impl Mask {
    pub fn new(key: Option<&Key>) -> Mask {
        let spellings = key.map(|key| spellings(key.expose())).unwrap_or_default();
        Mask { spellings: spellings.into_iter().map(SecretString::from).collect(), tail: Vec::new(), found: 0 }
    }

    /// Takes a piece of a body and gives back what is certain to hold no echo, masked with `*` of the same length.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        if self.spellings.is_empty() {
            return piece.to_vec();
        }
        let mut all = std::mem::take(&mut self.tail);
        all.extend_from_slice(piece);
        self.found += self.cover(&mut all);
        let keep = self.open_end(&all);
        self.tail = all.split_off(all.len() - keep);
        all
    }

    /// What is held back: nobody knows yet whether it is the beginning of an echo.
    pub fn held(&self) -> &[u8] {
        &self.tail
    }

    /// The rest, once nothing more comes.
    pub fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.tail)
    }

    /// A whole text, masked.
    pub fn text(&mut self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        self.found += self.cover(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How many echoes were covered so far.
    pub fn found(&self) -> usize {
        self.found
    }

    fn cover(&self, bytes: &mut [u8]) -> usize {
        let mut found = 0;
        for spelling in &self.spellings {
            let needle = spelling.expose_secret().as_bytes();
            let hits: Vec<usize> = memchr::memmem::find_iter(bytes, needle).collect();
            found += hits.len();
            for at in hits {
                bytes[at..at + needle.len()].fill(b'*');
            }
        }
        found
    }

    /// Length of the longest end of `bytes` with which some spelling begins.
    fn open_end(&self, bytes: &[u8]) -> usize {
        let longest = |spelling: &SecretString| {
            let needle = spelling.expose_secret().as_bytes();
            let most = (needle.len() - 1).min(bytes.len());
            (1..=most).rev().find(|&n| bytes.ends_with(&needle[..n])).unwrap_or(0)
        };
        self.spellings.iter().map(longest).max().unwrap_or(0)
    }
}

fn spellings(key: &str) -> Vec<String> {
    if key.len() < SHORTEST_MASKED {
        return vec![];
    }
    let json = serde_json::to_string(key).unwrap_or_default();
    let json = json.trim_matches('"').to_owned();
    let mut all = vec![
        key.to_owned(),
        json.replace('/', "\\/"),
        escaped(key, |c| format!("\\u{:04x}", c as u32)),
        escaped(key, |c| format!("\\u{:04X}", c as u32)),
        escaped(key, |c| percent(c, false)),
        escaped(key, |c| percent(c, true)),
        json,
    ];
    for core in (0..3).map(|offset| base64_core(key, offset)).filter(|core| core.len() >= SHORTEST_MASKED) {
        all.push(core.replace('+', "-").replace('/', "_"));
        all.push(core);
    }
    // Longest first, so that a spelling that holds another is covered whole.
    all.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
    all.dedup();
    all
}

/// The characters that base64 of a text with the key in it has, whatever stands before (`offset` bytes beyond a multiple
/// of three) and after it.
fn base64_core(key: &str, offset: usize) -> String {
    let text = [&[0; 2][..offset], key.as_bytes()].concat();
    let encoded = crate::wire::b64::encode(&text);
    let whole = text.len() / 3 * 4;
    let first = [0, 2, 3][offset];
    encoded.get(first..whole.max(first)).unwrap_or_default().to_owned()
}

fn escaped(key: &str, escape: impl Fn(char) -> String) -> String {
    key.chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-._~".contains(c) { c.to_string() } else { escape(c) })
        .collect()
}

fn percent(c: char, lower: bool) -> String {
    let mut out = String::new();
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        out.push_str(&if lower { format!("%{byte:02x}") } else { format!("%{byte:02X}") });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = r#"sk-ab+c/d%"e123"#;

    fn mask() -> Mask {
        Mask::new(Key::new(KEY).as_ref())
    }

    #[test]
    fn echoes_in_every_spelling_are_covered() {
        for echo in [
            KEY,
            r#"sk-ab+c/d%\"e123"#,
            r#"sk-ab+c\/d%\"e123"#,
            "sk-ab%2Bc%2Fd%25%22e123",
            "sk-ab%2bc%2fd%25%22e123",
            "c2stYWIrYy9kJSJlMTIz",
            r"sk-ab\u002bc\u002fd\u0025\u0022e123",
        ] {
            let mut mask = mask();
            let out = mask.text(&format!("<{echo}>"));
            assert_eq!(out, format!("<{}>", "*".repeat(echo.len())), "{echo}");
            assert_eq!(mask.found(), 1);
        }
    }

    #[test]
    fn an_echo_cut_between_pieces_is_covered() {
        for cut in 1..KEY.len() {
            let mut mask = mask();
            let mut out = mask.push(format!("x{}", &KEY[..cut]).as_bytes());
            out.extend(mask.push(format!("{}y", &KEY[cut..]).as_bytes()));
            out.extend(mask.finish());
            assert_eq!(String::from_utf8_lossy(&out), format!("x{}y", "*".repeat(KEY.len())), "{cut}");
        }
    }

    #[test]
    fn an_echo_inside_other_base64_is_covered() {
        for before in ["", "k", "ke", "key="] {
            for after in ["", ";", "; and more"] {
                let echo = crate::wire::b64::encode(format!("{before}{KEY}{after}").as_bytes());
                let mut mask = mask();
                let out = mask.text(&echo);
                assert!(mask.found() == 1 && out.contains("**********"), "{before:?} {after:?} {out}");
            }
        }
    }

    #[test]
    fn other_text_passes_unchanged() {
        let mut mask = mask();
        let mut out = mask.push(b"sk-ab but not ours sk-");
        out.extend(mask.finish());
        assert_eq!(out, b"sk-ab but not ours sk-");
        assert_eq!(format!("{:?}", Key::new("sk-secret-key")), "Some(Key(SecretBox<str>([REDACTED])))");
        assert!(Key::new(" \n").is_none() && Key::new("a\nb").is_none());
    }
}
