//! One pass over JSON text that yields a flat list of spans, and never fails: what was read before a fault stays.
//!
//! A body can be 25 MB with one string in it, so nothing is copied or built: a [`Node`] is 28 bytes that say where a
//! value stands. Everything else (the reader of parts, the raw view, exact copies) works on these spans.

use memchr::memchr2;

/// Containers nested deeper than this end the pass with [`FaultKind::TooDeep`].
pub const MAX_DEPTH: u16 = 994;

/// Values after which the pass ends with [`FaultKind::TooMany`]: a packed body of 100 KB can hold fifty million, and no
/// reply has a thousand. A [`Node`] is 28 bytes.
pub const MOST_NODES: usize = 500_000;

/// Whole numbers with more digits are data of another kind; common readers refuse them.
const MAX_DIGITS: usize = 4300;

/// Bytes `start..end` of the text that was indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    fn new(start: usize, end: usize) -> Self {
        Span { start: start as u32, end: end as u32 }
    }

    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The bytes of the span.
    pub fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}

/// One value: where it stands, how deep, and where its next sibling begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    pub kind: Kind,
    /// 0 for the outermost value.
    pub depth: u16,
    /// False when the text ended, or broke, inside this value.
    pub whole: bool,
    /// The key in an object, quotes included; empty otherwise.
    pub key: Span,
    /// The value, quotes or brackets included.
    pub span: Span,
    /// Index of the first node after this one and all that is inside it.
    pub next: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The text ended inside a value.
    Cut,
    /// A byte that cannot stand here.
    Unexpected,
    /// A control character inside a string, or an unknown escape: read all the same.
    Lax,
    /// Deeper than [`MAX_DEPTH`].
    TooDeep,
    /// More values than are read.
    TooMany,
}

impl FaultKind {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            FaultKind::Cut => "the text ends",
            FaultKind::Unexpected => "a character that cannot stand there",
            FaultKind::Lax => "a control character, an unknown escape or an endless number",
            FaultKind::TooDeep => "nested too deep",
            FaultKind::TooMany => "more values than are read",
        }
    }
}

/// Where the text left the grammar, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub at: usize,
    pub kind: FaultKind,
}

/// The spans of one JSON value (and, when something follows it, where that begins).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    pub nodes: Vec<Node>,
    /// The first departure from the grammar, if any.
    pub fault: Option<Fault>,
    /// Offset of the first byte after the value that is not white space.
    pub trailing: Option<usize>,
}

impl Index {
    /// Reads one value from the start of `text`, white space allowed on both sides.
    pub fn of(text: &[u8]) -> Index {
        Index::within(text, MOST_NODES)
    }

    /// The same with at most so many values.
    pub fn within(text: &[u8], most: usize) -> Index {
        let text = &text[..text.len().min(u32::MAX as usize)];
        let mut pass = Pass { text, at: 0, most, index: Index::default(), open: Vec::new() };
        pass.run();
        pass.index
    }

    /// True when the whole text is one value and keeps to the grammar.
    pub fn is_strict(&self) -> bool {
        self.fault.is_none() && self.trailing.is_none() && !self.nodes.is_empty()
    }

    /// True when not all of the text was read.
    pub fn is_full(&self) -> bool {
        self.fault.is_some_and(|f| f.kind == FaultKind::TooMany)
    }

    /// True when the text simply ended too early.
    pub fn is_cut(&self) -> bool {
        self.fault.is_some_and(|f| f.kind == FaultKind::Cut)
    }

    /// Children of a container, by node number.
    pub fn children(&self, parent: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.nodes.get(parent).map_or(0, |n| n.next as usize);
        let mut at = parent + 1;
        std::iter::from_fn(move || {
            let here = at;
            let node = self.nodes.get(here).filter(|_| here < end)?;
            at = node.next as usize;
            Some(here)
        })
    }
}

/// What may come next in the innermost open container.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Value,
    FirstOrClose,
    CommaOrClose,
}

struct Pass<'a> {
    text: &'a [u8],
    at: usize,
    most: usize,
    index: Index,
    open: Vec<u32>,
}

/// The pass cannot go on; the fault is already noted.
struct Stop;

