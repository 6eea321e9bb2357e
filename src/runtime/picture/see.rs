//! The slow work on a picture, off the loop: decoded, composed, in half-blocks, and in the terminal's own encoding.

use crate::app::{Look, PictureId};
use crate::call::Reading;
use crate::preview::{self, Blob, Blocks, CELL, Full, Limits, Master, Way};
use std::sync::Arc;

/// What is wanted on the screen: a picture, or two, looked at in some way, in so many cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wanted {
    pub picture: PictureId,
    pub beside: Option<PictureId>,
    pub look: Look,
    /// Columns and rows of the slot, and pixels of a cell.
    pub room: (u16, u16),
    pub cell: (u16, u16),
}

/// Decoded pictures, kept for the next size.
#[derive(Clone, Default)]
pub struct Decoded {
    masters: Vec<(PictureId, Result<Arc<Master>, String>)>,
    /// All pixels, only while they are looked at one by one.
    full: Option<(PictureId, Arc<Full>)>,
}

/// What is seen, scaled down, and its half-blocks; or why nothing is.
pub type Seen = Result<(Arc<Master>, Blocks), String>;

/// Fulfils a wish in half-blocks; gives back what was decoded for it.
pub fn see(
    wanted: Wanted,
    mut decoded: Decoded,
    readings: &[(PictureId, Arc<Reading>)],
    truecolor: bool,
    blocks_only: bool,
) -> (Seen, Decoded) {
    decoded.masters.retain(|(id, _)| readings.iter().any(|(wanted, _)| wanted == id));
    if wanted.look == Look::Fit {
        decoded.full = None;
    }
    let seen = composed(wanted, &mut decoded, readings, blocks_only).and_then(|(master, cells)| {
        let blocks = master.blocks(cells, truecolor).map_err(|e| e.to_string())?;
        Ok((master, blocks))
    });
    (seen, decoded)
}

/// What is to be seen, and in how many cells.
fn composed(
    wanted: Wanted,
    decoded: &mut Decoded,
    readings: &[(PictureId, Arc<Reading>)],
    blocks_only: bool,
) -> Result<(Arc<Master>, (u16, u16)), String> {
    let (picture, reading) = &readings[0];
    if let Look::Actual { x, y } = wanted.look {
        let full = full(*picture, reading, decoded)?;
        // One pixel of the picture is one of the screen; half-blocks have two in a cell.
        let cell = if blocks_only { CELL } else { wanted.cell };
        let (width, height) =
            (u32::from(wanted.room.0) * u32::from(cell.0), u32::from(wanted.room.1) * u32::from(cell.1));
        let window = full.crop(x, y, width, height);
        let cells = |pixels: u32, of: u16, most: u16| (pixels.div_ceil(u32::from(of.max(1))) as u16).clamp(1, most);
        let (w, h) = window.original;
        let cells = (cells(w, cell.0, wanted.room.0), cells(h, cell.1, wanted.room.1));
        return Ok((Arc::new(window), cells));
    }
    let master = master(*picture, reading, decoded)?;
    let master = match readings.get(1) {
        Some((id, reading)) => {
            let left = self::master(*id, reading, decoded)?;
            let both = preview::beside(&left, &master, wanted.room, wanted.cell).map_err(|e| e.to_string())?;
            Arc::new(both)
        }
        None => master,
    };
    let cells = preview::fit(master.original, wanted.room, wanted.cell);
    Ok((master, cells))
}

fn bytes_of(id: PictureId, reading: &Reading) -> Result<Vec<u8>, String> {
    reading.picture(id.number).ok_or_else(|| "the picture's bytes are gone".to_owned())
}

fn master(id: PictureId, reading: &Reading, decoded: &mut Decoded) -> Result<Arc<Master>, String> {
    if let Some((_, known)) = decoded.masters.iter().find(|(known, _)| *known == id) {
        return known.clone();
    }
    let made = bytes_of(id, reading)
        .and_then(|bytes| preview::master(&bytes, &Limits::default()).map_err(|e| format!("{e}; the bytes are saved")))
        .map(Arc::new);
    decoded.masters.push((id, made.clone()));
    made
}

fn full(id: PictureId, reading: &Reading, decoded: &mut Decoded) -> Result<Arc<Full>, String> {
    if let Some((_, known)) = decoded.full.as_ref().filter(|(known, _)| *known == id) {
        return Ok(Arc::clone(known));
    }
    let bytes = bytes_of(id, reading)?;
    let full = Arc::new(preview::decode(&bytes, &Limits::default()).map_err(|e| format!("{e}; the bytes are saved"))?);
    decoded.full = Some((id, Arc::clone(&full)));
    Ok(full)
}

/// The same in the terminal's own encoding.
pub fn blob(way: Way, master: &Master, cells: (u16, u16), cell: (u16, u16), budget: usize) -> Result<Blob, String> {
    let made = match way {
        Way::Kitty | Way::KittyPlaceholders => master.kitty(cells, cell, budget).map(Blob::Kitty),
        Way::Iterm => master.iterm(cells, cell, budget.min(preview::ITERM_BUDGET)).map(Blob::Whole),
        Way::Sixel => master.sixel(cells, cell, budget).map(Blob::Whole),
        Way::Blocks | Way::Off => return Err("half-blocks need no encoding".to_owned()),
    };
    made.map_err(|error| format!("{error}: it stays in half-blocks"))
}
