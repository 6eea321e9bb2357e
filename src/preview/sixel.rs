//! A picture as sixels, by the encoder that viuer uses, in exactly the pixels of its cells.

use super::{Master, PreviewError, resample};
use icy_sixel::{DiffusionMethod, MethodForLargest, MethodForRep, PixelFormat, Quality, sixel_string};
use image::{DynamicImage, RgbImage};

/// No sixel picture is wider or higher, in pixels: xterm as it comes cuts there.
const MOST: u16 = 1000;
/// What a picture in a pane may take: sixels cannot be sent in pieces, so keys wait for all of it. Larger places may have
/// more in proportion.
pub const SIXEL_BUDGET: usize = 200_000;
/// Pixels of 60 × 30 cells of 9 × 18.
const PANE: usize = 540 * 540;
/// From the best to the smallest.
const TRIES: [(u32, DiffusionMethod); 5] = [
    (1, DiffusionMethod::Atkinson),
    (1, DiffusionMethod::None),
    (2, DiffusionMethod::None),
    (3, DiffusionMethod::None),
    (5, DiffusionMethod::None),
];

/// The part of `area` (columns, rows) that a sixel picture can fill where a cell has `cell` pixels; at least 1 × 1.
///
/// To be asked before [`fit()`](fn@super::fit), so that the half-blocks below have the same place.
pub fn sixel_room(area: (u16, u16), cell: (u16, u16)) -> (u16, u16) {
    let most = |cells: u16, pixels: u16| cells.min((MOST / pixels.max(1)).max(1));
    (most(area.0, cell.0), most(area.1, cell.1))
}

impl Master {
    /// One complete DCS string that draws the picture at the cursor over exactly `cells` (columns, rows) of `cell`
    /// pixels, which must be known: opaque, with its size in front, in at most 256 colours. Where the cursor is afterwards
    /// depends on the terminal.
    ///
    /// # Errors
    /// [`PreviewError::NoRoom`] without pixels, [`PreviewError::OverBudget`], what the encoder says, and see
    /// [`resample`](super::resample).
    pub fn sixel(&self, cells: (u16, u16), cell: (u16, u16), budget: usize) -> Result<Vec<u8>, PreviewError> {
        let pixels = |cells: u16, cell: u16| u32::from(cells) * u32::from(cell);
        let size = (pixels(cells.0, cell.0), pixels(cells.1, cell.1));
        if size.0 == 0 || size.1 == 0 || size.0.max(size.1) > u32::from(MOST) {
            return Err(PreviewError::NoRoom);
        }
        let encoded = |coarse: u32, diffusion| {
            let picture = self.smoothed(size, coarse)?;
            let (width, height) = (size.0.cast_signed(), size.1.cast_signed());
            // The average of a box's pixels: its middle, which is the encoder's own choice, shifts flat colours.
            let (largest, rep) = (MethodForLargest::Auto, MethodForRep::Pixels);
            let format = PixelFormat::RGB888;
            sixel_string(picture.as_raw(), width, height, format, diffusion, largest, rep, Quality::HIGH)
                .map(String::into_bytes)
                .map_err(|error| PreviewError::Sixel(format!("{error:?}")))
        };
        let area = (size.0 * size.1) as usize;
        let most = (SIXEL_BUDGET * area.max(PANE) / PANE).min(budget);
        let mut smallest = usize::MAX;
        for (coarse, diffusion) in TRIES {
            let bytes = encoded(coarse, diffusion)?;
            smallest = smallest.min(bytes.len());
            if bytes.len() <= most {
                return Ok(bytes);
            }
        }
        Err(PreviewError::OverBudget { bytes: smallest, budget })
    }

    /// The picture in so many pixels, with only every `coarse`-th of them its own: grain is what sixels pack worst.
    fn smoothed(&self, size: (u32, u32), coarse: u32) -> Result<RgbImage, PreviewError> {
        let picture = self.opaque((size.0.div_ceil(coarse), size.1.div_ceil(coarse)))?;
        if coarse == 1 {
            return Ok(picture);
        }
        Ok(resample(&DynamicImage::ImageRgb8(picture), size)?.into_rgb8())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn master(picture: RgbImage) -> Master {
        let original = (picture.width(), picture.height());
        Master { picture: DynamicImage::ImageRgb8(picture), original }
    }

    #[test]
    fn it_covers_exactly_its_cells() {
        let flat = master(RgbImage::from_pixel(40, 40, Rgb([215, 0, 95])));
        let bytes = flat.sixel((5, 3), (9, 18), 100_000).expect("a picture");
        let text = String::from_utf8(bytes).expect("ASCII");
        assert!(text.starts_with("\x1bP") && text.ends_with("\x1b\\"), "{text:?}");
        assert!(text.contains("\"1;1;45;54"), "{text:?}");
        assert_eq!(text.matches('\x1b').count(), 2, "no cursor moves");
    }

    #[test]
    fn noise_stays_within_the_budget_or_is_refused() {
        let mut dice = fastrand::Rng::with_seed(7);
        let noise = master(RgbImage::from_fn(300, 300, |_, _| Rgb([dice.u8(..), dice.u8(..), dice.u8(..)])));
        assert!(matches!(noise.sixel((30, 15), (10, 20), 1000), Err(PreviewError::OverBudget { .. })));
        assert!(noise.sixel((30, 15), (10, 20), 2_000_000).is_ok());
        for (cells, cell) in [((0, 3), (9, 18)), ((5, 3), (0, 0)), ((200, 3), (9, 18))] {
            assert!(matches!(noise.sixel(cells, cell, 100_000), Err(PreviewError::NoRoom)), "{cells:?} {cell:?}");
        }
    }

    #[test]
    fn room_ends_where_sixels_end() {
        assert_eq!(sixel_room((60, 30), (9, 18)), (60, 30));
        assert_eq!(sixel_room((200, 80), (9, 18)), (111, 55));
        assert_eq!(sixel_room((200, 80), (0, 0)), (200, 80));
        assert_eq!(sixel_room((200, 80), (2000, 2000)), (1, 1));
    }
}
