//! A picture as sixels, drawn by viuer, and how much room sixels have.

use image::DynamicImage;

use super::master::within;
use super::{Master, PreviewError, capture, print};

/// No sixel picture is wider or higher, in pixels: viuer clips at 1000 across, xterm as it comes at 1000 both ways, and
/// this is whole in viuer's cells of 6 × 12.
const MOST: u16 = 996;
/// viuer takes every cell for this many pixels.
const VIUER_CELL: (u32, u32) = (6, 12);

/// The part of `area` (columns, rows) that a sixel picture can fill where a cell has `cell` pixels; at least 1 × 1.
///
/// To be asked before [`fit()`](fn@super::fit), so that the half-blocks below have the same place.
pub fn sixel_room(area: (u16, u16), cell: (u16, u16)) -> (u16, u16) {
    let most = |cells: u16, pixels: u16| cells.min((MOST / pixels.max(1)).max(1));
    (most(area.0, cell.0), most(area.1, cell.1))
}

impl Master {
    /// One complete DCS string that draws the picture at the cursor into `cells` (columns, rows) of `cell` pixels,
    /// which must be known: opaque, with its size in front, in at most 256 colours. It covers the cells but for up to
    /// 5 pixels at the right and 11 at the bottom. Where the cursor is afterwards depends on the terminal.
    ///
    /// # Errors
    /// [`PreviewError::NoRoom`] for less than 6 × 12 pixels; [`PreviewError::NotPrepared`] before
    /// [`seed`](super::seed()), [`PreviewError::NotCaptured`] before [`take_stdout`](super::take_stdout); otherwise
    /// what viuer or the scratch file reports.
    pub fn sixel(&self, cells: (u16, u16), cell: (u16, u16)) -> Result<Vec<u8>, PreviewError> {
        let picture = self.sixel_pixels(cells, cell)?;
        let bytes = capture::printed(|| print::sixels(&picture))?;
        let string = bytes.trim_ascii();
        if string.starts_with(b"\x1bP") && string.ends_with(b"\x1b\\") {
            return Ok(string.to_vec());
        }
        Err(PreviewError::Unreadable)
    }

    /// The picture in exactly as many pixels as viuer draws without scaling.
    ///
    /// # Errors
    /// [`PreviewError::NoRoom`]; and see [`resample`](super::resample).
    pub fn sixel_pixels(&self, cells: (u16, u16), cell: (u16, u16)) -> Result<DynamicImage, PreviewError> {
        let (across, down) = viuer_cells(cells, cell).ok_or(PreviewError::NoRoom)?;
        let pixels = self.opaque((across * VIUER_CELL.0, down * VIUER_CELL.1))?;
        Ok(DynamicImage::ImageRgb8(pixels))
    }
}

/// viuer's cells inside of the terminal's.
fn viuer_cells(cells: (u16, u16), cell: (u16, u16)) -> Option<(u32, u32)> {
    let (width, height) = (u32::from(cells.0) * u32::from(cell.0), u32::from(cells.1) * u32::from(cell.1));
    let (width, height) = within((width, height), MOST.into());
    let (across, down) = (width / VIUER_CELL.0, height / VIUER_CELL.1);
    (across > 0 && down > 0).then_some((across, down))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viuer_draws_inside_the_cells() {
        for (cells, cell, expected) in [
            ((60, 30), (9, 18), Some((90, 45))),
            ((60, 30), (10, 19), Some((100, 47))),
            ((200, 100), (10, 20), Some((166, 83))),
            ((1, 1), (6, 12), Some((1, 1))),
            ((1, 1), (5, 12), None),
            ((1, 1), (6, 11), None),
            ((60, 30), (0, 0), None),
            ((u16::MAX, u16::MAX), (u16::MAX, u16::MAX), Some((166, 83))),
        ] {
            assert_eq!(viuer_cells(cells, cell), expected, "{cells:?} of {cell:?}");
        }
    }

    #[test]
    fn room_ends_where_sixels_end() {
        assert_eq!(sixel_room((60, 30), (9, 18)), (60, 30));
        assert_eq!(sixel_room((200, 80), (9, 18)), (110, 55));
        assert_eq!(sixel_room((200, 80), (0, 0)), (200, 80));
        assert_eq!(sixel_room((200, 80), (2000, 2000)), (1, 1));
    }

    #[test]
    fn without_preparation_viuer_is_not_asked() {
        let master = Master { picture: DynamicImage::new_rgba8(20, 20), original: (20, 20) };
        let picture = master.sixel_pixels((4, 2), (9, 18)).expect("scaled");
        assert_eq!((picture.width(), picture.height(), picture.color()), (36, 36, image::ColorType::Rgb8));
        assert!(matches!(print::sixels(&picture), Err(PreviewError::NotPrepared)));
        assert!(matches!(master.sixel((4, 2), (9, 18)), Err(PreviewError::NotCaptured)));
    }
}
