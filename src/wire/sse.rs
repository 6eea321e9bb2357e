//! Server-sent events by the WHATWG rules: any line end, comments, several data lines in one event, text outside of it.

use super::document::Source;
use std::ops::Range;

/// The data of each event in order, and what stood outside the framing.
pub struct Stream {
    pub events: Vec<Source>,
    /// Lines that belong to no field, joined; some servers put a bare JSON error there.
    pub outside: Option<Source>,
    /// The body ended without the empty line that ends an event.
    pub unterminated: bool,
    /// There are more events than [`MOST_EVENTS`].
    pub more: bool,
}

/// Bytes outside the framing that are looked at: room for an error that stands there bare.
const MOST_OUTSIDE: usize = 1 << 20;
/// Events of one stream; no real one has a thousand.
pub const MOST_EVENTS: usize = 50_000;

/// True when some line begins with `data:`.
pub fn has_data_line(body: &[u8]) -> bool {
    memchr::memmem::find_iter(body, b"data:").any(|at| at == 0 || body[at - 1] == b'\n')
}

/// Cuts a body into events.
pub fn split(body: &[u8]) -> Stream {
    let marks = body.chunks_exact(3).take_while(|three| three == b"\xef\xbb\xbf").count();
    let start = 3 * marks;
    let mut events = Vec::new();
    let (mut data, mut outside) = (Lines::default(), Lines::default());
    let mut more = false;
    for line in lines(body, start) {
        let text = &body[line.clone()];
        if text.is_empty() {
            events.extend(std::mem::take(&mut data).join());
            more = events.len() >= MOST_EVENTS;
            if more {
                break;
            }
        } else if let Some(value) = text.strip_prefix(b"data:") {
            let space = usize::from(value.first() == Some(&b' '));
            data.push(body, line.end - value.len() + space..line.end);
        } else if !is_ignored_field(text) && outside.joined.len() < MOST_OUTSIDE {
            outside.push(body, line);
        }
    }
    let last = data.join();
    let unterminated = last.is_some();
    events.extend(last);
    let outside = outside.join().map(|source| trimmed(source, body));
    Stream { events, outside, unterminated, more }
}

/// Without white space at both ends, in its widest sense.
pub fn trim(text: &[u8]) -> &[u8] {
    let Ok(text) = std::str::from_utf8(text) else { return text.trim_ascii() };
    text.trim_matches(super::b64::is_space).as_bytes()
}

fn trimmed(source: Source, body: &[u8]) -> Source {
    match source {
        Source::Joined(bytes) => Source::Joined(trim(&bytes).to_vec()),
        Source::Body(range) => {
            let text = &body[range.clone()];
            let kept = trim(text);
            let start = range.start + (kept.as_ptr() as usize - text.as_ptr() as usize);
            Source::Body(start..start + kept.len())
        }
    }
}

fn is_ignored_field(line: &[u8]) -> bool {
    line[0] == b':' || [&b"event:"[..], b"id:", b"retry:"].iter().any(|field| line.starts_with(field))
}

/// Lines that belong together: the first one where it stands, several as a text of their own.
#[derive(Default)]
struct Lines {
    first: Option<Range<usize>>,
    /// All of them from the second on, empty before.
    joined: Vec<u8>,
}

impl Lines {
    fn push(&mut self, body: &[u8], line: Range<usize>) {
        let Some(first) = &self.first else {
            self.first = Some(line);
            return;
        };
        if self.joined.is_empty() {
            self.joined.extend_from_slice(&body[first.clone()]);
        }
        self.joined.push(b'\n');
        self.joined.extend_from_slice(&body[line]);
    }

    fn join(self) -> Option<Source> {
        let first = self.first?;
        Some(if self.joined.is_empty() { Source::Body(first) } else { Source::Joined(self.joined) })
    }
}

/// Lines ended by CRLF, LF or a lone CR.
pub fn lines(body: &[u8], start: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = Some(start);
    std::iter::from_fn(move || {
        let from = at?;
        let Some(hit) = memchr::memchr2(b'\n', b'\r', &body[from..]) else {
            at = None;
            return (from < body.len()).then_some(from..body.len());
        };
        let end = from + hit;
        let width = if body[end..].starts_with(b"\r\n") { 2 } else { 1 };
        at = Some(end + width);
        Some(from..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(body: &str) -> Vec<String> {
        let text = |source: Source| match source {
            Source::Body(range) => body[range].to_owned(),
            Source::Joined(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        };
        split(body.as_bytes()).events.into_iter().map(text).collect()
    }

    #[test]
    fn every_line_end_and_comment() {
        for end in ["\n", "\r\n", "\r"] {
            let body = [": hi", "event: x", "data: {\"a\":", "data: 1}", "", "data:2", "", ""].join(end);
            assert_eq!(texts(&body), ["{\"a\":\n1}", "2"], "{end:?}");
        }
    }

    #[test]
    fn what_is_outside_and_what_is_unfinished() {
        let stream = split(b"data: 1\n\n{\"error\":\n {}}\ndata: 2");
        assert!(stream.unterminated);
        assert_eq!(stream.outside, Some(Source::Joined(b"{\"error\":\n {}}".to_vec())));
        assert_eq!(stream.events.len(), 2);
    }
}
