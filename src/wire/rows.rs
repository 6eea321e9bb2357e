//! A body as rows for the raw view: pretty JSON with folds, long data elided; every row is a span, so any size is instant.

use super::b64;
use super::blob::Data;
use super::document::Document;
use super::index::{Kind, Node};
use super::json::Json;
use super::part::Content;
use super::reply::Reply;
use super::sse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Base64 longer than this is shown as its size, type and hash.
const LONG_DATA: usize = 96;
/// Other strings are shown up to this many characters.
const LONG_TEXT: usize = 1000;

/// Rows of text outside of JSON end here; a body can be fifty million empty lines.
const MOST_ROWS: usize = 1_000_000;
/// Long data that is told apart from prose by its hash.
const MOST_ELIDED: usize = 20_000;

/// Payload and node number.
pub type NodeId = (u32, u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// Text outside of JSON, by byte range of the body.
    Text {
        start: u32,
        end: u32,
    },
    Open(NodeId),
    Close(NodeId),
    Leaf(NodeId),
    Folded(NodeId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub kind: RowKind,
    pub depth: u16,
}

impl Row {
    /// The value the row belongs to.
    pub fn node(&self) -> Option<NodeId> {
        match self.kind {
            RowKind::Open(id) | RowKind::Close(id) | RowKind::Leaf(id) | RowKind::Folded(id) => Some(id),
            RowKind::Text { .. } => None,
        }
    }

    /// The node a fold key acts on.
    pub fn container(&self) -> Option<NodeId> {
        match self.kind {
            RowKind::Open(id) | RowKind::Close(id) | RowKind::Folded(id) => Some(id),
            RowKind::Leaf(_) | RowKind::Text { .. } => None,
        }
    }
}

/// What a piece of a row is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Key,
    Text,
    Number,
    Word,
    Punctuation,
    Note,
    Outside,
}

/// The rows of a document with some containers folded.
pub fn rows(document: &Document, body: &[u8], folded: &BTreeSet<NodeId>) -> Vec<Row> {
    let mut out = Vec::new();
    let mut shown_to = 0;
    for (number, payload) in document.payloads.iter().enumerate() {
        if let Some(offset) = payload.offset() {
            text_rows(body, shown_to..offset, &mut out);
            let end = payload.index.nodes.first().map_or(0, |n| n.span.end as usize);
            shown_to = offset + end;
        }
        json_rows(number as u32, &payload.index.nodes, folded, &mut out);
    }
    text_rows(body, shown_to..body.len(), &mut out);
    out
}

fn text_rows(body: &[u8], range: Range<usize>, out: &mut Vec<Row>) {
    let Some(text) = body.get(range.clone()) else { return };
    for line in sse::lines(text, 0) {
        if out.len() >= MOST_ROWS {
            // What is left is one row, of which the beginning is shown.
            let (start, end) = ((range.start + line.start) as u32, range.end as u32);
            out.push(Row { kind: RowKind::Text { start, end }, depth: 0 });
            return;
        }
        let trimmed = text[line.clone()].trim_ascii();
        // The framing of an event is one constant word: its rows would only repeat it.
        if !trimmed.is_empty() && trimmed != b"data:" {
            let kind = RowKind::Text { start: (range.start + line.start) as u32, end: (range.start + line.end) as u32 };
            out.push(Row { kind, depth: 0 });
        }
    }
}

fn json_rows(payload: u32, nodes: &[Node], folded: &BTreeSet<NodeId>, out: &mut Vec<Row>) {
    let mut open: Vec<u32> = Vec::new();
    let mut at = 0;
    while at < nodes.len() {
        while open.last().is_some_and(|&o| nodes[o as usize].next as usize <= at) {
            close(payload, nodes, &mut open, out);
        }
        let node = &nodes[at];
        let id = (payload, at as u32);
        let inside = node.next as usize - at - 1;
        let row = |kind| Row { kind, depth: node.depth };
        match node.kind {
            Kind::Object | Kind::Array if inside > 0 && folded.contains(&id) => {
                out.push(row(RowKind::Folded(id)));
                at = node.next as usize;
                continue;
            }
            Kind::Object | Kind::Array if inside > 0 => {
                out.push(row(RowKind::Open(id)));
                open.push(at as u32);
            }
            _ => out.push(row(RowKind::Leaf(id))),
        }
        at += 1;
    }
    while !open.is_empty() {
        close(payload, nodes, &mut open, out);
    }
}

fn close(payload: u32, nodes: &[Node], open: &mut Vec<u32>, out: &mut Vec<Row>) {
    if let Some(number) = open.pop() {
        out.push(Row { kind: RowKind::Close((payload, number)), depth: nodes[number as usize].depth });
    }
}

