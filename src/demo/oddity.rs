//! Replies that no file of scenes can hold: not text, not of a sensible size, or made of the request's own secret.

use super::bomb;
use super::bulk::Bulk;
use super::echo;
use super::page::Page;
use super::shape::Shape;
use serde::Deserialize;

/// How deep the nest is: so many brackets, so many times.
const NEST: usize = 1_000;
const NESTS: u64 = 200;
/// The long text: so many bytes, so many times.
const STRETCH: usize = 60_000;
const STRETCHES: u64 = 5_000;

const TEXT_BEGINS: &str = r#"{"candidates":[{"content":{"parts":[{"text":""#;
const TEXT_ENDS: &str = r#""}],"role":"model"},"finishReason":"STOP","index":0}]}"#;

/// Halves of surrogate pairs, then bytes that are no UTF-8: C1 controls of 8-bit terminals, bytes that never occur, ESC
/// written too long, half of a pair, a beginning without its rest.
const BAD_TEXT: &[u8] = b"halves \\ud800 \\udc9b \\udbff\\ud800 and bytes \x9b2J \x9d0;owned\x9c \xff\xfe \xc0\x9b \
    \xed\xa0\x80 \xf5\x80\x80\x80 \xe2\x80 to the end";

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Oddity {
    /// A text whose bytes are not UTF-8, with lone halves of surrogate pairs.
    BadText,
    /// A text of 300 MB.
    LongText,
    /// An array in an array, and so on.
    DeepNest,
    /// 10 GB, packed.
    GzipBomb,
    /// A refusal that repeats the key.
    KeyEcho,
}

impl Oddity {
    /// The reply to a request with this key. Large bodies are made while they are sent.
    pub fn page(self, shape: Shape, key: &str, request_id: &str) -> Page {
        match self {
            Oddity::BadText => spoken(shape, BAD_TEXT.to_vec(), 1),
            Oddity::LongText => spoken(shape, vec![b'a'; STRETCH], STRETCHES),
            Oddity::DeepNest => Page::new(200, Some(shape.kind()), nest()),
            Oddity::GzipBomb => Page { gzip: true, ..Page::new(200, Some(shape.kind()), bomb::gzip()) },
            Oddity::KeyEcho => echo::page(key, request_id),
        }
    }
}

fn nest() -> Bulk {
    Bulk::default().with("[".repeat(NEST), NESTS).with("]".repeat(NEST), NESTS)
}

/// A text part, whole in one message.
fn spoken(shape: Shape, text: Vec<u8>, times: u64) -> Page {
    let (before, after) = shape.frame();
    let body = Bulk::default().with(before, 1).with(TEXT_BEGINS, 1).with(text, times).with(TEXT_ENDS, 1).with(after, 1);
    Page::new(200, Some(shape.kind()), body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::reply;

    fn body(page: Page) -> Vec<u8> {
        let (mut bulk, mut body) = (page.body, Vec::new());
        while let Some(bytes) = bulk.next_bytes(usize::MAX) {
            body.extend_from_slice(&bytes);
        }
        body
    }

    #[test]
    fn bad_text_is_a_whole_reply_in_every_shape() {
        for shape in [Shape::Unary, Shape::Sse, Shape::Array] {
            let body = body(Oddity::BadText.page(shape, "", ""));
            assert!(std::str::from_utf8(&body).is_err());
            let read = reply::read(&body);
            assert_eq!((read.parts.len(), read.finish.len(), read.document.cut), (1, 1, false), "{shape:?}");
            assert!(read.text(&body).ends_with("to the end"));
        }
    }

    #[test]
    fn large_bodies_are_not_held() {
        let long = Oddity::LongText.page(Shape::Unary, "", "").body;
        assert_eq!(long.length(), 300_000_001 + (TEXT_BEGINS.len() + TEXT_ENDS.len()) as u64);
        assert_eq!(body(Oddity::DeepNest.page(Shape::Unary, "", "")).len(), 400_000);
    }
}
