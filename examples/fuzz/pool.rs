//! Inputs that are worth changing further, and the signatures that were seen. Bounded in number and in bytes.

use fastrand::Rng;
use std::collections::HashSet;

/// Bytes of an ordinary input.
pub const SMALL: usize = 256 * 1024;
/// Bytes of the few larger ones.
pub const LARGE: usize = 2 * 1024 * 1024;

const MOST: usize = 4_000;
const MOST_LARGE: usize = 16;
const MOST_BYTES: usize = 256 * 1024 * 1024;

#[derive(Default)]
pub struct Pool {
    inputs: Vec<Vec<u8>>,
    bytes: usize,
    large: usize,
    signatures: HashSet<u64>,
}

impl Pool {
    /// Notes signatures; whether there is a new one among them.
    pub fn note(&mut self, seen: Vec<u64>) -> bool {
        let before = self.signatures.len();
        self.signatures.extend(seen);
        self.signatures.len() > before
    }

    /// Keeps an input if it is not too large. When there are too many, the longer one of any two goes.
    pub fn keep(&mut self, input: Vec<u8>, rng: &mut Rng) {
        let is_large = input.len() > SMALL;
        if input.len() > LARGE || (is_large && self.large >= MOST_LARGE) {
            return;
        }
        while self.inputs.len() >= MOST || self.bytes + input.len() > MOST_BYTES {
            let (one, other) = (rng.usize(..self.inputs.len()), rng.usize(..self.inputs.len()));
            let longer = if self.inputs[one].len() > self.inputs[other].len() { one } else { other };
            let gone = self.inputs.swap_remove(longer);
            self.bytes -= gone.len();
            self.large -= usize::from(gone.len() > SMALL);
        }
        self.bytes += input.len();
        self.large += usize::from(is_large);
        self.inputs.push(input);
    }

    /// One of the inputs. The shorter ones come more often: they are executed faster, and a change of them does more.
    pub fn pick(&self, rng: &mut Rng) -> &[u8] {
        let mut draw = || rng.choice(&self.inputs).map(Vec::as_slice).unwrap_or_default();
        let drawn = [draw(), draw(), draw()];
        let short = drawn.into_iter().min_by_key(|input| input.len()).unwrap_or_default();
        if rng.u8(..4) > 0 { short } else { drawn[0] }
    }

    pub fn inputs(&self) -> usize {
        self.inputs.len()
    }

    pub fn signatures(&self) -> usize {
        self.signatures.len()
    }
}