/// Long base64 strings of a reply (pictures, signatures) by node, with what they hold.
pub fn elisions(reply: &Reply, body: &[u8]) -> BTreeMap<NodeId, Data> {
    let mut known: BTreeMap<NodeId, Data> = BTreeMap::new();
    for part in &reply.parts {
        let Some(json) = reply.part_json(body, part) else { continue };
        // Each kind of data by its own field: an entry of an images body may have both.
        for content in &part.contents {
            let (field, blob) = match content {
                Content::InlineData(Some(blob)) => {
                    (json.get(&["inlineData", "inline_data"]).and_then(|inline| inline.member("data")), blob)
                }
                Content::OpenAiImage(blob) => (json.member("b64_json"), blob),
                _ => continue,
            };
            if let (Some(field), Some(data)) = (field.filter(|f| f.kind() == Kind::String), blob.data.clone()) {
                known.insert((part.place.payload as u32, field.node as u32), data);
            }
        }
    }
    for (number, payload) in reply.document.payloads.iter().enumerate() {
        let text = payload.text(body);
        let long = payload
            .index
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, n)| n.kind == Kind::String && n.span.len() > LONG_DATA && n.whole);
        for (node, _) in long {
            let id = (number as u32, node as u32);
            let json = Json { text, index: &payload.index, node };
            if known.len() >= MOST_ELIDED {
                return known;
            }
            if known.contains_key(&id) || !looks_like_base64(json.string_bytes()) {
                continue;
            }
            if let Some(bytes) = json.as_str().and_then(|text| b64::decode(text.as_bytes())) {
                known.insert(id, Data::of(&bytes));
            }
        }
    }
    known
}

fn looks_like_base64(text: &[u8]) -> bool {
    text.iter()
        .take(LONG_DATA)
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=' | b'\\'))
}

/// The text of one row in coloured pieces. Foreign: make it safe before it is drawn.
pub fn label(row: &Row, document: &Document, body: &[u8], elided: &BTreeMap<NodeId, Data>) -> Vec<(Token, String)> {
    let (id, closing) = match row.kind {
        RowKind::Text { start, end } => {
            let text = body.get(start as usize..end as usize).unwrap_or_default();
            return vec![(
                Token::Outside,
                String::from_utf8_lossy(&text[..text.len().min(4 * LONG_TEXT)]).into_owned(),
            )];
        }
        RowKind::Close(id) => (id, true),
        RowKind::Open(id) | RowKind::Leaf(id) | RowKind::Folded(id) => (id, false),
    };
    let Some(payload) = document.payloads.get(id.0 as usize) else { return vec![] };
    let json = Json { text: payload.text(body), index: &payload.index, node: id.1 as usize };
    let node = *json.node();
    let (opener, closer) = if node.kind == Kind::Array { ("[", "]") } else { ("{", "}") };
    let mut out = Vec::new();
    if !closing && !node.key.is_empty() {
        let key = node.key.of(json.text);
        let more = if key.len() > LONG_TEXT { "…" } else { "" };
        out.push((Token::Key, format!("{}{more}", lossy(key, LONG_TEXT))));
        out.push((Token::Punctuation, ": ".to_owned()));
    }
    let punctuation = |text: &str| (Token::Punctuation, text.to_owned());
    match row.kind {
        RowKind::Open(_) => out.push(punctuation(opener)),
        RowKind::Close(_) if node.whole => out.push(punctuation(closer)),
        RowKind::Close(_) => out.push((Token::Note, "⟨cut here⟩".to_owned())),
        RowKind::Folded(_) => {
            out.push(punctuation(&format!("{opener} … {closer}")));
            out.push((Token::Note, format!(" ⟨{} entries · {} B⟩", json.items().count(), node.span.len())));
        }
        _ => leaf(json, elided.get(&id), &mut out),
    }
    if node.whole && !matches!(row.kind, RowKind::Open(_)) && has_sibling_after(&payload.index.nodes, id.1 as usize) {
        out.push(punctuation(","));
    }
    out
}

/// All rows as indented text, for a comparison line by line.
pub fn plain(document: &Document, body: &[u8], rows: &[Row], elided: &BTreeMap<NodeId, Data>) -> Vec<String> {
    let line = |row: &Row| {
        let label = label(row, document, body, elided).into_iter().map(|(_, text)| text);
        std::iter::once("  ".repeat(usize::from(row.depth))).chain(label).collect()
    };
    rows.iter().map(line).collect()
}

fn has_sibling_after(nodes: &[Node], node: usize) -> bool {
    nodes.get(nodes[node].next as usize).is_some_and(|next| next.depth == nodes[node].depth && next.depth > 0)
}

fn leaf(json: Json, data: Option<&Data>, out: &mut Vec<(Token, String)>) {
    let raw = json.raw();
    let token = match json.kind() {
        Kind::String => Token::Text,
        Kind::Number => Token::Number,
        _ => Token::Word,
    };
    let whole = json.node().whole;
    match data {
        Some(data) if whole => {
            out.push((token, format!("\"{}…\"", lossy(json.string_bytes(), 16))));
            out.push((Token::Note, format!(" ⟨{}⟩", data_note(raw.len() - 2, data))));
        }
        _ if raw.len() > LONG_TEXT || long_run(raw) => {
            out.push((token, format!("{}…", lossy(raw, if long_run(raw) { 120 } else { LONG_TEXT }))));
            let what = if whole { "B in all" } else { "B arrived, then cut" };
            out.push((Token::Note, format!(" ⟨{} {what}⟩", raw.len())));
        }
        _ => {
            out.push((token, String::from_utf8_lossy(raw).into_owned()));
            if !whole {
                out.push((Token::Note, " ⟨cut here⟩".to_owned()));
            }
        }
    }
}

