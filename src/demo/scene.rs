//! Scenes: the canned answers of the demo, described in `scenes.toml`.

use super::picture::Format;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

/// One canned answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// What `[scene:ID]`, a model named `demo-ID` and `--scene ID` ask for.
    pub id: String,
    /// The verdict word that a client should reach.
    pub verdict: String,
    /// The exit code that goes with the word.
    pub exit: i32,
    /// One line for people.
    pub line: String,
    /// Milliseconds before the first byte of the reply; `[wait:MS]` in the prompt overrides them.
    #[serde(default)]
    pub wait_ms: u64,
    /// Bytes a second at which the request is read, when it is read slowly.
    pub read_rate: Option<u64>,
    /// How much of the reply arrives.
    #[serde(default)]
    pub ending: Ending,
    /// The body is compressed, and says so.
    #[serde(default)]
    pub gzip: bool,
    pub reply: Reply,
}

/// How a reply ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Every byte is sent.
    #[default]
    Whole,
    /// A third of the body, then silence on an open connection.
    Stall,
    /// Two thirds of the body, then the connection is closed.
    Cut,
    /// Closed once the request was read, without one byte.
    Drop,
}

/// What a reply consists of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    Gemini(Gemini),
    Gateway(GatewayError),
    Raw(Raw),
    /// The OpenAI images shape, where a Gemini one belongs.
    OpenaiImages(Format),
}

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

/// An error object in the gateway's own form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayError {
    pub status: u16,
    /// `error.type`; the request id is put on the message of the gateway's own type only.
    #[serde(rename = "type", default = "own_type")]
    pub kind: String,
    pub code: Code,
    /// `{model}` stands for the model asked for.
    pub message: String,
    /// Found before the request is checked, so that empty `contents` meet it too.
    #[serde(default)]
    pub early: bool,
}

/// `error.code`: a word of the gateway's, or the status of an upstream.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Code {
    Number(u16),
    Word(String),
}

/// A body as it stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    pub status: u16,
    /// The content type; none when it is missing.
    pub kind: Option<String>,
    pub body: String,
}

/// `error.type` of the gateway's own errors.
pub const OWN_TYPE: &str = "new_api_error";

fn own_type() -> String {
    OWN_TYPE.to_owned()
}

impl Gemini {
    /// How many pictures the parts hold, in whatever form.
    pub fn pictures(&self) -> usize {
        let parts = self.candidates.iter().flat_map(|candidate| &candidate.parts);
        parts.filter(|part| matches!(part, Part::Picture(_) | Part::Markdown(_))).count()
    }

    /// How many characters of prose they hold.
    pub fn prose(&self) -> usize {
        let parts = self.candidates.iter().flat_map(|candidate| &candidate.parts);
        parts.map(|part| if let Part::Text(text) = part { text.len() } else { 0 }).sum()
    }
}

impl Scene {
    /// How long the first byte waits when the prompt does not say.
    pub fn wait(&self) -> Duration {
        Duration::from_millis(self.wait_ms)
    }
}

#[derive(Deserialize)]
struct Book {
    scene: Vec<Scene>,
}

static BOOK: LazyLock<Vec<Scene>> = LazyLock::new(|| {
    let book: Book =
        toml::from_str(include_str!("scenes.toml")).expect("scenes.toml is compiled in and read by a test");
    book.scene
});

/// Every scene, in the order of the file.
pub fn scenes() -> &'static [Scene] {
    &BOOK
}

/// The scene of an id.
pub fn find(id: &str) -> Option<&'static Scene> {
    scenes().iter().find(|scene| scene.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: [(&str, i32, &str); 13] = [
        ("image", 0, "plain jpeg webp signature big data-uri data-uri-cut thought-final thought-only final-twice"),
        (
            "image",
            0,
            "two-candidates no-usage snake-case url-safe wrong-mime wrong-size slow slow-read gzip unknown-words",
        ),
        ("image_link", 1, "hosted-url"),
        ("text", 1, "text"),
        ("blocked", 1, "prompt-blocked image-safety image-prohibited"),
        ("no_image", 1, "no-image"),
        ("empty", 1, "empty-stop"),
        ("max_tokens", 1, "max-tokens"),
        ("wrong_shape", 1, "wrong-shape"),
        ("timeout", 4, "stall"),
        ("cut", 4, "cut"),
        ("network", 4, "drop-after-request"),
        ("not_json", 3, "html-200"),
    ];
    const EXPECTED_ERRORS: [(&str, i32, &str); 3] = [
        ("gateway_error", 3, "error-200 html-524 empty-429 gateway-401 gateway-403 gateway-500 model-503"),
        ("gateway_error", 3, "legacy-not-supported legacy-channel-failed"),
        ("upstream_error", 3, "retry-429 bad-key-400 legacy-output-options"),
    ];

    #[test]
    fn the_book_is_the_contract() {
        let mut expected: Vec<(&str, &str, i32)> = EXPECTED
            .iter()
            .chain(&EXPECTED_ERRORS)
            .flat_map(|(verdict, exit, ids)| ids.split(' ').map(move |id| (id, *verdict, *exit)))
            .collect();
        let mut written: Vec<(&str, &str, i32)> =
            scenes().iter().map(|scene| (scene.id.as_str(), scene.verdict.as_str(), scene.exit)).collect();
        expected.sort_unstable();
        written.sort_unstable();
        assert_eq!(written, expected);
    }

    #[test]
    fn lines_are_one_line_each() {
        for scene in scenes() {
            assert!(!scene.line.is_empty() && !scene.line.contains(['\t', '\n']), "{}", scene.id);
        }
    }
}