impl Pass<'_> {
    fn run(&mut self) {
        self.space();
        if self.at >= self.text.len() {
            return;
        }
        let done = self.value_and_all_inside();
        if done.is_err() {
            self.close_all();
            return;
        }
        self.space();
        if self.at < self.text.len() {
            self.index.trailing = Some(self.at);
        }
    }

    fn value_and_all_inside(&mut self) -> Result<(), Stop> {
        let mut want = self.value(Span::default())?;
        while let Some(&parent) = self.open.last() {
            self.space();
            let object = self.index.nodes[parent as usize].kind == Kind::Object;
            let byte = self.peek()?;
            match (want, byte) {
                (Want::FirstOrClose | Want::CommaOrClose, b'}') if object => want = self.close(),
                (Want::FirstOrClose | Want::CommaOrClose, b']') if !object => want = self.close(),
                (Want::CommaOrClose, b',') => {
                    self.at += 1;
                    want = Want::Value;
                }
                (Want::CommaOrClose, _) => return Err(self.stop(FaultKind::Unexpected)),
                (Want::Value | Want::FirstOrClose, _) => {
                    let key = if object { self.key()? } else { Span::default() };
                    want = self.value(key)?;
                }
            }
        }
        Ok(())
    }

    fn key(&mut self) -> Result<Span, Stop> {
        if self.peek()? != b'"' {
            return Err(self.stop(FaultKind::Unexpected));
        }
        let start = self.at;
        self.string()?;
        let key = Span::new(start, self.at);
        self.space();
        if self.peek()? != b':' {
            return Err(self.stop(FaultKind::Unexpected));
        }
        self.at += 1;
        self.space();
        Ok(key)
    }

    /// Reads a scalar whole, or opens a container.
    fn value(&mut self, key: Span) -> Result<Want, Stop> {
        if self.index.nodes.len() >= self.most {
            return Err(self.stop(FaultKind::TooMany));
        }
        let start = self.at;
        let kind = match self.peek()? {
            b'{' => return self.open(Kind::Object, key),
            b'[' => return self.open(Kind::Array, key),
            b'"' => Kind::String,
            b't' => Kind::True,
            b'f' => Kind::False,
            b'n' => Kind::Null,
            b'-' | b'0'..=b'9' | b'N' | b'I' => Kind::Number,
            _ => return Err(self.stop(FaultKind::Unexpected)),
        };
        let read = match kind {
            Kind::String => self.string(),
            Kind::True => self.word(b"true"),
            Kind::False => self.word(b"false"),
            Kind::Null => self.word(b"null"),
            _ => self.number(),
        };
        let whole = read.is_ok();
        self.push(kind, key, Span::new(start, self.at), whole);
        read.map(|()| Want::CommaOrClose)
    }

    fn open(&mut self, kind: Kind, key: Span) -> Result<Want, Stop> {
        if self.open.len() >= MAX_DEPTH as usize {
            return Err(self.stop(FaultKind::TooDeep));
        }
        let number = self.index.nodes.len() as u32;
        self.push(kind, key, Span::new(self.at, self.at + 1), true);
        self.open.push(number);
        self.at += 1;
        Ok(Want::FirstOrClose)
    }

    fn close(&mut self) -> Want {
        self.at += 1;
        self.end_innermost(true);
        Want::CommaOrClose
    }

    fn end_innermost(&mut self, whole: bool) {
        let next = self.index.nodes.len() as u32;
        if let Some(number) = self.open.pop() {
            let node = &mut self.index.nodes[number as usize];
            node.span.end = self.at as u32;
            node.next = next;
            node.whole = whole;
        }
    }

    fn close_all(&mut self) {
        while !self.open.is_empty() {
            self.end_innermost(false);
        }
    }

    fn push(&mut self, kind: Kind, key: Span, span: Span, whole: bool) {
        let depth = self.open.len() as u16;
        let next = self.index.nodes.len() as u32 + 1;
        self.index.nodes.push(Node { kind, depth, whole, key, span, next });
    }

    /// From the opening quote to just after the closing one.
    fn string(&mut self) -> Result<(), Stop> {
        let start = self.at + 1;
        let mut from = start;
        loop {
            let Some(hit) = memchr2(b'"', b'\\', &self.text[from..]) else {
                self.check_controls(start, self.text.len());
                self.at = self.text.len();
                return Err(self.stop(FaultKind::Cut));
            };
            let hit = from + hit;
            if self.text[hit] == b'"' {
                self.check_controls(start, hit);
                self.at = hit + 1;
                return Ok(());
            }
            from = self.escape(hit)?;
        }
    }

    /// Checks one escape and returns the offset after it.
    fn escape(&mut self, at: usize) -> Result<usize, Stop> {
        let cut = |pass: &mut Self| {
            pass.at = pass.text.len();
            Err(pass.stop(FaultKind::Cut))
        };
        match self.text.get(at + 1) {
            None => cut(self),
            Some(b'u') => {
                let digits = self.text.get(at + 2..).unwrap_or_default();
                let four = &digits[..digits.len().min(4)];
                if four.iter().all(u8::is_ascii_hexdigit) {
                    return if four.len() == 4 { Ok(at + 6) } else { cut(self) };
                }
                self.lax(at);
                Ok(at + 2)
            }
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
            Some(_) => {
                self.lax(at);
                Ok(at + 2)
            }
        }
    }

    fn check_controls(&mut self, start: usize, end: usize) {
        let inside = &self.text[start..end];
        // A fold the compiler can vectorise: a search with an early exit reads 25 MB byte by byte.
        if inside.iter().fold(u8::MAX, |low, &b| low.min(b)) < 0x20
            && let Some(first) = inside.iter().position(|&b| b < 0x20)
        {
            self.lax(start + first);
        }
    }

    fn number(&mut self) -> Result<(), Stop> {
        let rest = &self.text[self.at..];
        for word in [&b"NaN"[..], b"Infinity", b"-Infinity"] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(());
            }
            if !rest.is_empty() && rest.len() < word.len() && word.starts_with(rest) && rest != b"-" {
                self.at = self.text.len();
                return Err(self.stop(FaultKind::Cut));
            }
        }
        let mut at = usize::from(rest.first() == Some(&b'-'));
        let integer = at;
        match rest.get(at) {
            Some(b'0') => at += 1,
            Some(b'1'..=b'9') => at += digits(&rest[at..]),
            Some(_) => return Err(self.stop(FaultKind::Unexpected)),
            None => {
                self.at = self.text.len();
                return Err(self.stop(FaultKind::Cut));
            }
        }
        if rest.get(at) == Some(&b'.') && digits(&rest[at + 1..]) > 0 {
            at += 1 + digits(&rest[at + 1..]);
        }
        if let Some(b'e' | b'E') = rest.get(at) {
            let sign = usize::from(matches!(rest.get(at + 1), Some(b'+' | b'-')));
            let power = digits(rest.get(at + 1 + sign..).unwrap_or_default());
            at += if power > 0 { 1 + sign + power } else { 0 };
        }
        if at - integer > MAX_DIGITS && rest[integer..at].iter().all(u8::is_ascii_digit) {
            self.lax(self.at);
        }
        self.at += at;
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Stop> {
        let rest = &self.text[self.at..];
        if rest.starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        if word.starts_with(rest) {
            self.at = self.text.len();
            return Err(self.stop(FaultKind::Cut));
        }
        Err(self.stop(FaultKind::Unexpected))
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Result<u8, Stop> {
        match self.text.get(self.at) {
            Some(&byte) => Ok(byte),
            None => Err(self.stop(FaultKind::Cut)),
        }
    }

    fn lax(&mut self, at: usize) {
        self.index.fault.get_or_insert(Fault { at, kind: FaultKind::Lax });
    }

    fn stop(&mut self, kind: FaultKind) -> Stop {
        // A fault that ends the pass outweighs one that was read over.
        if self.index.fault.is_none_or(|f| f.kind == FaultKind::Lax) {
            self.index.fault = Some(Fault { at: self.at, kind });
        }
        Stop
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, u16)> {
        Index::of(text.as_bytes()).nodes.iter().map(|n| (n.kind, n.depth)).collect()
    }

    #[test]
    fn values_stand_in_order_with_their_depth() {
        use Kind::*;
        let text = r#"{"a":[1,"x",{"b":null}],"c":true}"#;
        assert_eq!(kinds(text), [(Object, 0), (Array, 1), (Number, 2), (String, 2), (Object, 2), (Null, 3), (True, 1)]);
        let index = Index::of(text.as_bytes());
        assert!(index.is_strict());
        assert_eq!(index.children(0).collect::<Vec<_>>(), [1, 6]);
        assert_eq!(index.nodes[1].key.of(text.as_bytes()), b"\"a\"");
        assert_eq!(index.nodes[1].span.of(text.as_bytes()), br#"[1,"x",{"b":null}]"#);
    }

    #[test]
    fn a_cut_body_keeps_what_was_whole() {
        for text in [r#"{"a":"whole","b":"cu"#, r#"{"a":"whole","b":tr"#, r#"{"a":"whole","#, r#"{"a":"whole","b\u00"#]
        {
            let index = Index::of(text.as_bytes());
            assert!(index.is_cut(), "{text}");
            assert!(!index.nodes[0].whole && index.nodes[1].whole, "{text}");
        }
    }

    #[test]
    fn faults_are_named() {
        use FaultKind::*;
        let table = [
            ("{\"a\" 1}", Unexpected),
            ("[1,]", Unexpected),
            ("[01]", Unexpected),
            ("\"\\x\"", Lax),
            ("\"a\nb\"", Lax),
            ("[1.]", Unexpected),
            ("[", Cut),
        ];
        for (text, kind) in table {
            assert_eq!(Index::of(text.as_bytes()).fault.map(|f| f.kind), Some(kind), "{text}");
        }
        let deep = "[".repeat(200_000);
        assert_eq!(Index::of(deep.as_bytes()).fault.map(|f| f.kind), Some(TooDeep));
    }

    #[test]
    fn what_follows_the_value_is_found() {
        assert_eq!(Index::of(b"{} {}").trailing, Some(3));
        assert_eq!(Index::of(b" {} \n").trailing, None);
    }
}
