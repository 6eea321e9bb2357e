//! A decoded picture in all its pixels, to be looked at through a window.

use image::DynamicImage;
use image::metadata::Orientation;

use super::Master;
use super::master::eight_bit;

/// A picture as its file has it, and how it has to be turned to stand upright.
///
/// As large as its pixels (4096 × 4096 in RGB: 50 MB), so it is kept only while it is looked at pixel by pixel.
#[derive(Debug, Clone, PartialEq)]
pub struct Full {
    pub pixels: DynamicImage,
    pub turn: Orientation,
}

impl Full {
    /// Width and height in pixels, upright.
    pub fn size(&self) -> (u32, u32) {
        let (width, height) = (self.pixels.width(), self.pixels.height());
        if lies(self.turn) { (height, width) } else { (width, height) }
    }

    /// The window with its top left at (`x`, `y`) of the upright picture, moved and cut to lie inside of it; at least
    /// one pixel wide and high. Only the window is copied and turned.
    pub fn crop(&self, x: u32, y: u32, width: u32, height: u32) -> Master {
        let size = self.size();
        let (width, height) = (width.clamp(1, size.0), height.clamp(1, size.1));
        let (x, y) = (x.min(size.0 - width), y.min(size.1 - height));
        let (mut left, mut top, across, down) =
            if lies(self.turn) { (y, x, height, width) } else { (x, y, width, height) };
        if from_the_right(self.turn) {
            left = self.pixels.width() - left - across;
        }
        if from_the_bottom(self.turn) {
            top = self.pixels.height() - top - down;
        }
        let mut picture = eight_bit(self.pixels.crop_imm(left, top, across, down));
        picture.apply_orientation(self.turn);
        Master { picture, original: (width, height) }
    }
}

/// Whether rows of the file are columns of the upright picture.
fn lies(turn: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(turn, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

fn from_the_right(turn: Orientation) -> bool {
    use Orientation::{FlipHorizontal, Rotate180, Rotate270, Rotate270FlipH};
    matches!(turn, FlipHorizontal | Rotate180 | Rotate270 | Rotate270FlipH)
}

fn from_the_bottom(turn: Orientation) -> bool {
    use Orientation::{FlipVertical, Rotate90, Rotate180, Rotate270FlipH};
    matches!(turn, FlipVertical | Rotate90 | Rotate180 | Rotate270FlipH)
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    #[test]
    fn a_window_is_what_the_upright_picture_has_there() {
        let pixels = DynamicImage::ImageRgb8(RgbImage::from_fn(9, 5, |x, y| Rgb([x as u8, y as u8, 7])));
        for exif in 1..=8 {
            let turn = Orientation::from_exif(exif).expect("one of eight");
            let full = Full { pixels: pixels.clone(), turn };
            let mut upright = pixels.clone();
            upright.apply_orientation(turn);
            assert_eq!(full.size(), (upright.width(), upright.height()));
            let window = full.crop(1, 2, 4, 3);
            assert_eq!(window.picture, upright.crop_imm(1, 2, 4, 3), "orientation {exif}");
            assert_eq!(window.original, (4, 3));
        }
    }

    #[test]
    fn a_window_never_leaves_the_picture() {
        let full = Full { pixels: DynamicImage::new_luma16(9, 5), turn: Orientation::Rotate90 };
        for (asked, given) in [((0, 0, 99, 99), (5, 9)), ((4, 8, 3, 2), (3, 2)), ((u32::MAX, 3, 0, 1), (1, 1))] {
            let window = full.crop(asked.0, asked.1, asked.2, asked.3);
            assert_eq!((window.picture.width(), window.picture.height()), given, "{asked:?}");
            assert_eq!(window.picture.color(), image::ColorType::Rgb8);
        }
    }
}
