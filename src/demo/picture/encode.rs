//! Pictures as files: PNG, JPEG and WebP.

use super::Picture;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageResult};
use serde::Deserialize;

/// High enough that the grain survives: a 4K JPEG has the weight of a real one.
const JPEG_QUALITY: u8 = 98;

/// A file format that image models answer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    Png,
    Jpeg,
    Webp,
}

impl Format {
    /// The MIME type, as on the wire.
    pub fn mime(self) -> &'static str {
        match self {
            Format::Png => "image/png",
            Format::Jpeg => "image/jpeg",
            Format::Webp => "image/webp",
        }
    }
}

/// Encodes a picture; WebP is lossless. Fails only when a side is longer than the format allows.
pub fn encode(picture: &Picture, format: Format) -> ImageResult<Vec<u8>> {
    let mut file = Vec::new();
    let written = match format {
        Format::Png => write(PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Up), picture),
        Format::Jpeg => write(JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY), picture),
        Format::Webp => write(WebPEncoder::new_lossless(&mut file), picture),
    };
    written.map(|()| file)
}

fn write(encoder: impl ImageEncoder, picture: &Picture) -> ImageResult<()> {
    encoder.write_image(&picture.rgb, picture.width, picture.height, ExtendedColorType::Rgb8)
}
