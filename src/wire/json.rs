//! A cursor over an [`Index`]: looks values up without building a tree.

use super::index::{Index, Kind, Node};
use serde_json::Value;
use std::borrow::Cow;

/// One value of an indexed text.
#[derive(Clone, Copy)]
pub struct Json<'a> {
    pub text: &'a [u8],
    pub index: &'a Index,
    pub node: usize,
}

impl<'a> Json<'a> {
    /// The outermost value; `None` for a text without any.
    pub fn root(text: &'a [u8], index: &'a Index) -> Option<Self> {
        (!index.nodes.is_empty()).then_some(Json { text, index, node: 0 })
    }

    pub fn node(self) -> &'a Node {
        &self.index.nodes[self.node]
    }

    pub fn kind(self) -> Kind {
        self.node().kind
    }

    pub fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    pub fn is_array(self) -> bool {
        self.kind() == Kind::Array
    }

    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The exact bytes of the value.
    pub fn raw(self) -> &'a [u8] {
        self.node().span.of(self.text)
    }

    /// Elements of an array or values of an object; nothing for scalars.
    pub fn items(self) -> impl Iterator<Item = Json<'a>> {
        self.index.children(self.node).map(move |node| Json { node, ..self })
    }

    /// The key of this value in its object.
    pub fn key(self) -> Cow<'a, str> {
        unescape(inside(self.node().key.of(self.text)))
    }

    /// The member of that name; the last one where a key stands twice.
    pub fn member(self, name: &str) -> Option<Json<'a>> {
        if !self.is_object() {
            return None;
        }
        self.items().filter(|item| item.has_key(name)).last()
    }

    /// The first of several spellings that is there, even as null.
    pub fn get(self, names: &[&str]) -> Option<Json<'a>> {
        names.iter().find_map(|name| self.member(name))
    }

    /// The beginning of the key, of at most so many bytes.
    pub fn key_head(self, most: usize) -> String {
        head(inside(self.node().key.of(self.text)), most)
    }

    fn has_key(self, name: &str) -> bool {
        let key = inside(self.node().key.of(self.text));
        // No escape is longer than six bytes a character.
        if key.len() > 6 * name.len() {
            return false;
        }
        key == name.as_bytes() || (key.contains(&b'\\') && unescape(key) == name)
    }

    /// A string with its escapes undone; lone surrogates and invalid UTF-8 become U+FFFD.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        (self.kind() == Kind::String).then(|| unescape(self.string_bytes()))
    }

    /// The bytes between the quotes, escapes and all. Of a cut string, what arrived.
    pub fn string_bytes(self) -> &'a [u8] {
        let raw = self.raw();
        if self.node().whole { inside(raw) } else { raw.get(1..).unwrap_or_default() }
    }

    /// What a script would call true: not false, null, zero, or empty.
    pub fn truthy(self) -> bool {
        match self.kind() {
            Kind::True => true,
            Kind::False | Kind::Null => false,
            Kind::Number => std::str::from_utf8(self.raw()).ok().and_then(|n| n.parse::<f64>().ok()) != Some(0.0),
            Kind::String => !self.string_bytes().is_empty(),
            Kind::Object | Kind::Array => self.index.nodes[self.node].next as usize > self.node + 1,
        }
    }

    /// The value as a tree. Numbers that JSON's tree cannot hold (1E400, NaN) become null.
    pub fn to_value(self) -> Value {
        // serde_json is quick but refuses lone surrogates, invalid UTF-8 and deep nesting; then it is built by hand.
        serde_json::from_slice(self.raw()).unwrap_or_else(|_| self.build())
    }

    /// [`Json::to_value`] of what may be as large as a body: after `most` bytes of text in it, strings and keys are cut, and
    /// what follows is left out.
    pub fn to_brief(self, most: usize) -> Value {
        if self.raw().len() <= most { self.to_value() } else { self.build_within(&mut { most }) }
    }

    fn build_within(self, left: &mut usize) -> Value {
        let children = |left: &mut usize| {
            // An empty one costs something too.
            *left = left.saturating_sub(8);
            *left > 0
        };
        match self.kind() {
            Kind::Object => {
                let mut map = serde_json::Map::new();
                for item in self.items() {
                    if !children(left) {
                        break;
                    }
                    let key = item.key_head(*left);
                    *left = left.saturating_sub(key.len());
                    map.insert(key, item.build_within(left));
                }
                Value::Object(map)
            }
            Kind::Array => {
                let mut list = Vec::new();
                for item in self.items() {
                    if !children(left) {
                        break;
                    }
                    list.push(item.build_within(left));
                }
                Value::Array(list)
            }
            Kind::String => {
                let text = head(self.string_bytes(), *left);
                *left = left.saturating_sub(text.len());
                Value::String(text)
            }
            Kind::Number | Kind::True | Kind::False | Kind::Null => self.build(),
        }
    }

    fn build(self) -> Value {
        match self.kind() {
            Kind::Object => Value::Object(self.items().map(|item| (item.key().into_owned(), item.build())).collect()),
            Kind::Array => self.items().map(Json::build).collect(),
            Kind::String => self.as_str().map(Cow::into_owned).map_or(Value::Null, Value::String),
            Kind::Number | Kind::True | Kind::False | Kind::Null => {
                serde_json::from_slice(self.raw()).unwrap_or(Value::Null)
            }
        }
    }
}

