//! The smaller copy of a picture from which every pane's size is made.

use image::{DynamicImage, RgbImage};

use super::{
    Blocks, Full, Limits, PreviewError, decode, encode_blocks, on_chequerboard, resample, shrink, shrink_last,
};

/// The longest side of a master, in pixels: sharp on a whole screen, 12 MB (16 MB with alpha).
pub const MASTER_SIDE: u32 = 2048;

/// A decoded picture, upright, at most [`MASTER_SIDE`] pixels wide and high.
#[derive(Debug, Clone, PartialEq)]
pub struct Master {
    /// RGB or RGBA, 8 bits per channel.
    pub picture: DynamicImage,
    /// Width and height of the file's picture in pixels, upright.
    pub original: (u32, u32),
}

/// Decodes a file and keeps the smaller copy only; the large one is gone on return.
///
/// # Errors
/// See [`decode()`] and [`shrink`].
pub fn master(bytes: &[u8], limits: &Limits) -> Result<Master, PreviewError> {
    Master::of(decode(bytes, limits)?)
}

impl Master {
    /// Shrinks right from the file's own pixels, and converts and turns what is left.
    ///
    /// # Errors
    /// See [`shrink`].
    pub fn of(full: Full) -> Result<Self, PreviewError> {
        let original = full.size();
        let size = (full.pixels.width(), full.pixels.height());
        let small = within(size, MASTER_SIDE);
        let small = if small == size { full.pixels } else { shrink_last(full.pixels, small)? };
        let mut picture = eight_bit(small);
        picture.apply_orientation(full.turn);
        Ok(Self { picture, original })
    }

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

    /// The picture at exactly `size` pixels (width, height), sharp and opaque.
    ///
    /// # Errors
    /// See [`resample`].
    pub fn opaque(&self, size: (u32, u32)) -> Result<RgbImage, PreviewError> {
        Ok(on_chequerboard(resample(&self.picture, size)?).into_rgb8())
    }
}

/// The size with no side longer than `side`, in proportion and at least 1 × 1.
pub fn within(size: (u32, u32), side: u32) -> (u32, u32) {
    let longest = u64::from(size.0.max(size.1));
    if longest <= u64::from(side) {
        return (size.0.max(1), size.1.max(1));
    }
    let scaled = |length: u32| {
        let length = u64::from(length) * u64::from(side) / longest;
        u32::try_from(length).unwrap_or(side).max(1)
    };
    (scaled(size.0), scaled(size.1))
}

/// Eight bits per channel with colours; a picture that has them already is moved, not copied.
pub fn eight_bit(picture: DynamicImage) -> DynamicImage {
    if picture.color().has_alpha() {
        DynamicImage::ImageRgba8(picture.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(picture.into_rgb8())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ColorType, ImageFormat, Rgb};

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
            ((8192, 64), ColorType::L16, (2048, 16), ColorType::Rgb8),
            ((2, 16_384), ColorType::La8, (1, 2048), ColorType::Rgba8),
            ((3000, 10), ColorType::Rgb8, (2048, 6), ColorType::Rgb8),
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

    /// Left half red, right half blue, and an Exif segment that says "turn me a quarter to the right".
    fn turned_jpeg(width: u32, height: u32) -> Vec<u8> {
        let halves =
            RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([250, 0, 0]) } else { Rgb([0, 0, 250]) });
        let mut jpeg = Cursor::new(Vec::new());
        halves.write_to(&mut jpeg, ImageFormat::Jpeg).expect("a JPEG in memory");
        let mut jpeg = jpeg.into_inner();
        let tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let exif = [&b"\xff\xe1\0\x22Exif\0\0"[..], tiff].concat();
        assert_eq!(exif.len(), 2 + 0x22);
        jpeg.splice(2..2, exif);
        jpeg
    }

    #[test]
    fn a_picture_stands_as_its_exif_says() {
        for (size, upright) in [((64, 32), (32, 64)), ((4096, 32), (16, 2048))] {
            let made = master(&turned_jpeg(size.0, size.1), &Limits::default()).expect("a master");
            assert_eq!(made.original, (size.1, size.0));
            assert_eq!((made.picture.width(), made.picture.height()), upright);
            let rgb = made.picture.into_rgb8();
            let [red, _, blue] = rgb.get_pixel(upright.0 - 1, 0).0;
            assert!(red > 200 && blue < 50, "the left comes to the top: {red} {blue}");
            let [red, _, blue] = rgb.get_pixel(0, upright.1 - 1).0;
            assert!(red < 50 && blue > 200, "the right comes to the bottom: {red} {blue}");
        }
    }
}
