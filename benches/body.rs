//! What a large reply costs: one picture in a body of 1, 10 and 25 MB, step by step as a finished call takes them.

use divan::Bencher;
use divan::counter::BytesCount;
use std::collections::BTreeSet;
use std::hint::black_box;
use unpeel::call::Reading;
use unpeel::wire::blob::Data;
use unpeel::wire::index::Index;
use unpeel::wire::{b64, reply, rows};

/// Sizes of the body, in millions of bytes.
const MEGABYTES: [usize; 3] = [1, 10, 25];

fn main() {
    divan::main();
}

/// The spans of the body's values: one pass over every byte.
#[divan::bench(args = MEGABYTES)]
fn index(bencher: Bencher, megabytes: usize) {
    let body = body(megabytes);
    bencher.counter(BytesCount::new(body.len())).bench(|| Index::of(black_box(&body)));
}

/// The picture's base64 alone.
#[divan::bench(args = MEGABYTES)]
fn decode(bencher: Bencher, megabytes: usize) {
    let text = b64::encode(&picture(megabytes));
    bencher.counter(BytesCount::new(text.len())).bench(|| b64::decode(black_box(text.as_bytes())));
}

/// All that is said of a picture's bytes, which is mostly their SHA-256. Counted in bytes of the picture.
#[divan::bench(args = MEGABYTES)]
fn sha(bencher: Bencher, megabytes: usize) {
    let picture = picture(megabytes);
    bencher.counter(BytesCount::new(picture.len())).bench(|| Data::of(black_box(&picture)));
}

/// Everything that a reply holds: the three above and the reading of its parts.
#[divan::bench(args = MEGABYTES)]
fn parse(bencher: Bencher, megabytes: usize) {
    let body = body(megabytes);
    bencher.counter(BytesCount::new(body.len())).bench(|| reply::read(black_box(&body)));
}

/// The rows of the raw view, which must not depend on the size.
#[divan::bench(args = MEGABYTES)]
fn rows(bencher: Bencher, megabytes: usize) {
    let body = body(megabytes);
    let document = reply::read(&body).document;
    let folded = BTreeSet::new();
    let bencher = bencher.counter(BytesCount::new(body.len()));
    bencher.bench(|| rows::rows(black_box(&document), black_box(&body), &folded));
}

/// From the last byte of a body to what the panes draw from.
#[divan::bench(args = MEGABYTES)]
fn reading(bencher: Bencher, megabytes: usize) {
    let body = body(megabytes);
    let bencher = bencher.counter(BytesCount::new(body.len())).with_inputs(|| body.clone());
    bencher.bench_values(Reading::of);
}

/// A unary reply of about that size with one picture.
fn body(megabytes: usize) -> Vec<u8> {
    let data = b64::encode(&picture(megabytes));
    let head = r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":""#;
    let tail = r#""}}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":6,"candidatesTokenCount":1290,"totalTokenCount":1296},"modelVersion":"gemini-3.1-flash-image"}"#;
    [head, &data, tail].concat().into_bytes()
}

/// The head of a PNG and noise, as compressed pixels look; three quarters of the size that its base64 has.
fn picture(megabytes: usize) -> Vec<u8> {
    let mut bytes = vec![0; megabytes * 750_000];
    fastrand::Rng::with_seed(1).fill(&mut bytes);
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x10\0\0\0\x10\0\x08\x02\0\0\0";
    bytes[..head.len()].copy_from_slice(head);
    bytes
}
