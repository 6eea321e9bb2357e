//! Two pictures as one, side by side, so that every protocol can show a pair.

use image::imageops;
use image::{DynamicImage, RgbImage};

use super::fit::{CELL_PIXELS, cell_or};
use super::master::within;
use super::{MASTER_SIDE, Master, PreviewError, fit};

/// Composes two pictures for a pane of `cells` (columns, rows) of `cell` pixels: each as large as half of it allows,
/// in its own proportions and in the middle of its half's height, with one column of black between them.
///
/// The result is as wide and high as the two need, so that [`fit()`] centres it in the pane like any picture.
///
/// # Errors
/// See [`resample`](super::resample).
pub fn beside(left: &Master, right: &Master, cells: (u16, u16), cell: (u16, u16)) -> Result<Master, PreviewError> {
    let cell = cell_or(cell, CELL_PIXELS);
    let gap = u32::from(cell.0);
    let room = within((u32::from(cells.0) * gap, u32::from(cells.1) * u32::from(cell.1)), MASTER_SIDE);
    let half = (short(room.0.saturating_sub(gap) / 2), short(room.1));
    let sizes = [left, right].map(|master| fit(master.original, half, (1, 1)));
    let [left_size, right_size] = sizes.map(|(width, height)| (u32::from(width), u32::from(height)));
    let original = (left_size.0 + gap + right_size.0, left_size.1.max(right_size.1));
    let mut both = RgbImage::new(original.0, original.1);
    for (master, size, x) in [(left, left_size, 0), (right, right_size, left_size.0 + gap)] {
        let y = (original.1 - size.1) / 2;
        imageops::replace(&mut both, &master.opaque(size)?, x.into(), y.into());
    }
    Ok(Master { picture: DynamicImage::ImageRgb8(both), original })
}

/// As [`fit()`] takes it, at least one; what comes here is never longer than [`MASTER_SIDE`].
fn short(pixels: u32) -> u16 {
    u16::try_from(pixels).unwrap_or(u16::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use image::{Rgb, Rgba, RgbaImage};

    use super::*;

    fn plain(width: u32, height: u32, colour: [u8; 3]) -> Master {
        let picture = DynamicImage::ImageRgb8(RgbImage::from_pixel(width, height, Rgb(colour)));
        Master { picture, original: (width, height) }
    }

    #[test]
    fn each_takes_its_half_and_black_is_between() {
        let wide = plain(80, 40, [200, 0, 0]);
        let square = plain(40, 40, [0, 0, 200]);
        // 210 × 200 pixels: two halves of 100, and a column of 10.
        let pair = beside(&wide, &square, (21, 10), (10, 20)).expect("scaled");
        assert_eq!(pair.original, (210, 100));
        let pixels = pair.picture.into_rgb8();
        let at = |x, y| pixels.get_pixel(x, y).0;
        assert_eq!((at(50, 20), at(50, 50), at(50, 80)), ([0; 3], [200, 0, 0], [0; 3]));
        assert_eq!((at(105, 50), at(110, 0), at(209, 99)), ([0; 3], [0, 0, 200], [0, 0, 200]));
    }

    #[test]
    fn any_pane_and_any_picture_will_do() {
        let clear = RgbaImage::from_pixel(3, 9000, Rgba([0; 4]));
        let clear = Master { picture: DynamicImage::ImageRgba8(clear), original: (3, 9000) };
        for cells in [(0, 0), (1, 1), (2, 1), (u16::MAX, u16::MAX)] {
            let pair = beside(&clear, &plain(5, 1, [9; 3]), cells, (0, 0)).expect("scaled");
            assert!(pair.original.0.max(pair.original.1) <= MASTER_SIDE + u32::from(CELL_PIXELS.0), "{cells:?}");
        }
    }
}
