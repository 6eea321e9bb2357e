//! Making a picture smaller, and opaque.

use fast_image_resize::{FilterType, MulDiv, ResizeAlg, ResizeError, ResizeOptions, Resizer};
use image::{DynamicImage, Rgb, RgbImage};

use super::PreviewError;

/// The side of a chequerboard's square, in pixels of the final picture.
const SQUARE: u32 = 8;
const LIGHT: u8 = 0x99;
const DARK: u8 = 0x66;

/// Sixteen samples for every pixel, more than an average over a cell shows.
const FAST: ResizeAlg = ResizeAlg::SuperSampling(FilterType::Bilinear, 4);
/// Every pixel counts: no lost hairline, no moiré.
const SHARP: ResizeAlg = ResizeAlg::Convolution(FilterType::CatmullRom);

/// Scales to exactly `to` pixels (width, height) in the same pixel format; transparency is weighed in.
///
/// For half-blocks, and for pictures that are far larger: it takes samples where there are more pixels than anyone sees.
///
/// # Errors
/// For pixel formats that the decoders here never yield.
pub fn shrink(picture: &DynamicImage, to: (u32, u32)) -> Result<DynamicImage, PreviewError> {
    resized(picture, to, &ResizeOptions::new().resize_alg(FAST))
}

/// Scales like [`shrink`], with care for what can be seen in single pixels.
///
/// # Errors
/// For pixel formats that the decoders here never yield.
pub fn resample(picture: &DynamicImage, to: (u32, u32)) -> Result<DynamicImage, PreviewError> {
    resized(picture, to, &ResizeOptions::new().resize_alg(SHARP))
}

/// [`shrink`] for a picture that is large and not needed any more: its transparency is weighed in where it lies,
/// without the copy of the whole that the others make.
///
/// # Errors
/// For pixel formats that the decoders here never yield.
pub fn shrink_last(mut picture: DynamicImage, to: (u32, u32)) -> Result<DynamicImage, PreviewError> {
    if !picture.color().has_alpha() {
        return shrink(&picture, to);
    }
    let alpha = MulDiv::new();
    alpha.multiply_alpha_inplace(&mut picture).map_err(ResizeError::from)?;
    let mut small = resized(&picture, to, &ResizeOptions::new().resize_alg(FAST).use_alpha(false))?;
    alpha.divide_alpha_inplace(&mut small).map_err(ResizeError::from)?;
    Ok(small)
}

fn resized(picture: &DynamicImage, to: (u32, u32), options: &ResizeOptions) -> Result<DynamicImage, PreviewError> {
    let mut scaled = DynamicImage::new(to.0, to.1, picture.color());
    Resizer::new().resize(picture, &mut scaled, options)?;
    Ok(scaled)
}

/// Lays an RGBA picture on grey squares; any other is returned as it is.
///
/// To be done last: squares that were laid before scaling would blur into one grey.
pub fn on_chequerboard(picture: DynamicImage) -> DynamicImage {
    let DynamicImage::ImageRgba8(picture) = picture else {
        return picture;
    };
    let opaque = RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let square = if (x / SQUARE + y / SQUARE).is_multiple_of(2) { LIGHT } else { DARK };
        Rgb([red, green, blue].map(|colour| over(colour, square, alpha)))
    });
    DynamicImage::ImageRgb8(opaque)
}

fn over(colour: u8, ground: u8, alpha: u8) -> u8 {
    let alpha = u16::from(alpha);
    let mixed = (u16::from(colour) * alpha + u16::from(ground) * (255 - alpha) + 127) / 255;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    #[test]
    fn hidden_colours_do_not_bleed() {
        let green_but_hidden = Rgba([0, 255, 0, 0]);
        let half = RgbaImage::from_fn(64, 64, |x, _| if x < 28 { Rgba([255, 0, 0, 255]) } else { green_but_hidden });
        let half = DynamicImage::ImageRgba8(half);
        for small in [shrink(&half, (8, 8)), resample(&half, (8, 8)), shrink_last(half.clone(), (8, 8))] {
            let small = small.expect("rgba8 scales").into_rgba8();
            assert_eq!(small.dimensions(), (8, 8));
            let [red, green, _, alpha] = small.get_pixel(0, 4).0;
            assert!(red >= 254 && green == 0 && alpha >= 254);
            assert_eq!(small.get_pixel(7, 4).0[3], 0);
            assert!(small.pixels().all(|pixel| pixel.0[3] == 0 || pixel.0[1] == 0));
        }
    }

    #[test]
    fn transparency_shows_squares() {
        let mut clear = RgbaImage::new(16, 16);
        clear.put_pixel(0, 0, Rgba([10, 20, 30, 255]));
        clear.put_pixel(1, 0, Rgba([255, 255, 255, 128]));
        let board = on_chequerboard(DynamicImage::ImageRgba8(clear)).into_rgb8();
        let at = |x, y| board.get_pixel(x, y).0;
        assert_eq!(at(0, 0), [10, 20, 30]);
        assert_eq!(at(1, 0), [204; 3]);
        assert_eq!((at(7, 7), at(8, 7), at(8, 8)), ([LIGHT; 3], [DARK; 3], [LIGHT; 3]));
    }

    #[test]
    fn an_opaque_picture_is_passed_on() {
        let picture = DynamicImage::new_rgb8(3, 3);
        assert_eq!(on_chequerboard(picture.clone()), picture);
    }
}
