//! Takes keys, tokens and signed links out of what leaves the machine, and looks once more before it does.

use crate::secret::{Key, Mask};
use memchr::{memchr2_iter, memmem};
use regex::bytes::{Captures, Regex};
use serde_json::Value;
use std::ops::Range;
use std::sync::LazyLock;

/// What stands for a secret in a text.
const WORD: &[u8] = b"[redacted]";

/// Longer bodies are pictures for the most part: in them only known keys and the queries of links are looked for.
const MOST_TEXT: usize = 1 << 20;

/// So many characters of a key are looked for once more at the end, in a way that shares nothing with the mask.
const TELLING: usize = 12;

/// A body is looked through again in pieces, so that it is not in memory twice.
const PIECE: usize = 1 << 20;

/// Headers whose values are secrets or lead to them.
const SECRET_HEADERS: [&str; 8] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-goog-api-key",
    "x-api-key",
    "api-key",
    "new-api-user",
];

/// A query or fragment with its mark, up to what cannot stand in a link; some characters also as JSON escapes them.
static QUERY: LazyLock<Regex> =
    LazyLock::new(|| constant(r#"^[?#](?:[^\s\x00-\x1f"'<>\\)`，。；）」]|\\/|\\u00(?:26|3[dD]|2[bBfF5]))+"#));

/// One parameter of a query; the value is captured.
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"(?:[?&#]|\\u0026)[^=&#?\\]*(?:=|\\u003[dD])((?:[^&#\\]|\\/|\\u00(?:3[dD]|2[bBfF5]))+)")
});

/// A link that is good for whoever has it: then every value is part of that.
static SIGNED: LazyLock<Regex> = LazyLock::new(|| named(SIGNATURES));

/// A parameter that is a secret by itself, also of a link inside the value.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    let secrets = "key|api[_-]?key|(?:access|id|refresh|auth|session)[_-]?token|token|auth[_-]?key|authorization|\
                   (?:client[_-]?)?secret|password|expires";
    named(&format!("{secrets}|{SIGNATURES}"))
});

const SIGNATURES: &str =
    r"[0-9a-z_.-]*signature|sig|sign|hmac|policy|key-pair-id|x-[a-z]+-(?:credential|security-token)";

