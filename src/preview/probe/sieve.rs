//! Takes a terminal's replies out of what it sends, and lets key presses through, unchanged and in order.
//!
//! A reply can be late, in pieces, or cut for ever, and its first bytes can be keys as well. Three cases need time to
//! be told apart, and the caller has the clock:
//!
//! * a lone ESC is soon given to the user. Until the line has shown that replies arrive in one piece, it is remembered
//!   all the same, so that the rest of a reply that comes a byte at a time is still known for one;
//! * a reply that stalls is held on to. What comes after the stall is its rest if it brings the end, otherwise it was
//!   typed meanwhile, and only the reply is lost;
//! * in a paste nothing is a reply.

use super::Reply;
use super::sequence::{ESC, Open, Piece, piece};
use std::time::Duration;

/// After a lone ESC: short enough not to be felt.
const ALONE: Duration = Duration::from_millis(30);
/// After what may be Alt and a letter.
const PAIR: Duration = Duration::from_millis(50);
/// After what was probably not typed.
const PAUSE: Duration = Duration::from_millis(500);
/// After what cannot have been typed.
const REST: Duration = Duration::from_secs(5);
/// Bytes of the longest reply that is still waited for to end.
const LONGEST: usize = 1 << 16;
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// Separates replies from keys; holds back what could become either.
#[derive(Debug, Default)]
pub struct Sieve {
    /// Begins with an ESC, unless it is empty.
    held: Vec<u8>,
    /// How much of `held` went out as keys already.
    gone: usize,
    /// Where in `held` a reply stalled.
    stalled: Option<usize>,
    /// Inside a paste: how much of its end was seen.
    paste: Option<usize>,
    line: Line,
}

/// How replies arrive over this line.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Line {
    #[default]
    Unknown,
    Whole,
    /// With pauses inside that are longer than a lone ESC may wait.
    Pieces,
}

impl Sieve {
    /// Takes bytes from the terminal: keys are appended to `keys`, replies returned, incomplete sequences held.
    pub fn push(&mut self, bytes: &[u8], keys: &mut Vec<u8>) -> Vec<Reply> {
        let mut replies = Vec::new();
        for &byte in bytes {
            self.take(byte, keys, &mut replies);
        }
        replies
    }

    /// How long after the last byte [`Sieve::give_up`] is to be called; `None` when nothing is waiting.
    pub fn waits(&self) -> Option<Duration> {
        let Piece::Open(open) = piece(&self.held) else { return None };
        if self.held.len() == self.stalled.unwrap_or(self.gone) {
            return None;
        }
        Some(match open {
            Open::Escape | Open::Introducer if self.line == Line::Pieces => PAUSE,
            Open::Escape => ALONE,
            Open::Introducer if self.gone == 0 => PAIR,
            Open::Control | Open::Report if self.gone == 0 => REST,
            // The Escape key, when the reply before it is dead.
            Open::StringEnd if self.stalled.is_some() => ALONE,
            _ => PAUSE,
        })
    }

    /// The rest did not come in time: what can be keys goes to `keys`.
    pub fn give_up(&mut self, keys: &mut Vec<u8>) {
        let Piece::Open(open) = piece(&self.held) else { return };
        match (open, self.stalled) {
            (Open::Escape, _) if self.line != Line::Whole => {
                keys.extend_from_slice(&self.held[self.gone..]);
                self.gone = self.held.len();
            }
            (Open::Escape | Open::Introducer | Open::Control | Open::Doubtful, _) => {
                if self.gone > 0 && self.line == Line::Unknown {
                    // It was typed after all.
                    self.line = Line::Whole;
                }
                self.release(keys);
            }
            (Open::Report, _) => self.clear(),
            (Open::String | Open::StringEnd, None) => self.stalled = Some(self.held.len()),
            (Open::String | Open::StringEnd, Some(at)) => {
                keys.extend_from_slice(&self.held[at..]);
                self.clear();
            }
        }
    }

    fn take(&mut self, byte: u8, keys: &mut Vec<u8>, replies: &mut Vec<Reply>) {
        if let Some(seen) = self.paste {
            keys.push(byte);
            self.paste = after(seen, byte);
            return;
        }
        if self.held.is_empty() && byte != ESC {
            keys.push(byte);
            return;
        }
        self.held.push(byte);
        match piece(&self.held) {
            Piece::Open(_) if self.held.len() < LONGEST => {}
            // Once for the stall and once for good.
            Piece::Open(_) => (0..2).for_each(|_| self.give_up(keys)),
            Piece::Keys => self.release(keys),
            Piece::Paste => {
                self.release(keys);
                self.paste = Some(0);
            }
            Piece::Reply(reply) => {
                self.learn();
                self.clear();
                replies.push(reply);
            }
            Piece::Cut { at, reply } => {
                // An ESC before the stall was the reply's own.
                let at = at.max(self.stalled.unwrap_or(0));
                let next = self.held.split_off(at);
                let typed = if reply { self.stalled.unwrap_or(at) } else { self.gone };
                keys.extend_from_slice(&self.held[typed..]);
                self.clear();
                for byte in next {
                    self.take(byte, keys, replies);
                }
            }
        }
    }

    fn learn(&mut self) {
        self.line = match self.line {
            _ if self.gone > 0 => Line::Pieces,
            Line::Unknown => Line::Whole,
            known => known,
        };
    }

    fn release(&mut self, keys: &mut Vec<u8>) {
        keys.extend_from_slice(&self.held[self.gone..]);
        self.clear();
    }

    fn clear(&mut self) {
        self.held.clear();
        self.gone = 0;
        self.stalled = None;
    }
}

/// How much of a paste's end was seen, one byte later; `None` when it is complete.
fn after(seen: usize, byte: u8) -> Option<usize> {
    match byte {
        _ if byte == PASTE_ENDS[seen] => Some(seen + 1).filter(|seen| *seen < PASTE_ENDS.len()),
        ESC => Some(1),
        _ => Some(0),
    }
}

#[cfg(test)]
mod tests;
