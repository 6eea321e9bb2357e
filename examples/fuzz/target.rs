//! What is fuzzed: the targets, and how they sum up what they saw.

use fastrand::Rng;
use std::hash::{DefaultHasher, Hash, Hasher};

pub struct Target {
    pub name: &'static str,
    /// Small inputs of every shape that the target knows.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// The inputs that a given file holds; none where it is of no use.
    pub adapt: fn(&[u8]) -> Vec<Vec<u8>>,
    /// What such input is made of.
    pub words: &'static [&'static str],
    /// Reads the input, panics where something does not hold, and sums up the result: a signature for each side of it.
    pub run: fn(&[u8]) -> Vec<u64>,
}

pub static ALL: [Target; 9] = [
    crate::wire::TARGET,
    crate::text::TARGET,
    crate::b64::TARGET,
    crate::sse::TARGET,
    crate::datauri::TARGET,
    crate::sniff::TARGET,
    crate::import::TARGET,
    crate::history::TARGET,
    crate::evidence::TARGET,
];

/// A number for what was seen: equal for equal results, in every run.
pub fn signature(seen: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    seen.hash(&mut hasher);
    hasher.finish()
}

/// Roughly how many: 0, 1, 2 to 3, and more. By a finer measure nearly every input would show something new.
pub fn rough(count: usize) -> u32 {
    (usize::BITS - count.leading_zeros()).min(3)
}

/// Chance that depends on the input alone, so that a replay does the same.
pub fn chance(input: &[u8]) -> Rng {
    Rng::with_seed(signature(input))
}
