//! A picture as the bytes that kitty and iTerm2 show, within a budget.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbImage};

use super::fit::{CELL_PIXELS, cell_or};
use super::{Master, PreviewError};
use crate::wire::b64;

/// Bytes on the line for kitty in a pane of 60 × 30 cells.
pub const KITTY_BUDGET: usize = 650_000;
/// The same on a slow line.
pub const SLOW_BUDGET: usize = 200_000;
/// Bytes on the line for iTerm2 in a pane of 60 × 30 cells.
pub const ITERM_BUDGET: usize = 120_000;

/// How often a picture is made smaller before it is given up.
const ROUNDS: usize = 3;
/// From hardly visible to visible. Below [`COARSEST`] fewer pixels look better.
const QUALITIES: [u8; 4] = [88, 76, 63, COARSEST];
const COARSEST: u8 = 50;

/// Base64 characters in one command, as the protocol allows at most.
const CHUNK: usize = 4096;
/// More than the keys of the first command take, and what each further one takes around its base64.
const FIRST: usize = 96;
const FURTHER: usize = b"\x1b_Gq=2,m=1;\x1b\\".len();

impl Master {
    /// A PNG for a place of `cells` (columns, rows) of `cell` pixels, so small that [`kitty_transmit`] makes at most
    /// `budget` bytes of it. It has the place's pixels, or the picture's where it is the smaller one: the terminal
    /// stretches it. Over budget it gets fewer pixels, better compressed.
    ///
    /// # Errors
    /// [`PreviewError::OverBudget`]; and see [`resample`](super::resample).
    pub fn kitty(&self, cells: (u16, u16), cell: (u16, u16), budget: usize) -> Result<Vec<u8>, PreviewError> {
        let mut size = self.pixels_for(cells, cell);
        let mut compression = CompressionType::Fast;
        let mut bytes = 0;
        for _ in 0..=ROUNDS {
            let png = png(&self.opaque(size)?, compression)?;
            bytes = kitty_length(png.len());
            if bytes <= budget {
                return Ok(png);
            }
            // How well it packs is known only when it was packed so; then its size can be told.
            match compression {
                CompressionType::Fast => compression = CompressionType::Default,
                _ => size = smaller(size, bytes, budget),
            }
        }
        Err(PreviewError::OverBudget { bytes, budget })
    }

    /// One complete iTerm2 command of at most `budget` bytes that shows a JPEG at the cursor and leaves it there: as
    /// large as [`kitty`](Master::kitty)'s; over budget coarser, then with fewer pixels.
    ///
    /// # Errors
    /// [`PreviewError::OverBudget`]; and see [`resample`](super::resample).
    pub fn iterm(&self, cells: (u16, u16), cell: (u16, u16), budget: usize) -> Result<Vec<u8>, PreviewError> {
        let mut size = self.pixels_for(cells, cell);
        let picture = self.opaque(size)?;
        let mut bytes = 0;
        for quality in QUALITIES {
            let command = iterm_command(&jpeg(&picture, quality)?, cells);
            bytes = command.len();
            if bytes <= budget {
                return Ok(command);
            }
        }
        for _ in 1..ROUNDS {
            size = smaller(size, bytes, budget);
            let command = iterm_command(&jpeg(&self.opaque(size)?, COARSEST)?, cells);
            bytes = command.len();
            if bytes <= budget {
                return Ok(command);
            }
        }
        Err(PreviewError::OverBudget { bytes, budget })
    }

    fn pixels_for(&self, cells: (u16, u16), cell: (u16, u16)) -> (u32, u32) {
        // A wrong guess costs sharpness, not place.
        let cell = cell_or(cell, CELL_PIXELS);
        let place = (u32::from(cells.0) * u32::from(cell.0), u32::from(cells.1) * u32::from(cell.1));
        let own = (self.picture.width(), self.picture.height());
        if place.0 >= own.0 || place.1 >= own.1 { own } else { (place.0.max(1), place.1.max(1)) }
    }
}

/// The commands that bring a PNG to a kitty terminal as image `id`: each complete by itself, so that text may go out
/// between them; none answered. With `place` (columns, rows) it is also shown at the cursor, which stays, as
/// placement 1.
pub fn kitty_transmit(id: u32, png: &[u8], place: Option<(u16, u16)>) -> Vec<Vec<u8>> {
    let text = b64::encode(png);
    let count = text.len().div_ceil(CHUNK);
    let command = |(number, chunk): (usize, &[u8])| {
        let more = u8::from(number + 1 < count);
        let keys = match (number, place) {
            (0, None) => format!("a=t,f=100,q=2,i={id},m={more}"),
            (0, Some((columns, rows))) => format!("a=T,f=100,q=2,i={id},p=1,c={columns},r={rows},C=1,m={more}"),
            _ => format!("q=2,m={more}"),
        };
        [&b"\x1b_G"[..], keys.as_bytes(), b";", chunk, b"\x1b\\"].concat()
    };
    text.as_bytes().chunks(CHUNK).enumerate().map(command).collect()
}

/// The most that [`kitty_transmit`] makes of a PNG of that many bytes.
fn kitty_length(png: usize) -> usize {
    let text = png.div_ceil(3) * 4;
    FIRST + text + text.div_ceil(CHUNK) * FURTHER
}