/// Name and password in front of a host.
static USER: LazyLock<Regex> = LazyLock::new(|| constant(r#"(:(?:\\?/){2})[^\s/"'<>\\@?#:]+:[^\s/"'<>\\@?#]*@"#));

static BEARER: LazyLock<Regex> =
    LazyLock::new(|| constant(r"(?i)((?-u:\b)bearer(?:[ \t]+|%20|\\u0020))([0-9a-z._~+/=-]+)"));

/// Headers and JSON members of one word. A member's value is touched inside its quotes only, so that JSON stays JSON.
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let names = "(?:[0-9a-z_-]*[_-])?api[_-]?key|new-api-user|(?:access|refresh)[_-]?token|client[_-]?secret";
    constant(&format!(r#"(?i)((?-u:\b)(?:{names}){ASSIGNED})[^\s"'\\<,;&\[\]{{}}()*][^\s"'\\<,;&\]}})]*"#))
});

/// Headers whose value goes on to the end of the line.
static LINES: LazyLock<Regex> = LazyLock::new(|| {
    let names = format!(r#"(?:proxy-)?authorization{ASSIGNED}|(?:set-)?cookie{ASSIGNED}[^\s"'\\<=;:,]+="#);
    constant(&format!(r#"(?i)((?-u:\b)(?:{names}))[^\s"'\\<\[*][^\r\n"'\\<]*"#))
});

const ASSIGNED: &str = r#"(?:\\*["']\s*:\s*\\*["']|[ \t]*[:=][ \t]*)"#;

/// Keys by their looks. What stands before tells them from base64, in which such letters come by chance.
static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    let escapes = r"\\[bfnrt]|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}";
    let letters = "[0-9A-Za-z_-]";
    constant(&format!(
        r"(?-u)(^|[^0-9A-Za-z_-]|{escapes})sk-{letters}{{16,}}|(^|[^0-9A-Za-z+/_-]|{escapes})AIza{letters}{{30,}}"
    ))
});

/// All keys that the program knows, and the looks of those that it does not.
#[derive(Debug)]
pub struct Redactor {
    keys: Vec<Key>,
    masks: Vec<Mask>,
    lack: Option<String>,
}

impl Redactor {
    /// Knows these keys; all others by their looks alone.
    pub fn new(keys: &[Key]) -> Redactor {
        let masks = keys.iter().map(|key| Mask::new(Some(key))).collect();
        Redactor { keys: keys.to_vec(), masks, lack: None }
    }

    /// Says of a key that ought to be known why it is not.
    pub fn lacking(self, lack: Option<String>) -> Redactor {
        Redactor { lack, ..self }
    }

    /// The key that could not be looked for, in a sentence that goes along with what is exported.
    pub fn lack(&self) -> Option<&str> {
        self.lack.as_deref()
    }

    /// A text without its secrets: known keys become `*` of the same length, all else `[redacted]`.
    pub fn text(&mut self, text: &str) -> String {
        into_string(self.bytes(text.as_bytes()))
    }

    /// As [`Redactor::text`], for bytes of any kind. From 1 MB on the length stays: known keys and the values of signed
    /// links become `*`, and nothing else is looked for.
    pub fn bytes(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut safe = self.without_keys(bytes);
        let secrets = in_links(&safe);
        if safe.len() < MOST_TEXT {
            return by_looks(&replaced(&safe, &secrets));
        }
        for range in secrets {
            safe[range].fill(b'*');
        }
        safe
    }

    /// Every string of a tree, keys included. Headers are known as members and as pairs of name and value.
    pub fn json(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => match &mut items[..] {
                [Value::String(name), Value::String(text)] => {
                    *text = self.header(name, text);
                    *name = self.text(name);
                }
                items => items.iter_mut().for_each(|item| self.json(item)),
            },
            Value::Object(members) => {
                for (name, mut member) in std::mem::take(members) {
                    match &mut member {
                        Value::String(text) => *text = self.header(&name, text),
                        other => self.json(other),
                    }
                    members.insert(self.text(&name), member);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The value of a header; nothing of it is left where it is a secret by its name.
    pub fn header(&mut self, name: &str, value: &str) -> String {
        if SECRET_HEADERS.iter().any(|secret| secret.eq_ignore_ascii_case(name)) {
            return into_string(WORD.to_vec());
        }
        self.text(value)
    }

    /// The last look: true when no known key is left, in no spelling, nor the first 12 characters of one.
    pub fn is_clean(&self, bytes: &[u8]) -> bool {
        self.keys.iter().all(|key| {
            let mut mask = Mask::new(Some(key));
            for piece in bytes.chunks(PIECE) {
                mask.push(piece);
            }
            mask.finish();
            mask.found() == 0 && beginning(key).is_none_or(|part| memmem::find(bytes, part).is_none())
        })
    }

    /// Each mask sees the bytes as they were: two keys may begin alike, and the one must not spoil the other's echo.
    fn without_keys(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut safe = bytes.to_vec();
        for mask in &mut self.masks {
            let earlier = mask.found();
            let mut masked = mask.push(bytes);
            masked.extend(mask.finish());
            if mask.found() > earlier {
                safe.iter_mut().zip(masked).filter(|(_, masked)| *masked == b'*').for_each(|(safe, star)| *safe = star);
            }
        }
        safe
    }
}

/// What of a long key must not be left; the mask looks for a shorter one whole.
fn beginning(key: &Key) -> Option<&[u8]> {
    let (end, _) = key.expose().char_indices().nth(TELLING).filter(|_| !key.is_constant())?;
    Some(&key.expose().as_bytes()[..end])
}

/// Where the secret values of links stand. Only `?` and `#` are stopped at, and base64 has neither.
fn in_links(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut end = 0;
    for at in memchr2_iter(b'?', b'#', bytes) {
        if at < end {
            continue;
        }
        let Some(query) = QUERY.find(&bytes[at..]) else { continue };
        end = at + query.end();
        let signed = SIGNED.is_match(query.as_bytes());
        for pair in PAIR.captures_iter(query.as_bytes()) {
            let value = pair.get(1).filter(|_| signed || SECRET.is_match(&pair[0]));
            found.extend(value.map(|value| at + value.start()..at + value.end()));
        }
    }
    found
}

fn replaced(bytes: &[u8], secrets: &[Range<usize>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for range in secrets {
        out.extend_from_slice(&bytes[from..range.start]);
        out.extend_from_slice(WORD);
        from = range.end;
    }
    out.extend_from_slice(&bytes[from..]);
    out
}

fn by_looks(bytes: &[u8]) -> Vec<u8> {
    let bytes = USER.replace_all(bytes, b"${1}[redacted]@");
    let bytes = BEARER.replace_all(&bytes, |found: &Captures| {
        // "bearer token" is what error messages speak of.
        let is_prose = found[2].len() < 16 && found[2].iter().all(|b| b.is_ascii_lowercase() || *b == b'.');
        if is_prose { found[0].to_vec() } else { [&found[1], WORD].concat() }
    });
    let bytes = LINES.replace_all(&bytes, b"${1}[redacted]");
    let bytes = WORDS.replace_all(&bytes, b"${1}[redacted]");
    TOKENS.replace_all(&bytes, b"${1}${2}[redacted]").into_owned()
}

/// Only ASCII is ever cut or put in, so what was text stays text.
fn into_string(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned())
}

/// A parameter of one of these names, after what begins a parameter in any spelling.
fn named(names: &str) -> Regex {
    constant(&format!(r"(?i)(?:[?&;#]|\\u0026|%(?:25)*(?:26|3f|23))(?:amp;)?(?:{names})(?:=|\\u003d|%(?:25)*3d)"))
}

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns are constants, and all of them are used in the tests")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const KEY: &str = r#"sk-ab+c/d%"e123"#;

    fn redactor() -> Redactor {
        Redactor::new(&[Key::new(KEY).unwrap(), Key::constant("known-to-everybody")])
    }

    #[test]
    fn keys_of_which_nobody_told_are_known_by_their_looks() {
        let google = format!("\"AIza{}\"", "Sy0-".repeat(9));
        for (text, safe) in [
            ("key sk-0123456789abcdefXY.", "key [redacted]."),
            (r"a\nsk-0123456789abcdefXY", r"a\n[redacted]"),
            (google.as_str(), "\"[redacted]\""),
            ("Authorization: Bearer abc123\r\nHost: h", "Authorization: [redacted]\r\nHost: h"),
            ("got Bearer eyJ0.e-_9 here", "got Bearer [redacted] here"),
            ("invalid bearer token.", "invalid bearer token."),
            (r#"{"authorization": "Basic YTpi", "n": 1}"#, r#"{"authorization": "[redacted]", "n": 1}"#),
            (r#"{"apiKey":null,"x":"x-goog-api-key: abc"}"#, r#"{"apiKey":null,"x":"x-goog-api-key: [redacted]"}"#),
            ("Set-Cookie: session=abc; Path=/\nX: y", "Set-Cookie: session=[redacted]\nX: y"),
            ("a cookie: sweet", "a cookie: sweet"),
            ("new-api-user: 1234", "new-api-user: [redacted]"),
            ("GEMINI_API_KEY=abc", "GEMINI_API_KEY=[redacted]"),
            ("via http://me:pass@proxy:3128/", "via http://[redacted]@proxy:3128/"),
        ] {
            assert_eq!(redactor().text(text), safe);
        }
    }

    #[test]
    fn links_lose_what_makes_them_work() {
        for (text, safe) in [
            ("/m:x?alt=sse&key=abc", "/m:x?alt=sse&key=[redacted]"),
            ("![a](https://h/p.png?w=1&sig=abc) b", "![a](https://h/p.png?w=[redacted]&sig=[redacted]) b"),
            (
                r"https:\/\/h\/p?X-Amz-Date=1\u0026X-Amz-Signature\u003dab\/c",
                r"https:\/\/h\/p?X-Amz-Date=[redacted]\u0026X-Amz-Signature\u003d[redacted]",
            ),
            ("<a href='https://h/?a=1&amp;Policy=x'>", "<a href='https://h/?a=[redacted]&amp;Policy=[redacted]'>"),
            ("?to=https%3A%2F%2Fh%3FX-Goog-Signature%3Dabc", "?to=[redacted]"),
            ("?a=1&url=/x?token=abc", "?a=1&url=[redacted]"),
            ("https://h/#access_token=abc&state=1", "https://h/#access_token=[redacted]&state=1"),
            ("https://h/p?Expires=12&page=2", "https://h/p?Expires=[redacted]&page=2"),
            ("why? a=b; #1 key=c https://h/?page=2", "why? a=b; #1 key=c https://h/?page=2"),
        ] {
            assert_eq!(redactor().text(text), safe);
        }
    }

    #[test]
    fn a_long_body_keeps_its_length_and_its_pictures() {
        let picture = "AIzaSy0/sk+".repeat(MOST_TEXT / 8);
        let echo = r#"sk-ab+c/d%\"e123"#;
        let body = format!(r#"{{"data":"{picture}","url":"https://h/p?sig=a\u002bc","text":"{echo}"}}"#);
        let safe = redactor().bytes(body.as_bytes());
        let covered = body.replace(r"a\u002bc", "********").replace(echo, &"*".repeat(16));
        assert_eq!(safe, covered.as_bytes());
        assert_eq!(redactor().bytes(b"\xff\x00?\xfe"), b"\xff\x00?\xfe");
    }

    #[test]
    fn known_keys_go_from_trees_too_also_when_they_are_cut() {
        let mut tree = json!({
            KEY: [["Set-Cookie", "a=b"], ["x", "y"], {"Cookie": "c=d", "n": 1}],
            "cut": "sk-ab+c/d%\"e1…",
            "percent": "sk-ab%2Bc%2Fd%25%22e123",
        });
        redactor().json(&mut tree);
        let stars = "*".repeat(KEY.len());
        let safe = json!({
            stars.clone(): [["Set-Cookie", "[redacted]"], ["x", "y"], {"Cookie": "[redacted]", "n": 1}],
            "cut": "*************…",
            "percent": "*".repeat(23),
        });
        assert_eq!(tree, safe);
    }

    #[test]
    fn keys_that_begin_alike_are_covered_whole() {
        let keys = ["sk-same-beginning", "sk-same-beginning-1", "sk-same-beginning-22"];
        let mut redactor = Redactor::new(&keys.map(|key| Key::new(key).unwrap()));
        for key in keys {
            assert_eq!(redactor.text(&format!("<{key}>")), format!("<{}>", "*".repeat(key.len())));
        }
    }

    #[test]
    fn the_last_look_sees_every_spelling_and_a_beginning() {
        let last = redactor();
        for left in [KEY, r#"sk-ab+c\/d%\"e123"#, "sk-ab%2bc%2fd%25%22e123", "c2stYWIrYy9kJSJlMTIz", r#"sk-ab+c/d%"e"#]
        {
            let around = format!("{}{left}y", "x".repeat(PIECE - 5));
            assert!(!last.is_clean(around.as_bytes()), "{left}");
            assert!(last.is_clean(&redactor().bytes(around.as_bytes())), "{left}");
        }
        assert!(last.is_clean(b"known-to-everybody sk-ab+c/d%"));
    }
}
