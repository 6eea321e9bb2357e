//! A reply that has to be drawn before it can be sent.

use super::call::Call;
use super::gemini::Gemini;
use super::models;
use super::page::Page;
use super::picture::Format;
use super::reply::Composed;
use super::shape::Shape;
use super::studio::Studio;
use flate2::Compression;
use flate2::write::GzEncoder;
use image::ImageResult;
use std::io::Write;

/// A moment for replies that carry one: the demo has no clock.
const CREATED: u64 = 1_767_225_600;

/// Everything that drawing a reply needs.
#[derive(Debug)]
pub struct Order {
    pub content: Content,
    pub call: Call,
    pub model: String,
    pub shape: Shape,
    /// The number of the request.
    pub number: u64,
    /// The demo's seed.
    pub seed: u64,
    pub gzip: bool,
}

/// The form that the pictures are put into.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    Gemini(&'static Gemini),
    OpenaiImages(Format),
}

impl Order {
    /// The list price of its pictures in dollars.
    pub fn usd(&self) -> f64 {
        let (pictures, size) = match self.content {
            Content::Gemini(gemini) => (gemini.pictures(), gemini.size.as_deref()),
            Content::OpenaiImages(_) => (1, None),
        };
        let each = models::price(&self.model, size.or(self.call.size.as_deref()));
        // A reply is one picture on the bill, drafts and doubles included.
        if pictures > 0 { each } else { 0.0 }
    }

    /// Draws, encodes and writes the reply: up to seconds of work, for a thread that may block.
    pub fn draw(&self) -> ImageResult<Page> {
        match self.content {
            Content::Gemini(gemini) => self.gemini(gemini),
            Content::OpenaiImages(format) => self.openai_images(format),
        }
    }

    fn gemini(&self, gemini: &'static Gemini) -> ImageResult<Page> {
        let composed = Composed::draw(gemini, &self.call, &self.model, self.number, self.seed)?;
        let (body, gzip) = self.packed(composed.body(self.shape));
        let announced = self.shape == Shape::Unary;
        Ok(Page { announced, gzip, ..Page::new(200, Some(self.shape.kind()), body) })
    }

    fn openai_images(&self, format: Format) -> ImageResult<Page> {
        let data = Studio::new(&self.call, &Gemini::default(), self.seed).base64(format, false)?;
        let (body, gzip) = self.packed(format!("{{\"created\":{CREATED},\"data\":[{{\"b64_json\":\"{data}\"}}]}}"));
        Ok(Page { gzip, ..Page::json(200, body) })
    }

    /// The body as it is sent, and whether it is compressed.
    fn packed(&self, body: String) -> (Vec<u8>, bool) {
        if !self.gzip {
            return (body.into_bytes(), false);
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        match encoder.write_all(body.as_bytes()).and_then(|()| encoder.finish()) {
            Ok(packed) => (packed, true),
            Err(_) => (body.into_bytes(), false),
        }
    }
}
