//! Scenes: the canned answers of the demo, described in `scenes.toml` and `hostile.toml`.

use super::gemini::Gemini;
use super::header::Header;
use super::oddity::Oddity;
use super::payload;
use super::picture::Format;
use serde::{Deserialize, Serialize};
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
    /// An error that is booked at the price of the picture it brings none of.
    #[serde(default)]
    pub charged: bool,
    /// More headers of the reply.
    #[serde(default)]
    pub headers: Vec<Header>,
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
    /// What cannot be written down here.
    Odd(Oddity),
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
    let mut all = read(include_str!("scenes.toml"));
    all.extend(read(&payload::fill(include_str!("hostile.toml"))));
    all
});

fn read(text: &str) -> Vec<Scene> {
    let book: Book = toml::from_str(text).expect("the scenes are compiled in and read by a test");
    book.scene
}

/// Every scene, in the order of the files.
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
    const EXPECTED_ERRORS: [(&str, i32, &str); 4] = [
        ("gateway_error", 3, "charged-failure"),
        ("gateway_error", 3, "error-200 html-524 empty-429 gateway-401 gateway-403 gateway-500 model-503"),
        ("gateway_error", 3, "legacy-not-supported legacy-channel-failed"),
        ("upstream_error", 3, "retry-429 bad-key-400 legacy-output-options"),
    ];
    const EXPECTED_HOSTILE: [(&str, i32, &str); 9] = [
        ("image", 0, "hostile-headers hostile-model hostile-mime hostile-role"),
        ("image_link", 1, "hostile-url"),
        ("text", 1, "hostile-text hostile-line hostile-bytes"),
        ("cut", 4, "hostile-huge"),
        ("blocked", 1, "hostile-names"),
        ("no_image", 1, "hostile-thought hostile-finish"),
        ("gateway_error", 3, "hostile-error hostile-html hostile-echo"),
        ("upstream_error", 3, "hostile-google-error"),
        ("not_json", 3, "hostile-deep hostile-gzip hostile-redirect"),
    ];

    #[test]
    fn the_book_is_the_contract() {
        let mut expected: Vec<(&str, &str, i32)> = EXPECTED
            .iter()
            .chain(&EXPECTED_ERRORS)
            .chain(&EXPECTED_HOSTILE)
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
            assert!(!scene.line.is_empty() && !scene.line.contains(char::is_control), "{}", scene.id);
        }
    }

    #[test]
    fn headers_are_ones_that_http_has() {
        for header in scenes().iter().flat_map(|scene| &scene.headers) {
            assert!(header.pair().is_some(), "{}", header.name);
        }
    }

    #[test]
    fn raw_bodies_with_the_type_of_json_are_json() {
        let raw = |scene: &'static Scene| match &scene.reply {
            Reply::Raw(raw) if raw.kind.as_ref().is_some_and(|kind| kind.contains("json")) => Some(&raw.body),
            _ => None,
        };
        for body in scenes().iter().filter_map(raw) {
            assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body:?}");
        }
    }
}
