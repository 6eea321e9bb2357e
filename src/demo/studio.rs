//! Turns a scene's candidates into parts with real pictures in them.

use super::call::Call;
use super::gemini::{Candidate, Gemini, Markdown, Part, Picture};
use super::picture::{Format, Subject, draw, encode, mix, mix_bytes};
use super::pixels::pixels;
use crate::wire::b64;
use image::ImageResult;
use std::rc::Rc;

/// What a long text repeats.
const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz";

/// One part, ready to be written.
pub enum Piece {
    Text(String),
    Picture { mime: &'static str, data: Rc<str>, thought: bool, signature: Option<String> },
    Raw(&'static str),
}

impl Piece {
    /// About how many bytes it takes in a body.
    pub fn weight(&self) -> usize {
        match self {
            Piece::Text(text) => text.len(),
            Piece::Picture { data, signature, .. } => data.len() + signature.as_ref().map_or(0, String::len),
            Piece::Raw(json) => json.len(),
        }
    }
}

/// Draws each picture of a reply once.
pub struct Studio {
    subject: Subject,
    url_safe: bool,
    /// Base64 by format, and whether it is a draft.
    drawn: Vec<(Format, bool, Rc<str>)>,
}

impl Studio {
    /// Takes the size and the subject from the request, unless the scene insists on others. `seed` is the demo's own.
    pub fn new(call: &Call, gemini: &Gemini, seed: u64) -> Studio {
        let size = gemini.size.as_deref().or(call.size.as_deref());
        let (width, height) = gemini.pixels.unwrap_or_else(|| pixels(call.aspect.as_deref(), size));
        let chosen = call.seed.map_or(seed, |asked| asked as u64);
        let seed = mix_bytes(chosen, call.prompt.as_bytes()) ^ call.tint;
        let subject = Subject { width, height, seed, caption: call.prompt.clone() };
        Studio { subject, url_safe: gemini.url_safe, drawn: Vec::new() }
    }

    /// The parts of one candidate.
    pub fn pieces(&mut self, candidate: &'static Candidate) -> ImageResult<Vec<Piece>> {
        let mut pieces = Vec::new();
        for part in &candidate.parts {
            match part {
                Part::Text(text) => pieces.push(Piece::Text(text.clone())),
                Part::Long(length) => pieces.push(Piece::Text(ALPHABET.chars().cycle().take(*length).collect())),
                Part::Raw(json) => pieces.push(Piece::Raw(json)),
                Part::Picture(picture) => pieces.push(self.inline(picture)?),
                Part::Markdown(markdown) => pieces.extend(self.markdown(markdown)?),
            }
        }
        Ok(pieces)
    }

    /// The base64 of the picture in a format; a draft shows something else.
    pub fn base64(&mut self, format: Format, draft: bool) -> ImageResult<Rc<str>> {
        let known = self.drawn.iter().find(|(kind, drafted, _)| (*kind, *drafted) == (format, draft));
        if let Some((_, _, data)) = known {
            return Ok(Rc::clone(data));
        }
        let seed = if draft { mix(self.subject.seed) } else { self.subject.seed };
        let file = encode(&draw(&Subject { seed, ..self.subject.clone() }), format)?;
        let data: Rc<str> = self.spell(b64::encode(&file)).into();
        self.drawn.push((format, draft, Rc::clone(&data)));
        Ok(data)
    }

    fn inline(&mut self, picture: &'static Picture) -> ImageResult<Piece> {
        let declared = picture.declared.unwrap_or(picture.format).mime();
        Ok(Piece::Picture {
            mime: picture.mime.as_deref().unwrap_or(declared),
            data: self.base64(picture.format, picture.thought)?,
            thought: picture.thought,
            signature: picture.signature.map(|length| self.spell(signature(self.subject.seed, length))),
        })
    }

    fn markdown(&mut self, markdown: &Markdown) -> ImageResult<Vec<Piece>> {
        let data = self.base64(markdown.format, false)?;
        let text = format!("![image](data:{};base64,{data})", markdown.format.mime());
        if !markdown.cut {
            return Ok(vec![Piece::Text(text)]);
        }
        let (before, after) = text.split_at(text.len() / 2);
        Ok(vec![Piece::Text(before.to_owned()), Piece::Text(after.to_owned())])
    }

    fn spell(&self, base64: String) -> String {
        if self.url_safe { base64.trim_end_matches('=').replace('+', "-").replace('/', "_") } else { base64 }
    }
}

/// Base64 of that many characters, which says nothing, as real signatures do to us.
fn signature(seed: u64, length: usize) -> String {
    let words = (0..length as u64 * 3 / 32 + 1).flat_map(|word| mix(seed ^ word).to_be_bytes());
    let bytes: Vec<u8> = words.take(length * 3 / 4).collect();
    b64::encode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(prompt: &str, seed: Option<i64>) -> Rc<str> {
        let call = Call { prompt: prompt.to_owned(), seed, size: Some("512".to_owned()), ..Call::default() };
        Studio::new(&call, &Gemini::default(), 0).base64(Format::Jpeg, false).unwrap()
    }

    #[test]
    fn prompt_and_seed_make_the_picture() {
        assert_eq!(data("a fox", Some(1)), data("a fox", Some(1)));
        assert_ne!(data("a fox", Some(1)), data("a fox", Some(2)));
        assert_ne!(data("a fox", None), data("a hen", None));
    }

    #[test]
    fn signatures_have_the_length_they_should() {
        assert_eq!(signature(1, 1_100_000).len(), 1_100_000);
    }
}
