//! From a file's bytes to pixels, within limits that are checked before anything is allocated.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};

use super::{Full, PreviewError};
use crate::wire::sniff;

/// What a decoder may hold beside the pixels: a few rows, texts, an unpacked colour profile, a frame that is smaller
/// than its canvas. Pictures of models have less than a hundredth of it.
const ASIDE: u64 = 16 << 20;

/// What decoding one picture may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Width times height.
    pub max_pixels: u64,
    /// The peak while a picture is decoded and its [`Master`](super::Master) is made.
    pub max_bytes: u64,
}

impl Default for Limits {
    /// 160 million pixels and 320 MiB: an RGB PNG of 8192 × 8192, or a JPEG of 28 million pixels.
    fn default() -> Self {
        Self { max_pixels: 160_000_000, max_bytes: 320 << 20 }
    }
}

impl Limits {
    fn check_size(&self, (width, height): (u32, u32)) -> Result<(), PreviewError> {
        match u64::from(width) * u64::from(height) {
            0 => Err(PreviewError::Empty { width, height }),
            pixels if pixels <= self.max_pixels => Ok(()),
            _ => Err(PreviewError::TooLarge { width, height, max_pixels: self.max_pixels }),
        }
    }

    /// `bytes` of decoded pixels.
    fn check_weight(&self, format: ImageFormat, bytes: u64) -> Result<(), PreviewError> {
        if bytes.saturating_mul(halves(format)) / 2 <= self.max_bytes {
            return Ok(());
        }
        Err(PreviewError::TooHeavy { max_bytes: self.max_bytes })
    }
}

/// The most memory that is taken at once, in halves of the decoded pixels' size.
fn halves(format: ImageFormat) -> u64 {
    match format {
        // The pixels, and half of them again in between while they are made smaller.
        ImageFormat::Png => 3,
        // A progressive JPEG keeps all its coefficients until its last scan: two bytes each.
        ImageFormat::Jpeg => 8,
        // A canvas or colour planes beside the pixels.
        _ => 6,
    }
}

/// Decodes a PNG, JPEG, WebP or GIF, known by its first bytes whatever it was called; of an animation the first frame.
///
/// The pixels stay in the file's own format (grey, 16 bit, …) and lie as the file has them: converting and turning a
/// small picture later is cheaper than holding two large ones now.
///
/// # Errors
/// Not a picture, a kind that cannot be decoded, over a limit, damaged or cut short. Which limits a header breaks
/// is found before memory is taken for pixels.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Full, PreviewError> {
    let mime = sniff::mime(bytes).ok_or(PreviewError::NotAPicture(bytes.len()))?;
    let format = ImageFormat::from_mime_type(mime).ok_or(PreviewError::Unsupported(mime))?;
    if let Some(size) = sniff::size(bytes) {
        limits.check_size(size)?;
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = image::Limits::no_limits();
    // The decoders count what they take for themselves only; the pixels' own room is ours.
    bounds.max_alloc = Some(ASIDE);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(explain)?;
    limits.check_size(decoder.dimensions())?;
    limits.check_weight(format, decoder.total_bytes())?;
    let turn = match format {
        ImageFormat::WebP => webp_exif(bytes).and_then(Orientation::from_exif_chunk),
        // What it cannot read lies as it is.
        _ => decoder.orientation().ok(),
    };
    let pixels = DynamicImage::from_decoder(decoder).map_err(explain)?;
    Ok(Full { pixels, turn: turn.unwrap_or(Orientation::NoTransforms) })
}

fn explain(error: ImageError) -> PreviewError {
    match error {
        ImageError::Limits(_) => PreviewError::Stuffed { max_bytes: ASIDE },
        other => PreviewError::Broken(other),
    }
}

