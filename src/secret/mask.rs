//! The mask: finds a key where a server echoes it, whole or cut between pieces, and covers it with `*`.

use super::Key;
use super::pattern::{Pattern, patterns};
use super::word::LOOK_BACK;
use std::fmt;
use std::ops::Range;

/// Finds a key in the spellings in which servers echo it: raw, JSON-escaped, percent-encoded, as HTML, base64, hexadecimal,
/// up to three times; also its beginning, when the rest of it was starred.
///
/// Each piece is searched six times: for the short run of letters and digits that all spellings of a form share, five
/// forms, and once for escapes; up to twelve times for a key that is written otherwise in JSON or a query. At the several GB/s of such a search, 25 MB should cost some 20 ms. Only what is found
/// there is compared character by character.
pub struct Mask {
    patterns: Vec<Pattern>,
    /// What may be the beginning of an echo that goes on in the next piece.
    tail: Vec<u8>,
    /// The last bytes that were given back: they say whether a word may begin now.
    before: Vec<u8>,
    found: usize,
}

impl Mask {
    /// A mask for this key. Without one, or for a key that is known to all, everything passes.
    pub fn new(key: Option<&Key>) -> Mask {
        let secret = key.filter(|key| !key.is_constant());
        let patterns = secret.map(|key| patterns(key.expose())).unwrap_or_default();
        Mask { patterns, tail: Vec::new(), before: Vec::new(), found: 0 }
    }

    /// Takes a piece of a body and gives back what is certain to hold no echo, masked with `*` of the same length.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        if self.patterns.is_empty() {
            return piece.to_vec();
        }
        let mut all = std::mem::take(&mut self.tail);
        all.extend_from_slice(piece);
        let open = self.open(&all, 0);
        let covered = self.cover(&mut all, open, false);
        let keep_from = if covered > open { self.open(&all, covered) } else { open };
        self.tail = all.split_off(keep_from);
        self.before.extend_from_slice(&all[all.len().saturating_sub(LOOK_BACK)..]);
        self.before.drain(..self.before.len().saturating_sub(LOOK_BACK));
        all
    }

    /// What is held back: nobody knows yet whether it is the beginning of an echo. Nothing for a short key, of which
    /// these few bytes may be all.
    pub fn held(&self) -> &[u8] {
        let short = self.patterns.iter().any(Pattern::is_short);
        if short { &[] } else { &self.tail }
    }

    /// The rest, once nothing more comes.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut rest = std::mem::take(&mut self.tail);
        self.cover(&mut rest, usize::MAX, true);
        self.before.clear();
        rest
    }

    /// A whole text, masked. What was pushed has nothing to do with it.
    pub fn text(&mut self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let before = std::mem::take(&mut self.before);
        self.cover(&mut bytes, usize::MAX, true);
        self.before = before;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How many echoes were covered so far.
    pub fn found(&self) -> usize {
        self.found
    }

    /// Covers the echoes that begin before `until`; returns where the last of them ends.
    fn cover(&mut self, bytes: &mut [u8], until: usize, last: bool) -> usize {
        let all = self.patterns.iter().flat_map(|pattern| pattern.find(bytes, &self.before, last));
        let mut echoes: Vec<Range<usize>> = all.filter(|echo| echo.start < until).collect();
        echoes.sort_unstable_by_key(|echo| echo.start);
        let mut covered = 0;
        for echo in echoes {
            // The same place may be read in two ways.
            self.found += usize::from(echo.start >= covered);
            covered = covered.max(echo.end);
            bytes[echo].fill(b'*');
        }
        covered
    }

    /// Where the first echo from `from` on may begin that has not wholly arrived; the end when there is none.
    fn open(&self, bytes: &[u8], from: usize) -> usize {
        let places = self.patterns.iter().filter_map(|pattern| pattern.open(bytes, from, &self.before));
        places.min().unwrap_or(bytes.len())
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mask([REDACTED])")
    }
}
