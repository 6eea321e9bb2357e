//! Makes an input that breaks something short enough to be understood.

use std::time::{Duration, Instant};

/// A slow input must not take for ever to shrink.
const LONGEST: Duration = Duration::from_secs(20);
const MOST_TRIES: usize = 4_000;

/// Takes out blocks, ever smaller ones, as long as `breaks` says that the rest still does.
pub fn shrink(mut input: Vec<u8>, mut breaks: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let end = Instant::now() + LONGEST;
    let mut tries = 0;
    let mut block = input.len().div_ceil(2);
    while block > 0 {
        let mut at = 0;
        while at < input.len() {
            tries += 1;
            if tries > MOST_TRIES || Instant::now() > end {
                return input;
            }
            let rest = [&input[..at], &input[(at + block).min(input.len())..]].concat();
            if breaks(&rest) {
                input = rest;
            } else {
                at += block;
            }
        }
        block /= 2;
    }
    input
}