/// The Exif chunk of a WebP. The decoder would take memory for as many bytes as the chunk claims, up to 4 GB, before
/// it looks whether the file has them.
fn webp_exif(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(12..)?;
    loop {
        let (name, after) = rest.split_first_chunk::<4>()?;
        let (size, after) = after.split_first_chunk::<4>()?;
        let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
        let content = after.get(..size)?;
        if name == b"EXIF" {
            return Some(content);
        }
        rest = after.get(size.checked_next_multiple_of(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use image::{Rgb, RgbImage, Rgba};

    use super::*;

    /// 32 × 32 pixels that do not compress.
    fn noise(format: ImageFormat) -> Vec<u8> {
        let mut dice = fastrand::Rng::with_seed(7);
        let pixels = RgbImage::from_fn(32, 32, |_, _| Rgb([dice.u8(..), dice.u8(..), dice.u8(..)]));
        let mut file = Cursor::new(Vec::new());
        pixels.write_to(&mut file, format).expect("a picture in memory");
        file.into_inner()
    }

    /// The noise as PNG with one more chunk behind its header.
    fn png_with(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(content);
        let length = u32::try_from(content.len()).expect("a short chunk");
        let mut png = noise(ImageFormat::Png);
        let tail = png.split_off(33);
        [png, length.to_be_bytes().to_vec(), kind.to_vec(), content.to_vec(), crc.sum().to_be_bytes().to_vec(), tail]
            .concat()
    }

    fn refusal(bytes: &[u8]) -> PreviewError {
        decode(bytes, &Limits::default()).expect_err("refused")
    }

    #[test]
    fn headers_that_claim_too_much_are_refused_by_name() {
        for (width, height, words) in
            [(8_000_000_u32, u32::MAX, "8000000 × 4294967295"), (16_384, 16_384, "16384 × 16384")]
        {
            let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
            png.extend(width.to_be_bytes());
            png.extend(height.to_be_bytes());
            png.extend(b"\x08\0\0\0\0crc!\0\0\0\0IDAT");
            assert_eq!(png.len(), 41);
            let error = refusal(&png);
            assert!(matches!(error, PreviewError::TooLarge { .. }));
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn a_picture_without_pixels_is_refused() {
        let error = refusal(b"GIF89a\0\0\x05\0\x80\0\0\xff\0\0\0\0\xff;");
        assert!(matches!(error, PreviewError::Empty { width: 0, height: 5 }), "{error}");
    }

    #[test]
    fn limits_hold_for_true_headers() {
        let png = noise(ImageFormat::Png);
        let whole = decode(&png, &Limits::default()).expect("within limits");
        assert_eq!(whole.size(), (32, 32));
        let few = Limits { max_pixels: 1023, ..Limits::default() };
        assert!(matches!(decode(&png, &few), Err(PreviewError::TooLarge { .. })));
        // 3072 bytes of pixels, and half as much while they are made smaller.
        let small = Limits { max_bytes: 4607, ..Limits::default() };
        assert!(matches!(decode(&png, &small), Err(PreviewError::TooHeavy { max_bytes: 4607 })));
        assert!(decode(&png, &Limits { max_bytes: 4608, ..small }).is_ok());
    }

    #[test]
    fn what_a_png_has_packed_beside_its_pixels_stays_packed() {
        let mut packed = ZlibEncoder::new(b"name\0\0".to_vec(), Compression::fast());
        for _ in 0..64 {
            packed.write_all(&[0; 1 << 20]).expect("memory");
        }
        let packed = packed.finish().expect("memory");
        let itxt = [&b"name\0\x01\0\0\0"[..], &packed[6..]].concat();
        for (kind, content) in [(b"zTXt", &packed), (b"iCCP", &packed), (b"iTXt", &itxt)] {
            let png = png_with(kind, content);
            assert!(decode(&png, &Limits::default()).is_ok(), "{kind:?}");
        }
        let long = [&b"name\0"[..], &vec![b'x'; 20 << 20]].concat();
        let error = refusal(&png_with(b"tEXt", &long));
        assert!(matches!(error, PreviewError::Stuffed { .. }), "{error}");
    }

    #[test]
    fn of_an_animation_only_the_first_frame_counts() {
        let frame = |codes: &[u8; 2]| [&b",\0\0\0\0\x01\0\x01\0\0\x02\x02"[..], codes, b"\0"].concat();
        let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\xff".to_vec();
        gif.extend(frame(b"\x44\x01"));
        gif.extend(frame(b"\x4c\x01").repeat(9_999));
        gif.push(b';');
        let first = decode(&gif, &Limits::default()).expect("a picture");
        assert_eq!(first.pixels.into_rgba8().get_pixel(0, 0), &Rgba([255, 0, 0, 255]));
    }

    #[test]
    fn cut_and_foreign_files_are_refused_with_a_sentence() {
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let file = noise(format);
            for length in [24, 40, file.len() / 2] {
                let error = refusal(&file[..length]);
                assert!(error.to_string().contains("damaged or was cut short"), "{format:?} {length}: {error}");
            }
        }
        for (bytes, sentence) in [
            (&b"<html>"[..], "these 6 bytes are no PNG"),
            (&b""[..], "these 0 bytes are no PNG"),
            (&b"\0\0\0\x18ftypheic"[..], "the picture is image/heic"),
        ] {
            let error = refusal(bytes);
            assert!(error.to_string().contains(sentence), "{error}");
        }
    }

    #[test]
    fn exif_is_found_where_it_is_and_not_where_it_is_claimed() {
        let file = b"RIFF\0\0\0\0WEBPVP8X\x01\0\0\0x\0EXIF\x03\0\0\0abc";
        assert_eq!(webp_exif(file), Some(&b"abc"[..]));
        assert_eq!(webp_exif(&file[..file.len() - 1]), None);
        assert_eq!(webp_exif(b"RIFF\0\0\0\0WEBPEXIF\xff\xff\xff\xff"), None);
    }
}
