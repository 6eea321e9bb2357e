//! What lies on the terminal's screen besides cells, and the bytes that change it.
//!
//! Half-blocks always lie in ratatui's buffer. The layer lays a graphics picture over them, and knows at every moment
//! which one lies where, which ones the terminal keeps, and which one is on its way. It has no clock and does no I/O:
//!
//! | what happens | what is called | where its bytes go |
//! | --- | --- | --- |
//! | a frame is drawn | [`Layer::want`] | [`Step::before`] ahead of the text, [`Step::after`] behind it |
//! | a picture is encoded | [`Layer::offer`] | |
//! | a frame was written, or [`Layer::ready`] said so | [`Layer::piece`] | on their own, between two frames |
//! | the terminal answered DSR | [`Layer::ready`] | |
//! | it did not until [`Layer::deadline`] | [`Layer::stuck`] | in the next frame |
//! | the screen is to be cleared | [`Layer::resized`] | in place of ED 2 |
//!
//! kitty keeps pictures by number: one is sent once, in chunks between which text may pass but no other graphics
//! command, and then costs a few bytes to show, move and hide. So a picture is only ever on its way while nothing is
//! shown. iTerm2's and sixel's are whole blobs that become pixels of the screen: they are drawn when the same is wanted
//! for a second frame, and go when their cells are written again.

mod flow;
mod frame;
mod kitty;
mod piece;
mod placeholder;
mod recent;

pub use frame::Step;
pub use placeholder::{PLACEHOLDER_CELLS, placeholder_cell};

use super::choice::Way;
use crate::layout::Area;
use flow::Flow;
use kitty::Kitty;
use recent::Recent;
use std::collections::VecDeque;
use std::sync::Arc;

const SILENT: &str = "the terminal did not say that it took the picture: it stays in half-blocks";
/// Numbers of pictures in the terminal, of which few are in use at a time.
const NUMBERS: u32 = 256;

/// An encoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blob {
    /// A PNG file for kitty.
    Kitty(Vec<u8>),
    /// A complete iTerm2 or sixel sequence without a cursor position.
    Whole(Vec<u8>),
}

impl Blob {
    fn len(&self) -> usize {
        match self {
            Blob::Kitty(bytes) | Blob::Whole(bytes) => bytes.len(),
        }
    }
}

/// A picture that can be shown.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Which picture in which encoding. The budget is no part of it: what was sent serves under every later one.
    pub key: u64,
    pub blob: Arc<Blob>,
}

/// On the screen, or about to be.
#[derive(Clone, Copy)]
struct Shown {
    spot: Area,
    key: u64,
    /// False while the cells are skipped already and the blob is still to come.
    drawn: bool,
}

/// On its way to the terminal.
struct Sending {
    key: u64,
    id: u32,
    chunks: VecDeque<Vec<u8>>,
    /// All of it, on the line.
    bytes: usize,
    /// What one picture might take when this one was made.
    budget: usize,
}

/// Made, and not (yet) in the terminal's keeping.
struct Offered {
    blob: Arc<Blob>,
    budget: usize,
}

/// In the terminal's keeping.
struct Kept {
    id: u32,
    /// The cells that its virtual placement is made for.
    cells: Option<(u16, u16)>,
}

/// `bytes` with the cursor at the top left of a place; it stands where it stood afterwards, as ratatui believes it does.
fn drawn_at(spot: Area, bytes: &[u8]) -> Vec<u8> {
    let (row, column) = (u32::from(spot.y) + 1, u32::from(spot.x) + 1);
    [format!("\x1b7\x1b[{row};{column}H").as_bytes(), bytes, b"\x1b8"].concat()
}

/// The state of the terminal's screen besides cells.
pub struct Layer {
    way: Way,
    kitty: Kitty,
    flow: Flow,
    screen: (u16, u16),
    wanted: Option<(Area, u64)>,
    shown: Option<Shown>,
    sending: Option<Sending>,
    offered: Recent<Offered>,
    kept: Recent<Kept>,
    refused: VecDeque<u64>,
    /// Must go out before any other graphics command.
    debt: Vec<u8>,
    next_id: u32,
    first_id: u32,
    frame_due: bool,
    note: Option<&'static str>,
    sent: u64,
}

impl Layer {
    /// `budget`: bytes that one picture may take on a fast line. `remote`: the terminal is at the other end of one.
    /// `seed`, a process id for example, keeps two programs in one tmux from using the same numbers.
    pub fn new(way: Way, budget: usize, remote: bool, seed: u32) -> Layer {
        // Placeholders carry a number as a colour, so it has 24 bits; the lowest of them are other programs' favourites.
        let first_id = (seed % 0xffff + 1) * NUMBERS;
        Layer {
            kitty: Kitty { tmux: matches!(way, Way::KittyPlaceholders) },
            way,
            flow: Flow::new(budget, remote),
            screen: (0, 0),
            wanted: None,
            shown: None,
            sending: None,
            offered: Recent::new(),
            kept: Recent::new(),
            refused: VecDeque::new(),
            debt: Vec::new(),
            next_id: first_id,
            first_id,
            frame_due: false,
            note: None,
            sent: 0,
        }
    }

