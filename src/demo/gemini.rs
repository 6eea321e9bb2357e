//! Success bodies of Google's, as scenes describe them.

use super::picture::Format;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A success body of Google's.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gemini {
    pub candidates: Vec<Candidate>,
    /// `promptFeedback.blockReason`.
    pub block: Option<String>,
    /// Leaves `usageMetadata` out.
    pub no_usage: bool,
    /// Writes every key in snake_case.
    pub snake_case: bool,
    /// Writes base64 in the URL-safe alphabet without padding.
    pub url_safe: bool,
    /// An `imageSize` that counts instead of the one asked for.
    pub size: Option<String>,
    /// Width and height that count instead of any asked for.
    pub pixels: Option<(u32, u32)>,
    /// `modelVersion`, when it is not what the model's name stands for.
    pub model_version: Option<String>,
    /// `responseId`, when it is not of the usual look.
    pub response_id: Option<String>,
    /// `{prompt}` stands for the prompt, wherever the body has it.
    pub echo: bool,
    /// More top-level keys, each with its JSON.
    pub extra: BTreeMap<String, String>,
}

/// One entry of `candidates`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Candidate {
    pub parts: Vec<Part>,
    pub finish: String,
    /// `finishMessage`.
    pub message: Option<String>,
    /// `content.role`, when it is not the model's.
    pub role: Option<String>,
    /// Leaves `content` out instead of sending it without parts.
    pub no_content: bool,
    /// More keys, each with its JSON.
    pub extra: BTreeMap<String, String>,
}

/// One entry of `content.parts`, or two for a picture cut across them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    Text(String),
    /// A text of so many letters, without a space or a line end.
    Long(usize),
    Picture(Picture),
    /// A Markdown picture with a data: URI, in text.
    Markdown(Markdown),
    /// JSON as it stands.
    Raw(String),
}

/// An `inlineData` part.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    pub format: Format,
    /// The format that `mimeType` claims, when it lies.
    pub declared: Option<Format>,
    /// `mimeType`, when it is of no format at all.
    pub mime: Option<String>,
    /// A draft: another picture, marked `"thought": true`.
    #[serde(default)]
    pub thought: bool,
    /// Base64 characters of a `thoughtSignature`.
    pub signature: Option<usize>,
}

/// A picture in text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Markdown {
    pub format: Format,
    /// Goes on in a second text part.
    #[serde(default)]
    pub cut: bool,
}

impl Gemini {
    /// How many pictures the parts hold, in whatever form.
    pub fn pictures(&self) -> usize {
        self.parts().filter(|part| matches!(part, Part::Picture(_) | Part::Markdown(_))).count()
    }

    /// How many characters of prose they hold.
    pub fn prose(&self) -> usize {
        let length = |part: &Part| match part {
            Part::Text(text) => text.len(),
            Part::Long(length) => *length,
            Part::Picture(_) | Part::Markdown(_) | Part::Raw(_) => 0,
        };
        self.parts().map(length).sum()
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.candidates.iter().flat_map(|candidate| &candidate.parts)
    }
}