/// True when a string holds a long stretch without a space: data of some kind, not prose. Its beginning tells: it is drawn
/// with every frame, and may be as long as a body.
fn long_run(raw: &[u8]) -> bool {
    let raw = &raw[..raw.len().min(16 * LONG_TEXT)];
    raw.len() > 200 && raw.split(|b| *b == b' ').any(|word| word.len() > 200)
}

fn lossy(text: &[u8], chars: usize) -> String {
    let head = String::from_utf8_lossy(&text[..text.len().min(chars * 4)]);
    head.chars().take(chars).collect()
}

/// `1398104 ch · 1048576 B · image/png · sha256 9f2c4a1b`.
pub fn data_note(chars: usize, data: &Data) -> String {
    let kind = data.sniffed.unwrap_or("unknown type");
    let size = data.size.map_or_else(String::new, |(w, h)| format!(" {w}×{h}"));
    format!("b64 {chars} ch · {} B · {kind}{size} · sha256 {}", data.bytes, &data.sha256[..12])
}

/// The next row after `from` (round the end) whose own text holds `needle`, ASCII case ignored; elided data is skipped.
pub fn find(
    needle: &str,
    rows: &[Row],
    from: usize,
    backwards: bool,
    document: &Document,
    body: &[u8],
    elided: &BTreeMap<NodeId, Data>,
) -> Option<usize> {
    let pattern = regex::bytes::RegexBuilder::new(&regex::escape(needle)).case_insensitive(true).build().ok()?;
    let holds = |row: &Row| match row.kind {
        RowKind::Text { start, end } => pattern.is_match(body.get(start as usize..end as usize).unwrap_or_default()),
        RowKind::Close(_) => false,
        RowKind::Open(id) | RowKind::Leaf(id) | RowKind::Folded(id) => {
            let Some(payload) = document.payloads.get(id.0 as usize) else { return false };
            let (text, node) = (payload.text(body), &payload.index.nodes[id.1 as usize]);
            let value = matches!(row.kind, RowKind::Leaf(_)) && !elided.contains_key(&id);
            pattern.is_match(node.key.of(text)) || (value && pattern.is_match(node.span.of(text)))
        }
    };
    let count = rows.len();
    let step = |n: usize| if backwards { (from + 2 * count - n) % count } else { (from + n) % count };
    (1..=count).map(step).find(|&at| holds(&rows[at]))
}

#[cfg(test)]
mod tests {
    use super::super::reply::read;
    use super::*;

    fn shown(body: &str, folded: &[NodeId]) -> Vec<String> {
        let reply = read(body.as_bytes());
        let elided = elisions(&reply, body.as_bytes());
        let rows = rows(&reply.document, body.as_bytes(), &folded.iter().copied().collect());
        plain(&reply.document, body.as_bytes(), &rows, &elided)
    }

    #[test]
    fn pretty_rows_keep_the_bytes_of_values() {
        let rows = shown(r#"{"a":[1.10,1E400],"b":{},"c":"\u003c"}"#, &[]);
        assert_eq!(
            rows,
            ["{", "  \"a\": [", "    1.10,", "    1E400", "  ],", "  \"b\": {},", "  \"c\": \"\\u003c\"", "}"]
        );
    }

    #[test]
    fn folds_and_elisions() {
        let body = format!(r#"{{"a":[1,2],"sig":"{}"}}"#, "QUJD".repeat(50));
        let rows = shown(&body, &[(0, 1)]);
        assert_eq!(rows[1], "  \"a\": [ … ] ⟨2 entries · 5 B⟩,");
        assert!(
            rows[2].starts_with("  \"sig\": \"QUJDQUJDQUJDQUJD…\" ⟨b64 200 ch · 150 B · unknown type · sha256 "),
            "{}",
            rows[2]
        );
    }

    #[test]
    fn events_and_cut_bodies_have_rows_too() {
        assert_eq!(shown("event: x\ndata: {\"a\":1}\n\n", &[]), ["event: x", "{", "  \"a\": 1", "}"]);
        assert_eq!(shown("{\"a\":\"b", &[]), ["{", "  \"a\": \"b ⟨cut here⟩", "⟨cut here⟩"]);
        assert_eq!(shown("<html>\n hi", &[]), ["<html>", " hi"]);
    }

    #[test]
    fn search_goes_round_and_skips_data() {
        let body = br#"{"Alpha":"x","b":"alpha"}"#;
        let reply = read(body);
        let rows = rows(&reply.document, body, &BTreeSet::new());
        let next = |from, back| find("ALPHA", &rows, from, back, &reply.document, body, &BTreeMap::new());
        assert_eq!(
            (next(0, false), next(1, false), next(2, false), next(1, true)),
            (Some(1), Some(2), Some(1), Some(2))
        );
    }
}
