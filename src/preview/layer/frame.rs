//! What one frame does for its picture: shows it, moves it, hides it, or leaves everything as it is.

use super::{Layer, SILENT, Shown};
use crate::layout::Area;
use crate::preview::choice::Way;

pub(super) const SLOW: &str = "the line is too slow for this picture in one piece: it stays in half-blocks";
const NO_ROOM: &str = "the picture does not fit here without scrolling the screen: it stays in half-blocks";

/// What a frame has to do for its picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// To be written ahead of the text.
    pub before: Vec<u8>,
    /// To be written behind the text.
    pub after: Vec<u8>,
    /// Pixels lie here that text would destroy: ratatui must skip these cells. Never set for kitty, where text lies below.
    pub skip: Option<Area>,
    /// Pixels lie here that have to go: these cells must be written even if ratatui thinks that they did not change.
    /// They left [`Step::skip`] with this frame, and that alone makes it write them.
    pub repaint: Option<Area>,
    /// The wanted cells must be drawn as [`placeholder_cell`](super::placeholder_cell)s in this foreground colour (0xRRGGBB).
    pub placeholder: Option<u32>,
}

impl Layer {
    /// To be called for every frame with what should be visible in it: a place and a picture's key, or `None` when it is
    /// covered, in another tab, or of another size than wanted.
    pub fn want(&mut self, want: Option<(Area, u64)>) -> Step {
        self.frame_due = false;
        self.note = None;
        let want = want.filter(|(spot, key)| self.is_possible(*spot, *key));
        let settled = want == self.wanted;
        self.turn_to(want);
        let mut step = Step { before: std::mem::take(&mut self.debt), ..Step::default() };
        self.hide_unwanted(&mut step);
        if let Some((spot, key)) = want {
            self.show(spot, key, settled, &mut step);
        }
        self.sent += (step.before.len() + step.after.len()) as u64;
        step
    }

    fn is_possible(&mut self, spot: Area, key: u64) -> bool {
        if matches!(self.way, Way::Blocks | Way::Off) {
            return false;
        }
        let objection = if self.refused.contains(&key) {
            Some(SILENT)
        } else if !self.fits(spot) {
            Some(NO_ROOM)
        } else {
            None
        };
        self.note = objection;
        objection.is_none()
    }

    fn turn_to(&mut self, want: Option<(Area, u64)>) {
        let key = want.map(|(_, key)| key);
        if key.is_some() && key != self.wanted.map(|(_, key)| key) {
            // A new picture comes with a screenful of new half-blocks.
            self.flow.unclear();
        }
        // What is merely hidden goes on: it will be shown again.
        if key.is_some() && self.sending.as_ref().is_some_and(|sending| Some(sending.key) != key) {
            self.abort();
        }
        self.wanted = want;
    }

    fn hide_unwanted(&mut self, step: &mut Step) {
        let wanted = self.wanted;
        let Some(shown) = self.shown.take_if(|shown| Some((shown.spot, shown.key)) != wanted) else { return };
        match self.way {
            Way::Kitty => {
                if let Some(kept) = self.kept.get(shown.key) {
                    step.before.extend(self.kitty.hide(kept.id));
                }
            }
            Way::Iterm | Way::Sixel if shown.drawn => step.repaint = Some(shown.spot),
            _ => {}
        }
    }

    fn show(&mut self, spot: Area, key: u64, settled: bool, step: &mut Step) {
        match self.way {
            Way::Kitty => {
                if self.shown.is_none() {
                    step.after.extend(self.place(spot, key));
                }
            }
            Way::KittyPlaceholders => step.placeholder = self.prepare_placeholders(spot, key, &mut step.before),
            _ => {
                if self.shown.is_none() {
                    self.prepare_whole(spot, key, settled);
                }
                step.skip = self.shown.map(|shown| shown.spot);
            }
        }
    }

    /// Shows a picture that the terminal keeps; nothing otherwise.
    pub(super) fn place(&mut self, spot: Area, key: u64) -> Vec<u8> {
        let Some(kept) = self.kept.take_up(key) else { return Vec::new() };
        self.shown = Some(Shown { spot, key, drawn: true });
        self.kitty.place(kept.id, spot)
    }

    fn prepare_placeholders(&mut self, spot: Area, key: u64, before: &mut Vec<u8>) -> Option<u32> {
        let kept = self.kept.take_up(key)?;
        let cells = (spot.width, spot.height);
        if kept.cells.replace(cells) != Some(cells) {
            before.extend(self.kitty.place_virtual(kept.id, cells));
        }
        self.shown = Some(Shown { spot, key, drawn: true });
        Some(kept.id)
    }

    /// Clears the way for a blob. It waits for a second frame: the first one has the half-blocks, which must lie below
    /// before their cells are skipped, and whoever walks through pictures waits for none of them.
    fn prepare_whole(&mut self, spot: Area, key: u64, settled: bool) {
        let Some(offered) = self.offered.take_up(key) else { return };
        if !self.flow.takes(offered.blob.len()) {
            self.note = Some(SLOW);
        } else if settled {
            self.shown = Some(Shown { spot, key, drawn: false });
        } else {
            self.frame_due = true;
        }
    }
}
