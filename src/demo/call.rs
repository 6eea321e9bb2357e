//! Reads what a generate request asks for, in either spelling of its keys.

use super::picture::mix_bytes;
use crate::wire::b64;
use regex::Regex;
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::Duration;
use thiserror::Error;

static DIRECTIVE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\[(scene|wait):([^\[\]]*)\]").expect("the pattern is a constant"));

/// What a request asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// There is nothing in `contents`.
    pub empty: bool,
    /// The text of the latest user turn, without directives.
    pub prompt: String,
    /// The id in the latest `[scene:ID]`.
    pub scene: Option<String>,
    /// The time in the latest `[wait:MS]`.
    pub wait: Option<Duration>,
    pub seed: Option<i64>,
    pub aspect: Option<String>,
    pub size: Option<String>,
    /// How many pictures came along.
    pub references: u64,
    /// A number made of those pictures: they change what is drawn.
    pub tint: u64,
}

/// Why a request cannot be read.
#[derive(Debug, Error)]
pub enum Unreadable {
    #[error("the request body is not the JSON that this route takes: {0}")]
    Json(#[from] serde_json::Error),
    #[error(
        "Invalid value at 'contents[{content}].parts[{part}].inline_data.data' (TYPE_BYTES), Base64 decoding failed"
    )]
    Base64 { content: usize, part: usize },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(borrow)]
    contents: Option<Vec<Turn<'a>>>,
    #[serde(alias = "generation_config")]
    generation_config: Option<Config>,
}

#[derive(Deserialize)]
struct Turn<'a> {
    role: Option<String>,
    #[serde(borrow)]
    parts: Option<Vec<Part<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    text: Option<String>,
    #[serde(borrow, alias = "inline_data")]
    inline_data: Option<Blob<'a>>,
}

#[derive(Deserialize)]
struct Blob<'a> {
    #[serde(borrow)]
    data: Cow<'a, str>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    seed: Option<i64>,
    #[serde(alias = "image_config")]
    image_config: Option<ImageConfig>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageConfig {
    #[serde(alias = "aspect_ratio")]
    aspect_ratio: Option<String>,
    #[serde(alias = "image_size")]
    image_size: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ImagesRequest {
    model: String,
    prompt: String,
}

/// Reads a body of a generate call.
pub fn read(body: &[u8]) -> Result<Call, Unreadable> {
    let request: Request = serde_json::from_slice(body)?;
    let turns = request.contents.unwrap_or_default();
    let config = request.generation_config.unwrap_or_default();
    let image = config.image_config.unwrap_or_default();
    let (references, tint) = references(&turns)?;
    let asked = Call { seed: config.seed, aspect: image.aspect_ratio, size: image.image_size, ..Call::default() };
    Ok(Call { empty: turns.is_empty(), references, tint, ..from_text(asked, &user_texts(&turns)) })
}

/// Reads a body of the images route: the model, and what the prompt says.
pub fn read_images(body: &[u8]) -> Result<(String, Call), Unreadable> {
    let request: ImagesRequest = serde_json::from_slice(body)?;
    Ok((request.model, from_text(Call::default(), &[request.prompt])))
}

/// The text of every user turn, the latest last.
fn user_texts(turns: &[Turn]) -> Vec<String> {
    let spoken = turns.iter().filter(|turn| turn.role.as_deref().is_none_or(|role| role == "user"));
    spoken.map(|turn| texts(turn).collect::<Vec<_>>().join(" ")).collect()
}

fn texts<'a>(turn: &'a Turn) -> impl Iterator<Item = &'a str> {
    turn.parts.iter().flatten().filter_map(|part| part.text.as_deref())
}

fn from_text(call: Call, texts: &[String]) -> Call {
    let latest = |name: &str| texts.iter().rev().find_map(|text| directive(text, name));
    Call {
        prompt: texts.last().map(|text| without_directives(text)).unwrap_or_default(),
        wait: latest("wait").and_then(|ms| ms.parse().ok()).map(Duration::from_millis),
        scene: latest("scene"),
        ..call
    }
}

/// The value of the last directive of a name.
fn directive(text: &str, name: &str) -> Option<String> {
    let named = DIRECTIVE.captures_iter(text).filter(|found| &found[1] == name);
    named.last().map(|found| found[2].trim().to_owned())
}

fn without_directives(text: &str) -> String {
    DIRECTIVE.replace_all(text, " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn references(turns: &[Turn]) -> Result<(u64, u64), Unreadable> {
    let (mut count, mut tint) = (0, 0);
    for (content, turn) in turns.iter().enumerate() {
        for (part, blob) in turn.parts.iter().flatten().map(|part| &part.inline_data).enumerate() {
            let Some(blob) = blob else { continue };
            let bytes = b64::decode(blob.data.as_bytes()).ok_or(Unreadable::Base64 { content, part })?;
            count += 1;
            tint = mix_bytes(tint ^ bytes.len() as u64, &bytes[..bytes.len().min(1024)]);
        }
    }
    Ok((count, tint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_say_the_same() {
        let camel =
            br#"{"contents":[{"role":"user","parts":[{"text":"a fox"},{"inlineData":{"mimeType":"image/png","data":"_9j-"}}]}],
            "generationConfig":{"seed":7,"imageConfig":{"aspectRatio":"16:9","imageSize":"2K"}}}"#;
        let snake =
            br#"{"contents":[{"role":"user","parts":[{"text":"a fox"},{"inline_data":{"mime_type":"image/png","data":"_9j-"}}]}],
            "generation_config":{"seed":7,"image_config":{"aspect_ratio":"16:9","image_size":"2K"}}}"#;
        let call = read(camel).unwrap();
        assert_eq!(call, read(snake).unwrap());
        assert_eq!((call.prompt.as_str(), call.seed, call.references), ("a fox", Some(7), 1));
        assert_eq!((call.aspect.as_deref(), call.size.as_deref()), (Some("16:9"), Some("2K")));
    }

    #[test]
    fn the_latest_user_text_directs() {
        let body = br#"{"contents":[
            {"role":"user","parts":[{"text":"[scene:text] first [wait:5]"}]},
            {"role":"model","parts":[{"text":"[scene:empty-429]"}]},
            {"parts":[{"text":"now"},{"text":"[scene:jpeg]bigger"}]}]}"#;
        let call = read(body).unwrap();
        assert_eq!(call.scene.as_deref(), Some("jpeg"));
        assert_eq!(call.wait, Some(Duration::from_millis(5)));
        assert_eq!(call.prompt, "now bigger");
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_what_is_missing_is_not() {
        for body in ["{}", r#"{"contents":[]}"#, r#"{"contents":null}"#] {
            assert!(read(body.as_bytes()).unwrap().empty, "{body}");
        }
        for body in ["", "{", "[]", "<html>", r#"{"contents":"a fox"}"#] {
            assert!(matches!(read(body.as_bytes()), Err(Unreadable::Json(_))), "{body}");
        }
        let broken = br#"{"contents":[{"parts":[{"text":"x"},{"inlineData":{"data":"A"}}]}]}"#;
        assert!(matches!(read(broken), Err(Unreadable::Base64 { content: 0, part: 1 })));
    }
}
