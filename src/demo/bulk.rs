//! The bytes of a body, which may be more than memory should hold: pieces, each sent some number of times over.

use bytes::Bytes;
use std::collections::VecDeque;

/// Bytes to be sent, in order.
#[derive(Debug, Default)]
pub struct Bulk {
    /// What is left of the piece that is being sent.
    begun: Bytes,
    /// Pieces, and how many more times each is to be sent.
    pieces: VecDeque<(Bytes, u64)>,
}

impl Bulk {
    /// Adds a piece that is sent `times` over and held once.
    pub fn with(mut self, piece: impl Into<Bytes>, times: u64) -> Bulk {
        let piece = piece.into();
        if !piece.is_empty() {
            self.pieces.push_back((piece, times));
        }
        self
    }

    /// How many bytes are left.
    pub fn length(&self) -> u64 {
        let later: u64 = self.pieces.iter().map(|(piece, times)| piece.len() as u64 * times).sum();
        self.begun.len() as u64 + later
    }

    /// The next bytes, `most` of them at most; `None` at the end, or when none are wanted.
    pub fn next_bytes(&mut self, most: usize) -> Option<Bytes> {
        while self.begun.is_empty() {
            let (piece, times) = self.pieces.front_mut()?;
            if *times == 0 {
                self.pieces.pop_front();
            } else {
                *times -= 1;
                self.begun = piece.clone();
            }
        }
        let bytes = self.begun.split_to(self.begun.len().min(most));
        (!bytes.is_empty()).then_some(bytes)
    }
}

impl From<Vec<u8>> for Bulk {
    fn from(bytes: Vec<u8>) -> Bulk {
        Bulk::default().with(bytes, 1)
    }
}

impl From<String> for Bulk {
    fn from(text: String) -> Bulk {
        text.into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_follow_each_other_and_repeat() {
        let mut bulk = Bulk::default().with("<", 1).with("abc", 2).with("", 9).with("never", 0).with(">", 1);
        assert_eq!(bulk.length(), 8);
        assert_eq!(bulk.next_bytes(0), None);
        let mut sent = Vec::new();
        while let Some(bytes) = bulk.next_bytes(2) {
            assert!(bytes.len() <= 2);
            sent.extend_from_slice(&bytes);
            assert_eq!(bulk.length(), 8 - sent.len() as u64);
        }
        assert_eq!(sent, b"<abcabc>");
    }
}