fn inside(quoted: &[u8]) -> &[u8] {
    quoted.get(1..quoted.len().max(2) - 1).unwrap_or_default()
}

/// Undoes the escapes of the beginning, and says that it went on.
fn head(text: &[u8], most: usize) -> String {
    let text_head = unescape(&text[..text.len().min(most)]);
    if text.len() > most { format!("{text_head}…") } else { text_head.into_owned() }
}

/// Undoes JSON's escapes.
pub fn unescape(text: &[u8]) -> Cow<'_, str> {
    if memchr::memchr(b'\\', text).is_none() {
        return String::from_utf8_lossy(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(hit) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..hit]);
        rest = &rest[hit..];
        rest = &rest[one_escape(rest, &mut out)..];
    }
    out.extend_from_slice(rest);
    Cow::Owned(into_string(out))
}

fn into_string(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned())
}

/// Writes what the escape at the start of `text` means and returns its length.
fn one_escape(text: &[u8], out: &mut Vec<u8>) -> usize {
    let plain = match text.get(1) {
        Some(b'u') => return unicode_escape(text, out),
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(&other) => other,
        None => {
            out.push(b'\\');
            return 1;
        }
    };
    out.push(plain);
    2
}

fn unicode_escape(text: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(first) = hex4(text, 2) else {
        out.extend_from_slice(b"\\u");
        return 2;
    };
    let low = (text.get(6..8) == Some(b"\\u")).then(|| hex4(text, 8)).flatten();
    let (code, length) = match (first, low) {
        (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => (0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00), 12),
        _ => (first, 6),
    };
    let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    length
}

fn hex4(text: &[u8], at: usize) -> Option<u32> {
    let four = std::str::from_utf8(text.get(at..at + 4)?).ok()?;
    four.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(four, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        for (text, meant) in [
            (r"a\/b\u003d\n", "a/b=\n"),
            (r"\ud83e\udd8a", "🦊"),
            (r"\ud83e!", "\u{fffd}!"),
            (r"\q\u00", "q\\u00"),
            ("plain", "plain"),
        ] {
            assert_eq!(unescape(text.as_bytes()), meant, "{text}");
        }
    }

    #[test]
    fn lookups_take_the_last_of_twins_and_escaped_keys() {
        let text = br#"{"a":1,"\u0061":2,"b":null}"#;
        let index = Index::of(text);
        let root = Json::root(text, &index).expect("a value");
        assert_eq!(root.member("a").map(Json::raw), Some(&b"2"[..]));
        assert!(root.get(&["b", "a"]).is_some_and(Json::is_null));
        assert!(root.member("c").is_none());
    }

    #[test]
    fn trees_survive_what_serde_refuses() {
        let text = br#"{"a":"\ud800","b":[NaN,1],"c":{"d":1E400}}"#;
        let index = Index::of(text);
        let value = Json::root(text, &index).expect("a value").to_value();
        assert_eq!(value, serde_json::json!({"a":"\u{fffd}","b":[null,1],"c":{"d":null}}));
    }

    #[test]
    fn what_is_brief_is_whole_and_what_is_huge_is_cut() {
        let long = "b ".repeat(500);
        let text = format!(r#"{{"error":{{"code":500,"message":"{long}","{long}":[{}]}}}}"#, "0,".repeat(500) + "0");
        let index = Index::of(text.as_bytes());
        let root = Json::root(text.as_bytes(), &index).expect("a value");
        assert_eq!(root.to_brief(text.len()), root.to_value());
        let brief = root.to_brief(100);
        assert_eq!(brief["error"]["code"], 500);
        assert!(
            brief["error"]["message"].as_str().is_some_and(|m| m.starts_with("b b ") && m.ends_with('…')),
            "{brief}"
        );
        assert!(brief.to_string().len() < 200, "{brief}");
    }

    #[test]
    fn truth_is_a_scripts_truth() {
        for (text, truth) in [
            ("0", false),
            ("0.0", false),
            ("-0", false),
            ("1", true),
            ("\"\"", false),
            ("\"false\"", true),
            ("[]", false),
            ("[0]", true),
            ("{}", false),
            ("null", false),
            ("true", true),
            ("NaN", true),
        ] {
            let index = Index::of(text.as_bytes());
            assert_eq!(Json::root(text.as_bytes(), &index).map(Json::truthy), Some(truth), "{text}");
        }
    }
}
