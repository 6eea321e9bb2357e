//! A body of `POST /v1/images/generations` made native, and what of it has no counterpart.

use crate::wire::request::Request;
use serde_json::Value;

/// The `aspectRatio` and `imageSize` that come nearest to a width and a height in pixels.
pub type Nearest<'a> = &'a dyn Fn(u32, u32) -> Option<(String, String)>;

/// Turns a body of the images route into the model it names, a native body, and notes on what has no counterpart.
///
/// Without a text under `prompt` the prompt is empty.
pub fn images_body(value: &Value, nearest: Nearest<'_>) -> (Option<String>, Value, Vec<String>) {
    let turned = "turned from POST /v1/images/generations, which fails for these models, into the native route";
    let mut draft = Draft { notes: vec![turned.to_owned()], ..Draft::default() };
    for (name, value) in value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        draft.take(name, value, nearest);
    }
    if draft.more > 0 {
        draft.notes.push(format!("{} more unknown fields were left out", draft.more));
    }
    // Only a field set by a path can fail.
    (draft.model, draft.request.to_json(&[]).unwrap_or_default(), draft.notes)
}

/// Fields of the images route that have no counterpart, and what to do instead.
const NO_COUNTERPART: [(&str, &str); 20] = [
    ("background", "say it in the prompt"),
    ("image", REFERENCES),
    ("image_input", REFERENCES),
    ("image_url", REFERENCES),
    ("image_urls", REFERENCES),
    ("images", REFERENCES),
    ("input_image", REFERENCES),
    ("mask", REFERENCES),
    ("moderation", "safetySettings are its native counterpart"),
    ("negative_prompt", "say it in the prompt"),
    ("output_compression", "the format is the model's choice"),
    ("output_format", "the format is the model's choice"),
    ("partial_images", "the native route sends the picture whole"),
    ("quality", "a larger picture is imageSize 2K or 4K"),
    ("reference_images", REFERENCES),
    ("response_format", "the picture always comes as inlineData"),
    ("stream", "--stream uses streamGenerateContent"),
    ("style", "say it in the prompt"),
    ("user", "the native route has no such field"),
    ("watermark", "the native route has no such field"),
];
const REFERENCES: &str = "reference pictures go along as inlineData, send them with --image FILE";

#[derive(Default)]
struct Draft {
    model: Option<String>,
    request: Request,
    notes: Vec<String>,
    /// Unknown fields beyond those that were named.
    more: usize,
}

impl Draft {
    fn take(&mut self, name: &str, value: &Value, nearest: Nearest<'_>) {
        match (name, value) {
            ("model", Value::String(model)) => self.model = Some(model.trim().to_owned()),
            ("prompt", Value::String(prompt)) => self.request.prompt.clone_from(prompt),
            ("aspectRatio" | "aspect_ratio" | "image_size" | "resolution" | "size", Value::String(text)) => {
                self.measure(name, text.trim(), nearest);
            }
            ("seed", value) if value.is_i64() => self.request.seed = value.as_i64(),
            ("n", value) if value.as_u64() == Some(1) => {}
            ("n", value) if value.as_u64().is_some_and(|n| n > 1) => {
                self.notes
                    .push(format!("n = {value} was left out: a native call makes one picture, send it {value} times"));
            }
            ("quality", value) if value == "auto" || value == "standard" => {}
            _ => match NO_COUNTERPART.iter().find(|(known, _)| *known == name) {
                Some((_, instead)) => self.notes.push(format!("{name} was left out: {instead}")),
                None => self.unknown(name),
            },
        }
    }

    fn unknown(&mut self, name: &str) {
        if self.notes.len() < 32 {
            let shown: String = name.chars().take(40).collect();
            self.notes.push(format!("{shown:?} was left out: it means nothing here"));
        } else {
            self.more += 1;
        }
    }

    /// A size, a ratio or pixels, whichever field it stands in; what is said first stays.
    fn measure(&mut self, name: &str, text: &str, nearest: Nearest<'_>) {
        if text == "auto" {
            return;
        }
        let request = &mut self.request;
        let digits = text.strip_suffix(['K', 'k']).unwrap_or(text);
        if let Some((width, height)) = pair(text, &['x', 'X', '×', '*']) {
            let Some((aspect, size)) = nearest(width, height) else {
                self.notes.push(format!("{name} {width}x{height} was left out: nothing in the tables is near it"));
                return;
            };
            let aspect = request.aspect_ratio.get_or_insert(aspect);
            let size = request.image_size.get_or_insert(size);
            let asked = format!("{name} {width}x{height}");
            self.notes
                .push(format!("{asked} became aspectRatio {aspect} and imageSize {size}, the nearest in the tables"));
        } else if pair(text, &[':']).is_some() {
            request.aspect_ratio.get_or_insert(text.to_owned());
        } else if !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            request.image_size.get_or_insert(text.to_ascii_uppercase());
        } else {
            self.notes.push(format!("{name} was left out: write it like 1024x1024, 16:9 or 2K"));
        }
    }
}

fn pair(text: &str, between: &[char]) -> Option<(u32, u32)> {
    let (one, other) = text.split_once(between)?;
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0);
    Some((number(one)?, number(other)?))
}
