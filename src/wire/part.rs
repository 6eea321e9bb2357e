//! One part of a candidate: its kind, and what `inspect` prints of it.

use super::blob::Blob;
use super::embedded::{self, Embedded};
use super::json::Json;
use super::reply::Place;
use serde_json::Value;

/// The names of part kinds on the wire, camelCase first, in the order in which they are looked for.
const KINDS: [(&str, [&str; 2]); 7] = [
    ("text", ["text", "text"]),
    ("inlineData", ["inlineData", "inline_data"]),
    ("fileData", ["fileData", "file_data"]),
    ("functionCall", ["functionCall", "function_call"]),
    ("functionResponse", ["functionResponse", "function_response"]),
    ("executableCode", ["executableCode", "executable_code"]),
    ("codeExecutionResult", ["codeExecutionResult", "code_execution_result"]),
];

/// Fields that stand beside a kind.
const META: [&str; 8] = [
    "thought",
    "thoughtSignature",
    "thought_signature",
    "videoMetadata",
    "video_metadata",
    "mediaResolution",
    "media_resolution",
    "partMetadata",
];

/// Bytes of text that are taken over of a field, such as a type or a link.
const FIELD: usize = 16 << 10;
/// Keys of no documented field that are told, and bytes of each.
const MOST_KEYS: usize = 100;
const KEY: usize = 200;

/// What a part carries. Fields are `None` where the server sent another type than documented.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// `chars` are code points, `bytes` UTF-8 bytes.
    Text(Option<Text>),
    InlineData(Option<Blob>),
    FileData(Option<(Value, Value)>),
    FunctionCall(Option<Value>),
    FunctionResponse,
    /// Language and the number of characters.
    ExecutableCode(Option<(Value, usize)>),
    /// Outcome and the number of characters.
    CodeExecutionResult(Option<(Value, usize)>),
    /// `data[].b64_json` of the OpenAI images shape.
    OpenAiImage(Blob),
    /// `data[].url` of the OpenAI images shape.
    OpenAiUrl(Value),
    /// None of the known kinds; `keys` in [`Part::extra_keys`].
    Unknown,
    /// Nothing beside thought, signature and metadata.
    Empty,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub chars: usize,
    pub bytes: usize,
    pub embedded: Vec<Embedded>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub place: Place,
    /// Node of the part object in its payload's index.
    pub node: usize,
    pub candidate: Value,
    /// Position in its candidate.
    pub index: usize,
    pub thought: bool,
    /// Length of `thoughtSignature`.
    pub signature_chars: usize,
    /// The first kind found, then any others the part has as well.
    pub contents: Vec<Content>,
    pub extra_keys: Vec<String>,
    /// False when the body was cut inside this part.
    pub whole: bool,
    /// False when the server sent something else than an object.
    pub is_object: bool,
}

impl Part {
    /// Reads one element of `parts`.
    pub fn read(json: Json, candidate: &Value, index: usize, place: Place) -> Part {
        let mut part = Part {
            place,
            node: json.node,
            candidate: candidate.clone(),
            index,
            thought: false,
            signature_chars: 0,
            contents: vec![Content::Unknown],
            extra_keys: vec![],
            whole: json.node().whole,
            is_object: json.is_object(),
        };
        if !json.is_object() {
            return part;
        }
        part.thought = json.member("thought").is_some_and(Json::truthy);
        let signature = json.get(&["thoughtSignature", "thought_signature"]).and_then(Json::as_str);
        part.signature_chars = signature.map_or(0, |s| s.chars().count());
        part.extra_keys = extra_keys(json);
        let found: Vec<Content> = KINDS
            .iter()
            .filter_map(|(name, spellings)| {
                json.get(spellings).filter(|v| !v.is_null()).map(|value| content(name, value))
            })
            .collect();
        let only_meta = json.items().all(|item| META.contains(&item.key_head(KEY).as_str()));
        part.contents = match (found.is_empty(), only_meta) {
            (false, _) => found,
            (true, true) => vec![Content::Empty],
            (true, false) => vec![Content::Unknown],
        };
        part
    }

