//! The small copy of a picture from which every pane's size is made.

use image::DynamicImage;

use super::{Blocks, Limits, PreviewError, decode, encode_blocks, on_chequerboard, shrink};

/// The longest side of a master, in pixels.
///
/// A half-block cell is one pixel wide and two high, so this serves 512 columns by 256 rows, more than a 4K screen of
/// small type has. Finer copies would be thrown away, and cost most while the large picture still stands beside them:
/// supersampling holds twice this side, 3 MB here. A master that is kept is 0.75 MB (1 MB with alpha).
pub const MASTER_SIDE: u32 = 512;

/// A decoded picture, at most [`MASTER_SIDE`] pixels wide and high.
#[derive(Debug, Clone, PartialEq)]
pub struct Master {
    /// RGB or RGBA, 8 bits per channel.
    pub picture: DynamicImage,
    /// Width and height of the file's picture, in pixels.
    pub original: (u32, u32),
}

/// Decodes a file and keeps the small copy only; the large one is gone on return.
///
/// # Errors
/// See [`decode()`] and [`shrink`].
pub fn master(bytes: &[u8], limits: &Limits) -> Result<Master, PreviewError> {
    let whole = decode(bytes, limits)?;
    let original = (whole.width(), whole.height());
    let small =
        if original.0.max(original.1) > MASTER_SIDE { shrink(&whole, within(original, MASTER_SIDE))? } else { whole };
    Ok(Master { picture: eight_bit(small), original })
}

impl Master {
    /// The picture as `cells` (columns, rows), for example of [`fit()`](fn@super::fit); none give empty blocks.
    ///
    /// # Errors
    /// See [`encode_blocks`].
    pub fn blocks(&self, cells: (u16, u16), truecolor: bool) -> Result<Blocks, PreviewError> {
        if cells.0 == 0 || cells.1 == 0 {
            return Ok(Blocks::default());
        }
        encode_blocks(&self.half_cells(cells)?, truecolor)
    }

    /// The picture at one pixel per half cell, opaque: just what viuer draws without scaling.
    ///
    /// # Errors
    /// See [`shrink`].
    pub fn half_cells(&self, cells: (u16, u16)) -> Result<DynamicImage, PreviewError> {
        let pixels = (u32::from(cells.0), 2 * u32::from(cells.1));
        Ok(on_chequerboard(shrink(&self.picture, pixels)?))
    }
}

/// The size with its longest side at `side`, the other in proportion and at least 1.
fn within(size: (u32, u32), side: u32) -> (u32, u32) {
    let longest = u64::from(size.0.max(size.1).max(1));
    let scaled = |length: u32| {
        let length = u64::from(length) * u64::from(side) / longest;
        u32::try_from(length).unwrap_or(side).max(1)
    };
    (scaled(size.0), scaled(size.1))
}

/// Eight bits per channel with colours; a picture that has them already is moved, not copied.
fn eight_bit(picture: DynamicImage) -> DynamicImage {
    if picture.color().has_alpha() {
        DynamicImage::ImageRgba8(picture.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(picture.into_rgb8())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ColorType, ImageFormat};

    use super::*;

    fn master_of(width: u32, height: u32, colour: ColorType) -> Master {
        let mut png = Cursor::new(Vec::new());
        let picture = DynamicImage::new(width, height, colour);
        picture.write_to(&mut png, ImageFormat::Png).expect("a PNG in memory");
        master(png.get_ref(), &Limits::default()).expect("a master")
    }

    #[test]
    fn masters_are_small_and_eight_bit() {
        for (size, colour, small, becomes) in [
            ((2048, 16), ColorType::L16, (512, 4), ColorType::Rgb8),
            ((2, 4096), ColorType::La8, (1, 512), ColorType::Rgba8),
            ((30, 20), ColorType::Rgba8, (30, 20), ColorType::Rgba8),
            ((30, 20), ColorType::Rgb8, (30, 20), ColorType::Rgb8),
        ] {
            let made = master_of(size.0, size.1, colour);
            assert_eq!(made.original, size);
            assert_eq!((made.picture.width(), made.picture.height()), small, "{size:?}");
            assert_eq!(made.picture.color(), becomes, "{colour:?}");
        }
    }

    #[test]
    fn half_cells_are_exact_and_opaque() {
        let made = master_of(30, 20, ColorType::Rgba8);
        let pixels = made.half_cells((12, 5)).expect("scaled");
        assert_eq!((pixels.width(), pixels.height(), pixels.color()), (12, 10, ColorType::Rgb8));
        assert_eq!(made.blocks((0, 5), true).expect("nothing to draw"), Blocks::default());
    }
}