fn iterm_command(jpeg: &[u8], (columns, rows): (u16, u16)) -> Vec<u8> {
    let keys = format!(
        "\x1b]1337;File=inline=1;size={};width={columns};height={rows};preserveAspectRatio=0;doNotMoveCursor=1:",
        jpeg.len()
    );
    [keys.as_bytes(), b64::encode(jpeg).as_bytes(), b"\x07"].concat()
}

/// So many pixels as fit if each takes as many bytes as before.
fn smaller(size: (u32, u32), bytes: usize, budget: usize) -> (u32, u32) {
    let factor = (budget as f64 / bytes.max(1) as f64).sqrt().min(0.95);
    let side = |pixels: u32| ((f64::from(pixels) * factor) as u32).max(1);
    (side(size.0), side(size.1))
}

fn png(picture: &RgbImage, compression: CompressionType) -> Result<Vec<u8>, PreviewError> {
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, compression, FilterType::Adaptive)
        .write_image(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .map_err(PreviewError::Encode)?;
    Ok(bytes)
}

fn jpeg(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, PreviewError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .write_image(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .map_err(PreviewError::Encode)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, Rgb};

    use super::*;
    use crate::wire::sniff;

    /// A gradient under grain, as photographs are.
    fn photo(side: u32) -> Master {
        let mut dice = fastrand::Rng::with_seed(4);
        let picture = RgbImage::from_fn(side, side, |x, y| {
            let grain = dice.u8(..48);
            Rgb([(x * 200 / side) as u8 + grain, (y * 200 / side) as u8 + grain, 90 + grain])
        });
        Master { picture: DynamicImage::ImageRgb8(picture), original: (side, side) }
    }

    fn sent(png: &[u8]) -> usize {
        kitty_transmit(u32::MAX, png, Some((u16::MAX, u16::MAX))).iter().map(Vec::len).sum()
    }

    #[test]
    fn a_png_keeps_its_budget_and_as_many_pixels_as_it_can() {
        let photo = photo(1024);
        let ample = photo.kitty((60, 30), (9, 18), usize::MAX).expect("no limit");
        assert_eq!(sniff::size(&ample), Some((540, 540)));
        for budget in [KITTY_BUDGET, SLOW_BUDGET, 40_000] {
            let png = photo.kitty((60, 30), (9, 18), budget).expect("within three rounds");
            let (width, height) = sniff::size(&png).expect("a PNG");
            assert!(sent(&png) <= budget && sent(&png) > budget / 3, "{budget}: {}", sent(&png));
            assert!(width == height && width <= 540, "{budget}: {width} × {height}");
        }
        assert!(matches!(photo.kitty((60, 30), (9, 18), 90), Err(PreviewError::OverBudget { budget: 90, .. })));
    }

    #[test]
    fn a_small_picture_is_not_blown_up() {
        let png = photo(64).kitty((60, 30), (0, 0), KITTY_BUDGET).expect("small");
        assert_eq!(sniff::size(&png), Some((64, 64)));
    }

    #[test]
    fn a_jpeg_comes_in_one_command_within_its_budget() {
        let photo = photo(1024);
        for (budget, least) in [(usize::MAX, 540), (ITERM_BUDGET, 400), (20_000, 100)] {
            let command = photo.iterm((60, 30), (9, 18), budget).expect("within budget");
            assert!(command.len() <= budget);
            let keys = command.iter().position(|byte| *byte == b':').expect("the end of the keys");
            let text = command[keys + 1..].strip_suffix(b"\x07").expect("the end of the command");
            let jpeg = b64::decode(text).expect("base64");
            let size = format!(";size={};width=60;height=30;preserveAspectRatio=0;doNotMoveCursor=1", jpeg.len());
            assert_eq!(command[..keys], *[&b"\x1b]1337;File=inline=1"[..], size.as_bytes()].concat());
            let (width, height) = sniff::size(&jpeg).expect("a JPEG");
            assert!(width == height && (least..=540).contains(&width), "{budget}: {width} × {height}");
        }
    }

    #[test]
    fn chunks_are_complete_and_only_the_last_says_so() {
        let one = kitty_transmit(7, b"abc", None);
        assert_eq!(one, [b"\x1b_Ga=t,f=100,q=2,i=7,m=0;YWJj\x1b\\"]);
        let bytes = vec![9; 3 * 2048 + 1];
        let three = kitty_transmit(7, &bytes, Some((60, 30)));
        let heads = [&b"\x1b_Ga=T,f=100,q=2,i=7,p=1,c=60,r=30,C=1,m=1;"[..], b"\x1b_Gq=2,m=1;", b"\x1b_Gq=2,m=0;"];
        assert_eq!(three.len(), heads.len());
        let bodies = three.iter().zip(heads).map(|(chunk, head)| {
            let body = chunk.strip_prefix(head).expect("its keys").strip_suffix(b"\x1b\\").expect("its end");
            assert!(body.len() <= CHUNK);
            body
        });
        assert_eq!(b64::decode(&bodies.collect::<Vec<_>>().concat()), Some(bytes));
        for length in [0, 1, 3071, 3072, 3073, 100_000] {
            assert!(sent(&vec![0; length]) <= kitty_length(length), "{length}");
        }
    }
}