    /// The screen's size in cells; before it is known nothing is shown.
    pub fn screen(&mut self, cols: u16, rows: u16) {
        self.screen = (cols, rows);
    }

    /// A round trip to the terminal was seen to take so many milliseconds.
    pub fn round_trip(&mut self, ms: u64) {
        self.flow.round_trip(ms);
    }

    /// Whether a picture can lie there: within the screen, and nothing that is drawn at the cursor may touch the last row,
    /// for that scrolls.
    pub fn fits(&self, spot: Area) -> bool {
        let (cols, rows) = (u32::from(self.screen.0), u32::from(self.screen.1));
        let (right, bottom) = (u32::from(spot.x) + u32::from(spot.width), u32::from(spot.y) + u32::from(spot.height));
        let inside = spot.width > 0 && spot.height > 0 && right <= cols && bottom <= rows;
        inside
            && match self.way {
                Way::Iterm | Way::Sixel => bottom < rows,
                Way::KittyPlaceholders => spot.width.max(spot.height) <= PLACEHOLDER_CELLS,
                Way::Kitty | Way::Blocks | Way::Off => true,
            }
    }

    /// An encoded picture is at hand. One that is known already, or for another kind of terminal, is dropped.
    pub fn offer(&mut self, picture: Picture) {
        let Picture { key, blob } = picture;
        let fitting = match *blob {
            Blob::Kitty(_) => matches!(self.way, Way::Kitty | Way::KittyPlaceholders),
            Blob::Whole(_) => matches!(self.way, Way::Iterm | Way::Sixel),
        };
        if !fitting || blob.len() == 0 || self.has(key) {
            return;
        }
        self.frame_due |= matches!(*blob, Blob::Whole(_)) && self.wanted.is_some_and(|(_, wanted)| wanted == key);
        let (bytes, budget) = (blob.len(), self.flow.budget());
        self.offered.put(key, bytes, Offered { blob, budget });
    }

    /// Whether a picture need not be encoded: it is at hand, in the terminal, or given up.
    pub fn has(&self, key: u64) -> bool {
        self.offered.has(key) || self.kept.has(key) || self.refused.contains(&key)
    }

    /// What [`Layer::want`] should be asked for soon although nothing else changed: a blob waits for its second frame,
    /// placeholders can be drawn, or the wanted picture must be encoded anew, smaller ([`Layer::has`] says so).
    pub fn wants_frame(&self) -> bool {
        self.frame_due
    }

    /// The bytes that clear the screen, in place of ED 2: at that, kitty throws away every picture that is not on the
    /// screen just then, and the rest of one on its way. The next frames lay the picture down again.
    pub fn resized(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.debt);
        self.flow.unclear();
        self.wanted = None;
        let shown = self.shown.take();
        if matches!(self.way, Way::Kitty | Way::KittyPlaceholders) {
            if let Some(kept) = shown.and_then(|shown| self.kept.get(shown.key)).filter(|_| !self.kitty.tmux) {
                bytes.extend(self.kitty.hide(kept.id));
            }
            bytes.extend(b"\x1b[0m\x1b[H\x1b[J");
        } else {
            bytes.extend(b"\x1b[0m\x1b[2J");
        }
        bytes
    }

    /// Deletes everything of ours from whatever state: for the end, for a panic, and before the terminal is lent.
    pub fn leave(&self) -> Vec<u8> {
        let mut bytes = self.debt.clone();
        if let Some(sending) = &self.sending {
            bytes.extend(self.kitty.close());
            bytes.extend(self.kitty.forget(sending.id));
        }
        bytes.extend(self.kept.values().flat_map(|kept| self.kitty.forget(kept.id)));
        bytes
    }

    /// The alternate screen was left, or ED 2 was sent: the terminal has nothing of ours any more.
    pub fn lost(&mut self) {
        self.flow.forget();
        (self.wanted, self.shown, self.sending) = (None, None, None);
        self.kept.clear();
        self.debt.clear();
    }

    /// Why the wanted picture stays in half-blocks.
    pub fn note(&self) -> Option<&str> {
        self.note
    }

    /// Bytes that went out for pictures.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// The measured line, in bytes per second.
    pub fn speed(&self) -> Option<u64> {
        self.flow.speed()
    }

    /// Bytes on the line that the next picture may take, commands and base64 included.
    pub fn budget(&self) -> usize {
        self.flow.budget()
    }
}

#[cfg(test)]
mod tests;
