//! How a body is framed: one JSON value, an array of them, server-sent events, or something else; with every span.

use super::index::{Index, MOST_NODES};
use super::sse;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    Json,
    JsonArray,
    Sse,
    BrokenJson,
    Html,
    Text,
    Empty,
}

/// Where the text of a payload is: in the body, or put together from several lines of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Body(Range<usize>),
    Joined(Vec<u8>),
}

/// One JSON text of the body (the whole body, or the data of one event).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    pub source: Source,
    pub index: Index,
}

impl Payload {
    fn new(source: Source, body: &[u8]) -> Self {
        Payload::within(source, body, MOST_NODES)
    }

    fn within(source: Source, body: &[u8], most: usize) -> Self {
        let index = Index::within(text_of(&source, body), most);
        Payload { source, index }
    }

    pub fn text<'a>(&'a self, body: &'a [u8]) -> &'a [u8] {
        text_of(&self.source, body)
    }

    /// Offset of the payload's first byte in the body; `None` when it was put together.
    pub fn offset(&self) -> Option<usize> {
        match &self.source {
            Source::Body(range) => Some(range.start),
            Source::Joined(_) => None,
        }
    }
}

fn text_of<'a>(source: &'a Source, body: &'a [u8]) -> &'a [u8] {
    match source {
        Source::Body(range) => body.get(range.clone()).unwrap_or_default(),
        Source::Joined(bytes) => bytes,
    }
}

/// The framing of a body, with remarks on what was odd about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub format: Format,
    pub payloads: Vec<Payload>,
    pub notes: Vec<String>,
    /// The body ended inside a value or inside an event.
    pub cut: bool,
}

impl Document {
    /// Looks at the body; never fails.
    pub fn of(body: &[u8]) -> Document {
        if body.iter().all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)) {
            return Document { format: Format::Empty, payloads: vec![], notes: vec![], cut: false };
        }
        let head = head_of(body);
        if head == body.len() {
            // A byte order mark and nothing more.
            return broken(Payload::new(Source::Body(head..head), body));
        }
        if matches!(body.get(head), Some(b'{' | b'[')) {
            let payload = Payload::new(Source::Body(head..body.len()), body);
            if payload.index.is_strict() {
                let format = if body[head] == b'[' { Format::JsonArray } else { Format::Json };
                return Document { format, payloads: vec![payload], notes: vec![], cut: false };
            }
            return match sse::has_data_line(body) {
                true => events(body),
                false => broken(payload),
            };
        }
        if sse::has_data_line(body) {
            return events(body);
        }
        let format = if looks_like_html(&body[head..]) { Format::Html } else { Format::Text };
        Document { format, payloads: vec![], notes: vec![], cut: false }
    }
}

/// Offset after byte order marks and white space.
fn head_of(body: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match &body[at..] {
            [0xef, 0xbb, 0xbf, ..] => at += 3,
            [b' ' | b'\t' | b'\r' | b'\n', ..] => at += 1,
            _ => return at,
        }
    }
}

fn broken(payload: Payload) -> Document {
    let index = &payload.index;
    let cut = index.is_cut();
    let mut notes = Vec::new();
    match index.fault {
        Some(fault) if index.is_full() => {
            notes.push(format!("more than {MOST_NODES} values; what follows byte {} was not read", fault.at));
        }
        Some(fault) if cut => notes.push(format!("the JSON ends too early, at byte {}", fault.at)),
        Some(fault) => notes.push(format!("not valid JSON at byte {}: {}", fault.at, fault.kind.words())),
        None => {}
    }
    if let Some(at) = index.trailing {
        notes.push(format!("something follows the JSON value, at byte {at}; the first value was read"));
    }
    Document { format: Format::BrokenJson, payloads: vec![payload], notes, cut }
}

fn events(body: &[u8]) -> Document {
    let stream = sse::split(body);
    let is_end = |source: &Source| sse::trim(text_of(source, body)) == b"[DONE]";
    let all = stream.events.len();
    let mut left = MOST_NODES;
    let mut payloads: Vec<Payload> = Vec::new();
    for source in stream.events.into_iter().filter(|source| !is_end(source)) {
        let payload = Payload::within(source, body, left);
        left -= payload.index.nodes.len().min(left);
        payloads.push(payload);
    }
    let mut notes = Vec::new();
    if payloads.len() < all {
        notes.push("the stream ends with [DONE]".to_owned());
    }
    if stream.more {
        notes.push(format!("more than {} events; the rest was not read", sse::MOST_EVENTS));
    }
    if left == 0 {
        notes.push(format!("more than {MOST_NODES} values in the events; the rest was not read"));
    }
    let broken = payloads.iter().filter(|payload| !payload.index.is_strict()).count();
    if broken > 0 {
        notes.push(format!("{broken} of {} events not valid JSON", payloads.len()));
    }
    let cut = stream.unterminated && payloads.last().is_some_and(|p| p.index.is_cut());
    if let Some(outside) = stream.outside {
        let payload = Payload::new(outside, body);
        if payload.index.is_strict() {
            notes.push("JSON outside the event framing".to_owned());
            payloads.push(payload);
        } else {
            notes.push("text outside the event framing".to_owned());
        }
    }
    Document { format: Format::Sse, payloads, notes, cut }
}

fn looks_like_html(head: &[u8]) -> bool {
    let start = sse::trim(&head[..head.len().min(4096)]);
    ["<!doctype", "<html", "<head", "<title", "<center"]
        .iter()
        .any(|tag| start.get(..tag.len()).is_some_and(|s| s.eq_ignore_ascii_case(tag.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_seen_not_believed() {
        for (body, format) in [
            (&b" \r\n"[..], Format::Empty),
            (b"\xef\xbb\xbf {\"a\":1}", Format::Json),
            (b"[{}]", Format::JsonArray),
            (b"{\"a\":", Format::BrokenJson),
            (b"{} {}", Format::BrokenJson),
            (b"data: {}\n\n", Format::Sse),
            (b": hello\r\ndata:{}\r\n\r\n", Format::Sse),
            (b"\n <!DOCTYPE html>", Format::Html),
            (b"upstream gone", Format::Text),
            (b"\xff\xfe\0", Format::Text),
        ] {
            assert_eq!(Document::of(body).format, format, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_cut_is_told_from_a_break() {
        assert!(Document::of(b"{\"a\":\"x").cut);
        assert!(!Document::of(b"{\"a\" 1}").cut);
        assert!(Document::of(b"data: {\"a\":\"x").cut);
    }
}