    /// The kind as on the wire.
    pub fn kind(&self) -> &'static str {
        self.contents.first().map_or("empty", Content::name)
    }

    /// The data of an inlineData or `b64_json` part.
    pub fn blob(&self) -> Option<&Blob> {
        self.contents.iter().find_map(|content| match content {
            Content::InlineData(Some(blob)) | Content::OpenAiImage(blob) => Some(blob),
            _ => None,
        })
    }

    pub fn text(&self) -> Option<&Text> {
        self.contents.iter().find_map(|content| match content {
            Content::Text(text) => text.as_ref(),
            _ => None,
        })
    }
}

impl Content {
    pub fn name(&self) -> &'static str {
        match self {
            Content::Text(_) => "text",
            Content::InlineData(_) => "inlineData",
            Content::FileData(_) => "fileData",
            Content::FunctionCall(_) => "functionCall",
            Content::FunctionResponse => "functionResponse",
            Content::ExecutableCode(_) => "executableCode",
            Content::CodeExecutionResult(_) => "codeExecutionResult",
            Content::OpenAiImage(_) | Content::OpenAiUrl(_) => "openaiImage",
            Content::Unknown => "unknown",
            Content::Empty => "empty",
        }
    }
}

fn content(name: &str, value: Json) -> Content {
    let object = Some(value).filter(|v| v.is_object());
    let field = |names: &[&str]| value.get(names).map_or(Value::Null, |field| field.to_brief(FIELD));
    let chars =
        |names: &[&str]| value.get(names).map_or(0, |v| v.as_str().map_or(v.items().count(), |s| s.chars().count()));
    match name {
        "text" => Content::Text(value.as_str().map(|text| Text {
            chars: text.chars().count(),
            bytes: text.len(),
            embedded: embedded::find(&text),
        })),
        "inlineData" => Content::InlineData(object.map(|_| inline(value))),
        "fileData" => {
            Content::FileData(object.map(|_| (field(&["mimeType", "mime_type"]), field(&["fileUri", "file_uri"]))))
        }
        "functionCall" => Content::FunctionCall(object.map(|_| field(&["name"]))),
        "functionResponse" => Content::FunctionResponse,
        "executableCode" => Content::ExecutableCode(object.map(|_| (field(&["language"]), chars(&["code"])))),
        _ => Content::CodeExecutionResult(object.map(|_| (field(&["outcome"]), chars(&["output"])))),
    }
}

fn inline(value: Json) -> Blob {
    let mime = value.get(&["mimeType", "mime_type"]).map_or(Value::Null, |mime| mime.to_brief(FIELD));
    let data = value.get(&["data"]).filter(|d| d.node().whole).and_then(Json::as_str);
    Blob::decode(mime, data.as_deref().map(str::as_bytes))
}

fn extra_keys(json: Json) -> Vec<String> {
    let known = |key: &str| META.contains(&key) || KINDS.iter().any(|(_, spellings)| spellings.contains(&key));
    let names = json.items().map(|item| item.key_head(KEY)).filter(|key| !known(key));
    let mut keys: Vec<String> = names.take(MOST_KEYS).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// The parts of an OpenAI-images body, `{"data":[{"b64_json" or "url"}]}`.
pub fn openai_images<'a>(object: Json<'a>, place: Place) -> impl Iterator<Item = Part> + 'a {
    let list = object.member("data").filter(|data| data.is_array() && object.member("candidates").is_none());
    let entries = list.into_iter().flat_map(Json::items).enumerate();
    entries.filter(|(_, e)| e.member("b64_json").is_some() || e.member("url").is_some()).map(move |(index, entry)| {
        let content = match entry.member("b64_json").filter(|b| b.truthy()) {
            Some(data) => {
                let mime = entry.member("media_type").map_or(Value::Null, |mime| mime.to_brief(FIELD));
                let text = Some(data).filter(|d| d.node().whole).and_then(Json::as_str);
                Content::OpenAiImage(Blob::decode(mime, text.as_deref().map(str::as_bytes)))
            }
            None => Content::OpenAiUrl(entry.member("url").map_or(Value::Null, |url| url.to_brief(FIELD))),
        };
        Part {
            place,
            node: entry.node,
            candidate: Value::from(0),
            index,
            thought: false,
            signature_chars: 0,
            contents: vec![content],
            extra_keys: vec![],
            whole: entry.node().whole,
            is_object: true,
        }
    })
}
