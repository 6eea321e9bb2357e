//! The picture in the preview: decoded and encoded off the loop, only the newest wanted one, and placed as cells.

use crate::app::{ImageSlot, PictureId, State};
use crate::call::Reading;
use crate::layout::Area;
use crate::preview::{self, Blocks, CELL, Limits, Master};
use crate::text::{self, Safe};
use crate::theme::Styles;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What is wanted on the screen: a picture in so many cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wanted {
    picture: PictureId,
    /// Columns and rows of the slot.
    room: (u16, u16),
}

/// Finished work.
struct Made {
    wanted: Wanted,
    master: Result<Arc<Master>, String>,
    blocks: Result<Blocks, String>,
}

pub struct Pictures {
    enabled: bool,
    truecolor: bool,
    master: Option<(PictureId, Result<Arc<Master>, String>)>,
    blocks: Option<(Wanted, Result<Blocks, String>)>,
    /// Being worked on; a newer wish waits until it is done.
    working: Option<Wanted>,
    tell: mpsc::UnboundedSender<Made>,
    made: mpsc::UnboundedReceiver<Made>,
}

impl Pictures {
    pub fn new(enabled: bool, truecolor: bool) -> Pictures {
        let (tell, made) = mpsc::unbounded_channel();
        Pictures { enabled, truecolor, master: None, blocks: None, working: None, tell, made }
    }

    /// Resolves when some work is finished.
    pub async fn ready(&mut self) {
        let Some(made) = self.made.recv().await else { return std::future::pending().await };
        self.working = None;
        self.master = Some((made.wanted.picture, made.master));
        self.blocks = Some((made.wanted, made.blocks));
    }

    /// Puts the picture into the slot, or asks for it to be made.
    pub fn place(&mut self, slot: Option<ImageSlot>, state: &State, styles: &Styles, buffer: &mut Buffer) {
        let Some(slot) = slot else { return };
        if !self.enabled {
            return sentence(
                "pictures are off (preview.protocol, NO_COLOR or the terminal); s saves this one",
                slot,
                styles,
                buffer,
            );
        }
        let wanted = Wanted { picture: slot.picture, room: (slot.area.width, slot.area.height) };
        match &self.blocks {
            Some((ready, Ok(blocks))) if *ready == wanted => draw(blocks, slot, buffer),
            Some((ready, Err(why))) if *ready == wanted => sentence(why, slot, styles, buffer),
            _ => self.make(wanted, state),
        }
    }

    fn make(&mut self, wanted: Wanted, state: &State) {
        let Some(shown) = state.shown.as_ref().filter(|shown| shown.entry == wanted.picture.entry) else { return };
        if self.working.is_some() || wanted.room.0 == 0 || wanted.room.1 == 0 {
            return;
        }
        self.working = Some(wanted);
        let known = self.master.take().filter(|(id, _)| *id == wanted.picture).map(|(_, master)| master);
        let (reading, tell, truecolor) = (Arc::clone(&shown.reading), self.tell.clone(), self.truecolor);
        tokio::task::spawn_blocking(move || {
            let made = std::panic::catch_unwind(|| work(wanted, known, &reading, truecolor));
            let why = || "the picture's decoder failed; its bytes are saved".to_owned();
            // The loop is gone only when the app ends.
            let _ended = tell.send(made.unwrap_or_else(|_| Made { wanted, master: Err(why()), blocks: Err(why()) }));
        });
    }
}

fn work(wanted: Wanted, known: Option<Result<Arc<Master>, String>>, reading: &Reading, truecolor: bool) -> Made {
    let master = known.unwrap_or_else(|| decode(wanted.picture.number, reading));
    let blocks = master.clone().and_then(|master| {
        let cells = preview::fit(master.original, wanted.room, CELL);
        master.blocks(cells, truecolor).map_err(|e| e.to_string())
    });
    Made { wanted, master, blocks }
}

fn decode(number: usize, reading: &Reading) -> Result<Arc<Master>, String> {
    let bytes = reading.picture(number).ok_or("the picture's bytes are gone")?;
    preview::master(&bytes, &Limits::default()).map(Arc::new).map_err(|e| format!("{e}; the bytes are saved"))
}

/// In the middle of the slot.
fn draw(blocks: &Blocks, slot: ImageSlot, buffer: &mut Buffer) {
    let area = slot.area.centre(blocks.width, blocks.height);
    over(slot, buffer, |buffer| blocks.draw(rect(area), buffer));
}

fn sentence(words: &str, slot: ImageSlot, styles: &Styles, buffer: &mut Buffer) {
    let Area { x, y, width, height } = slot.area;
    let lines = text::wrap(&Safe::of(words), usize::from(width));
    over(slot, buffer, |buffer| {
        for (row, line) in lines.iter().enumerate().take(usize::from(height)) {
            buffer.set_stringn(x, y + row as u16, line.as_str(), usize::from(width), styles.warn);
        }
    });
}

/// Draws into the slot, and not over a box that covers some of it.
fn over(slot: ImageSlot, buffer: &mut Buffer, draw: impl FnOnce(&mut Buffer)) {
    let Some(covered) = slot.covered else { return draw(buffer) };
    let mut under = buffer.clone();
    draw(&mut under);
    for position in rect(slot.area).positions().filter(|p| !rect(covered).contains(*p)) {
        buffer[position] = under[position].clone();
    }
}

fn rect(area: Area) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height)
}
