//! Streams of events: spans in order and inside, and one meaning whatever the line ends.

use crate::seeds;
use crate::target::{Target, rough, signature};
use std::ops::Range;
use unpeel::wire::document::{Document, Format, Source};
use unpeel::wire::sse::{self, Stream};

pub const TARGET: Target = Target { name: "sse", seeds, adapt: seeds::whole, words: WORDS, run };

const WORDS: &[&str] = &[
    "data:",
    "data: ",
    "\ndata: ",
    "event: x\n",
    "id: 1\n",
    "retry: 5\n",
    ": hi\n",
    "\n\n",
    "\r\r",
    "\r\n\r\n",
    "\r",
    "[DONE]",
    "{}",
    "{\"a\":1}",
    "{\"error\":",
    "\u{feff}",
    "data",
    "\u{2028}",
];

fn seeds() -> Vec<Vec<u8>> {
    seeds::of([
        "data: {\"candidates\":[]}\n\ndata: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\n\ndata: [DONE]\n\n",
        "\u{feff}: hi\r\nevent: x\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\ndata:2\r\n\r\n",
        "data: 1\r\rdata: 2\r",
        "data: 1\n\n{\"error\":\n {\"message\":\"m\"}}\ndata: {\"cut\":",
        "{\"error\":1}\ndata: {}\n\n",
    ])
}

fn run(body: &[u8]) -> Vec<u64> {
    let lines: Vec<&[u8]> = in_order(sse::lines(body, 0), body);
    let stream = sse::split(body);
    in_order(stream.events.iter().filter_map(of_body), body);
    let meant = meaning(&stream, body);
    for end in ["\n", "\r\n", "\r"] {
        let other = with_ends(&lines, end);
        assert!(meaning(&sse::split(&other), &other) == meant, "other events with the line end {end:?}");
    }
    let (lf, crlf) = (with_ends(&lines, "\n"), with_ends(&lines, "\r\n"));
    let starts = |field: &[u8]| lines.iter().any(|line| line.starts_with(field));
    assert!(sse::has_data_line(&lf) == starts(b"data:"), "a data line that only one of two readers sees");
    assert!(framing(&Document::of(&lf)) == framing(&Document::of(&crlf)), "another framing with CRLF");

    let document = Document::of(body);
    assert!(document.payloads.iter().all(|payload| payload.text(body).len() <= body.len()));
    let has = |byte: u8| body.contains(&byte);
    let joined = stream.events.iter().filter(|event| of_body(event).is_none()).count();
    let broken = document.payloads.iter().filter(|payload| !payload.index.is_strict()).count();
    let outside = stream.outside.as_ref().map(|outside| of_body(outside).is_none());
    let events = (rough(stream.events.len()), rough(joined), stream.unterminated, outside);
    let payloads = (rough(document.payloads.len()), rough(broken), document.cut, document.notes.len());
    let fields = [starts(b"event:"), starts(b"id:"), starts(b"retry:"), starts(b":"), starts(b"\xef\xbb\xbf")];
    let format = document.format as u8;
    vec![
        signature((format, events, has(b'\r'))),
        signature((format, payloads)),
        signature((format, fields, has(b'\r'))),
    ]
}

/// The bytes of spans that must be in order and inside.
fn in_order(spans: impl Iterator<Item = Range<usize>>, body: &[u8]) -> Vec<&[u8]> {
    let mut free = 0;
    let mut all = Vec::new();
    for span in spans {
        assert!(free <= span.start && span.start <= span.end && span.end <= body.len(), "{span:?} after {free}");
        free = span.end;
        let line = &body[span];
        assert!(!line.contains(&b'\n') && !line.contains(&b'\r'), "a line end inside a line");
        all.push(line);
    }
    all
}

fn of_body(source: &Source) -> Option<Range<usize>> {
    match source {
        Source::Body(range) => Some(range.clone()),
        Source::Joined(_) => None,
    }
}

/// What a stream says, without where it stands.
fn meaning(stream: &Stream, body: &[u8]) -> (Vec<Vec<u8>>, Option<Vec<u8>>, bool) {
    let bytes = |source: &Source| match source {
        Source::Body(range) => body[range.clone()].to_vec(),
        Source::Joined(bytes) => bytes.clone(),
    };
    (stream.events.iter().map(bytes).collect(), stream.outside.as_ref().map(bytes), stream.unterminated)
}

fn with_ends(lines: &[&[u8]], end: &str) -> Vec<u8> {
    lines.iter().flat_map(|line| [*line, end.as_bytes()]).collect::<Vec<_>>().concat()
}

fn framing(document: &Document) -> (bool, usize) {
    (document.format == Format::Sse, document.payloads.len())
}
