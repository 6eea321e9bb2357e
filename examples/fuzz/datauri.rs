//! Pictures wrapped in text: spans inside the text, and the same pictures when the text comes in parts.

use crate::seeds;
use crate::target::{Target, chance, rough, signature};
use fastrand::Rng;
use serde_json::{Value, json};
use unpeel::wire::b64;
use unpeel::wire::embedded::{self, Embedded, Uri};
use unpeel::wire::picture;
use unpeel::wire::reply;

pub const TARGET: Target = Target { name: "datauri", seeds, adapt: texts, words: WORDS, run };

/// The reader stops at so many pictures.
const MOST_PICTURES: usize = 1000;

const WORDS: &[&str] = &[
    "data:image/png;base64,",
    "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
    "data:image/svg+xml;x=1;base64,",
    "data:image/",
    ";base64,",
    ";;",
    "%2B",
    "%2F",
    "%3D",
    "%3d%3D",
    "%0A",
    "%+1",
    "%",
    "=",
    "==",
    "![a](",
    "](",
    ")",
    "<https://x.test/a>",
    " \"title\")",
    "https://x.test/a.png",
    "http://",
    "\u{1c}",
    "\u{a0}",
    "\u{1f98a}",
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==",
];

fn seeds() -> Vec<Vec<u8>> {
    seeds::of([
        "see ![a b](https://x.test/a.png \"t\") and data:image/gif;x=1;base64,R0lGODlhAQABAAAAACw=) (https://y.test).",
        "![i](data:image/gif;base64,R0lGODlhAQABAAAAACw=)![j](<data:image/gif;base64,R0lGODlhAQABAAAAACw=>)",
        "data:image/gif;base64,R0lGODlhAQABAAAAACw%3D and data:image/png;base64,iVBORw0KGgo%2B%2f",
        "data:image/gif;base64,R0lGODlhAQABAAAAACwdata:image/gif;base64,R0lGODlhAQABAAAAADs",
        "https://x.test/a.webp?x=1#y",
        "data:image/png,abc data:text/plain;base64,QUJD",
    ])
}

/// The whole file, and the text of the reply that it may be.
fn texts(file: &[u8]) -> Vec<Vec<u8>> {
    vec![file.to_vec(), reply::read(file).text(file).into_bytes()]
}

fn run(input: &[u8]) -> Vec<u64> {
    let text = String::from_utf8_lossy(input);
    let found = embedded::find(&text);
    let whole = embedded::joined_uris(&text, &[text.len()]);
    in_order(&whole, &text);
    let ends = ends(&text, &whole, &mut chance(input));
    let parted = embedded::joined_uris(&text, &ends);
    in_order(&parted, &text);
    let pictures: Vec<Vec<u8>> = parted.iter().filter_map(|uri| decoded(&text, uri)).collect();
    comes_in_parts(&text, &ends, &pictures);
    let bytes = text.as_bytes();
    assert!(embedded::percent_decode(bytes) == percent_decoded(bytes), "percent escapes are undone otherwise");

    let count = |test: fn(&Embedded) -> bool| rough(found.iter().filter(|what| test(what)).count());
    let kinds = [
        count(|what| matches!(what, Embedded::DataUri(blob) if blob.data.is_some())),
        count(|what| matches!(what, Embedded::DataUri(blob) if blob.data.is_none())),
        count(|what| matches!(what, Embedded::MarkdownUrl { .. })),
        count(|what| matches!(what, Embedded::BareUrl { url } if embedded::looks_like_picture(url))),
        count(|what| matches!(what, Embedded::BareUrl { url } if !embedded::looks_like_picture(url))),
    ];
    let inside = ends.iter().any(|end| whole.iter().any(|uri| uri.data.contains(end)));
    let escaped = whole.iter().any(|uri| text[uri.data.clone()].contains('%'));
    let uris = (rough(whole.len()), rough(parted.len()), rough(pictures.len()));
    vec![signature(("kinds", kinds)), signature(("parts", uris, rough(ends.len()), inside, escaped))]
}

fn in_order(uris: &[Uri], text: &str) {
    let mut free = 0;
    for uri in uris {
        let (mime, data) = (&uri.mime, &uri.data);
        assert!(free <= uri.start && uri.start < mime.start && mime.start < mime.end, "{uri:?} after {free}");
        assert!(mime.end < data.start && data.start < data.end && data.end <= text.len(), "{uri:?} in {}", text.len());
        assert!(text[uri.start..].starts_with("data:image/") && text[mime.clone()].starts_with("image/"), "{uri:?}");
        assert!(text[..data.start].ends_with(";base64,") && text[data.clone()].is_ascii(), "{uri:?}");
        free = data.end;
    }
}

/// Where parts of the text end, the last one at its end: anywhere, and inside the URIs.
fn ends(text: &str, uris: &[Uri], chance: &mut Rng) -> Vec<usize> {
    let mut ends = vec![text.len()];
    for _ in 0..chance.usize(..6) {
        let anywhere = chance.usize(..=text.len());
        let inside = chance.choice(uris).map_or(anywhere, |uri| uri.start + anywhere % (uri.data.end - uri.start));
        let at = if chance.bool() { anywhere } else { inside };
        ends.extend((0..=at).rev().find(|at| text.is_char_boundary(*at)));
    }
    ends.sort_unstable();
    ends
}

fn decoded(text: &str, uri: &Uri) -> Option<Vec<u8>> {
    let data = percent_decoded(&text.as_bytes()[uri.data.clone()]);
    b64::decode(&data).filter(|bytes| !bytes.is_empty())
}

/// A reply whose parts are joined to the text has the same pictures.
fn comes_in_parts(text: &str, ends: &[usize], pictures: &[Vec<u8>]) {
    let starts = std::iter::once(&0).chain(ends);
    let parts: Vec<Value> = starts.zip(ends).map(|(start, end)| json!({"text": &text[*start..*end]})).collect();
    let body = json!({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}).to_string();
    let reply = reply::read(body.as_bytes());
    if reply.pictures.len() < MOST_PICTURES {
        let wrapped = reply.pictures.iter().filter(|found| found.from == picture::From::DataUri);
        let read: Vec<Vec<u8>> = wrapped.take(50).filter_map(|found| found.bytes(&reply, body.as_bytes())).collect();
        assert!(read == pictures[..pictures.len().min(50)], "{} of {} pictures", read.len(), pictures.len());
    }
}

/// The same as the library's, written once more.
fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let code = digit(at + 1).zip(digit(at + 2)).filter(|_| byte == b'%');
        out.push(code.map_or(byte, |(high, low)| (high * 16 + low) as u8));
        at += if code.is_some() { 3 } else { 1 };
    }
    out
}
