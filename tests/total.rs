//! Reading is total: no bytes make it panic, spans nest and stay inside, and a cut costs only what had not arrived whole.

use super::stage::{PICTURE, REFUSED};
use proptest::prelude::*;
use std::collections::BTreeSet;
use unpeel::wire::document::Payload;
use unpeel::wire::part::Part;
use unpeel::wire::reply::{self, Reply};
use unpeel::wire::verdict::{self, Ending};
use unpeel::wire::{report, rows};

/// Bodies of every framing, to be cut and twisted.
fn seeds() -> Vec<String> {
    let text = r#"{"candidates":[{"content":{"parts":[{"text":"one ![a](data:image/gif;base64,R0lGODlhAQABAAAAACw=)"},{"text":"tw\u00f6 \ud83e\udd8a","thought":true,"thoughtSignature":"QUJD"},{"functionCall":{"name":"f","args":{"x":[1.5e3,-0,null]}}}]},"finishReason":"STOP","index":0}],"modelVersion":"m"}"#;
    let error = r#"{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED","details":[{"@type":"x","retryDelay":"3s"}]}}"#;
    let openai = r#"{"created":1,"data":[{"b64_json":"R0lGODlhAQABAAAAACw="},{"url":"https://x.test/a.png"}]}"#;
    let snake = PICTURE.replace("inlineData", "inline_data").replace("mimeType", "mime_type");
    let html = "<!DOCTYPE html><html><title>Sign in</title></html>";
    let stream = format!(": hi\r\ndata: {text}\r\n\r\nevent: x\ndata: {PICTURE}\n\ndata: [DONE]\n\n");
    let array = format!("[{text},{PICTURE}]");
    let all = [PICTURE, REFUSED, text, error, openai, html, snake.as_str(), stream.as_str(), array.as_str()];
    all.map(str::to_owned).to_vec()
}

/// Does with a body everything that any view or command does.
fn look_at_everything(body: &[u8]) -> Reply {
    let reply = reply::read(body);
    let endings = [
        Ending::Complete,
        Ending::Cut("cut".to_owned()),
        Ending::TimedOut("late".to_owned()),
        Ending::Cancelled { sent: true },
    ];
    for (status, ending) in [None, Some(200), Some(429), Some(524)].into_iter().zip(&endings) {
        let verdict = verdict::judge(&reply, body, status, ending);
        assert!(!verdict.line().is_empty());
        report::report(&reply, &verdict);
    }
    let elided = rows::elisions(&reply, body);
    let open = rows::rows(&reply.document, body, &BTreeSet::new());
    let folded = open.iter().filter_map(rows::Row::container).collect();
    let closed = rows::rows(&reply.document, body, &folded);
    assert!(closed.len() <= open.len());
    for row in open.iter().chain(&closed) {
        rows::label(row, &reply.document, body, &elided);
    }
    for backwards in [false, true] {
        rows::find("a", &open, 0, backwards, &reply.document, body, &elided);
    }
    for picture in &reply.pictures {
        assert!(picture.part < reply.parts.len());
        assert_eq!(picture.bytes(&reply, body).map(|bytes| bytes.len()), picture.data.as_ref().map(|data| data.bytes));
    }
    reply.text(body);
    reply
}

/// Every value lies inside its container and after the value before it.
fn assert_nested(payload: &Payload, body: &[u8]) {
    let (index, text) = (&payload.index, payload.text(body));
    for (number, node) in index.nodes.iter().enumerate() {
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        assert!(start <= end && end <= text.len(), "{node:?}");
        assert!(number < node.next as usize && node.next as usize <= index.nodes.len(), "{node:?}");
        let mut free = start;
        for child in index.children(number).map(|child| &index.nodes[child]) {
            assert_eq!(child.depth, node.depth + 1);
            let first = if child.key.is_empty() { child.span.start } else { child.key.start };
            assert!(free <= first as usize && child.span.end as usize <= end, "{child:?} in {node:?}");
            free = child.span.end as usize;
        }
    }
}

/// Offset in the body at which a part is complete.
fn end_of(reply: &Reply, part: &Part) -> usize {
    let payload = &reply.document.payloads[part.place.payload];
    payload.offset().expect("seeds have no joined events") + payload.index.nodes[part.node].span.end as usize
}

/// A part without its place, which may differ in a cut body.
fn content(part: &Part) -> serde_json::Value {
    let mut row = report::part(part);
    if let Some(row) = row.as_object_mut() {
        row.remove("chunk");
    }
    row
}

#[test]
fn a_cut_body_keeps_every_part_that_was_whole() {
    for seed in seeds() {
        let whole = reply::read(seed.as_bytes());
        for cut in 0..=seed.len() {
            let body = &seed.as_bytes()[..cut];
            let reply = reply::read(body);
            let expected: Vec<_> = whole.parts.iter().filter(|part| end_of(&whole, part) <= cut).map(content).collect();
            let kept: Vec<_> = reply.parts.iter().filter(|part| part.whole).map(content).collect();
            assert_eq!(kept, expected, "{cut} bytes of {seed}");
        }
    }
}

/// A seed after some cuts, flips and splices.
fn twisted() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), 0..4_u8, any::<u8>(), proptest::sample::select(seeds()));
    let seed = proptest::sample::select(seeds());
    (seed, proptest::collection::vec(change, 1..6)).prop_map(|(seed, changes)| {
        let mut body = seed.into_bytes();
        for (at, what, byte, other) in changes {
            let at = at.index(body.len() + 1);
            match what {
                0 => body.truncate(at),
                1 => body.insert(at, byte),
                2 if at < body.len() => body[at] ^= byte | 1,
                _ => {
                    body.truncate(at);
                    body.extend_from_slice(&other.as_bytes()[at.min(other.len())..]);
                }
            }
        }
        body
    })
}

/// Pieces of replies in any order.
fn json_like() -> impl Strategy<Value = String> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\n",
        "\r",
        " ",
        "data: ",
        "null",
        "true",
        "1E400",
        "-0",
        "\"a\"",
        "\\ud83e",
        "\\u00",
        "{\"candidates\":[",
        "{\"content\":{\"parts\":[",
        "{\"text\":\"",
        "\"inlineData\":{\"data\":\"QUJD",
        "\"data\":[",
        "\"b64_json\":\"",
        "\"finishReason\":",
        "\"error\":{\"message\":",
        "\"response\":",
        "\u{feff}",
        "data:image/png;base64,",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_can_be_looked_at(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let reply = look_at_everything(&body);
        reply.document.payloads.iter().for_each(|payload| assert_nested(payload, &body));
    }

    #[test]
    fn any_json_like_text_can_be_looked_at(text in json_like()) {
        let reply = look_at_everything(text.as_bytes());
        reply.document.payloads.iter().for_each(|payload| assert_nested(payload, text.as_bytes()));
    }

    #[test]
    fn a_twisted_body_can_be_looked_at(body in twisted()) {
        let reply = look_at_everything(&body);
        reply.document.payloads.iter().for_each(|payload| assert_nested(payload, &body));
    }
}
