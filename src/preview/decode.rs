//! From a file's bytes to pixels, within limits that are checked before anything is allocated.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};

use super::PreviewError;
use crate::wire::sniff;

/// What decoding one picture may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Width times height.
    pub max_pixels: u64,
    /// Decoded pixels plus what the decoder itself allocates.
    pub max_bytes: u64,
}

impl Default for Limits {
    /// 160 million pixels (a little over 12288 × 12288) and 512 MiB.
    fn default() -> Self {
        Self { max_pixels: 160_000_000, max_bytes: 512 << 20 }
    }
}

impl Limits {
    fn check_size(&self, (width, height): (u32, u32)) -> Result<(), PreviewError> {
        if u64::from(width) * u64::from(height) <= self.max_pixels {
            return Ok(());
        }
        Err(PreviewError::TooLarge { width, height, max_pixels: self.max_pixels })
    }

    fn too_heavy(&self) -> PreviewError {
        PreviewError::TooHeavy { max_bytes: self.max_bytes }
    }

    fn explain(&self, error: ImageError) -> PreviewError {
        match error {
            ImageError::Limits(_) => self.too_heavy(),
            other => PreviewError::Broken(other),
        }
    }
}

/// Decodes a PNG, JPEG, WebP or GIF (its first frame), known by its first bytes whatever it was called.
///
/// The pixels stay in the file's own format (grey, 16 bit, …): converting a small picture later is cheaper than
/// holding two large ones now.
///
/// # Errors
/// Not a picture, a kind that cannot be decoded, over a limit, damaged or cut short. Which limits a header breaks
/// is found before memory is taken for pixels.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<DynamicImage, PreviewError> {
    let mime = sniff::mime(bytes).ok_or(PreviewError::NotAPicture(bytes.len()))?;
    let format = ImageFormat::from_mime_type(mime).ok_or(PreviewError::Unsupported(mime))?;
    if let Some(size) = sniff::size(bytes) {
        limits.check_size(size)?;
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = image::Limits::no_limits();
    bounds.max_alloc = Some(limits.max_bytes);
    reader.limits(bounds);
    let decoder = reader.into_decoder().map_err(|error| limits.explain(error))?;
    limits.check_size(decoder.dimensions())?;
    if decoder.total_bytes() > limits.max_bytes {
        return Err(limits.too_heavy());
    }
    DynamicImage::from_decoder(decoder).map_err(|error| limits.explain(error))
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    /// 32 × 32 pixels that do not compress.
    fn noise() -> Vec<u8> {
        let mut dice = fastrand::Rng::with_seed(7);
        let pixels = RgbImage::from_fn(32, 32, |_, _| Rgb([dice.u8(..), dice.u8(..), dice.u8(..)]));
        let mut png = Cursor::new(Vec::new());
        pixels.write_to(&mut png, ImageFormat::Png).expect("a PNG in memory");
        png.into_inner()
    }

    #[test]
    fn a_header_that_claims_petabytes_is_refused_by_name() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend(8_000_000_u32.to_be_bytes());
        png.extend(u32::MAX.to_be_bytes());
        png.extend(b"\x08\x02\0\0\0crc!\0\0\0\0IDAT");
        assert_eq!(png.len(), 41);
        let error = decode(&png, &Limits::default()).expect_err("too large");
        assert!(matches!(error, PreviewError::TooLarge { width: 8_000_000, height: u32::MAX, .. }));
        assert!(error.to_string().contains("8000000 × 4294967295"), "{error}");
    }

    #[test]
    fn limits_hold_for_true_headers() {
        let png = noise();
        let whole = decode(&png, &Limits::default()).expect("within limits");
        assert_eq!((whole.width(), whole.height()), (32, 32));
        let few = Limits { max_pixels: 1023, ..Limits::default() };
        assert!(matches!(decode(&png, &few), Err(PreviewError::TooLarge { .. })));
        let small = Limits { max_bytes: 3071, ..Limits::default() };
        assert!(matches!(decode(&png, &small), Err(PreviewError::TooHeavy { max_bytes: 3071 })));
    }

    #[test]
    fn cut_and_foreign_files_are_refused_with_a_sentence() {
        let png = noise();
        for length in [8, 20, 40, png.len() / 2] {
            let error = decode(&png[..length], &Limits::default()).expect_err("cut");
            assert!(error.to_string().contains("damaged or was cut short"), "{length}: {error}");
        }
        for (bytes, sentence) in [
            (&b"<html>"[..], "these 6 bytes are no PNG"),
            (&b""[..], "these 0 bytes are no PNG"),
            (&b"\0\0\0\x18ftypheic"[..], "the picture is image/heic"),
        ] {
            let error = decode(bytes, &Limits::default()).expect_err("no picture");
            assert!(error.to_string().contains(sentence), "{error}");
        }
    }
}
