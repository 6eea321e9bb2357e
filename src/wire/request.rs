//! Builds the body of a native `generateContent` call: camelCase only, and nothing that was not asked for.

use super::b64;
use serde_json::{Map, Value, json};

/// What a call asks for. Values are sent as they are; whether they are sensible is for a dated table to remark on.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Request {
    pub prompt: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Empty means `["IMAGE"]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub modalities: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspect_ratio: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_size: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_level: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_thoughts: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u64>,
    /// Category and threshold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub safety: Vec<(String, String)>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub google_search: bool,
    /// Free-form fields as dotted path and value, set last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<(String, Value)>,
}

/// A reference picture, its type sniffed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub mime: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RequestError {
    #[error("cannot set {path:?}: {at:?} is {found}, not an object or an array; set a path below an object")]
    NotAContainer { path: String, at: String, found: String },
    #[error("cannot set {path:?}: {at:?} is no position in an array of {length}; use 0 to {length}")]
    BadIndex { path: String, at: String, length: usize },
    #[error(
        "cannot set a field without a name (nothing before, after or between the dots); write PATH=JSON, for example generationConfig.topK=40"
    )]
    EmptyPath,
}

impl Request {
    /// The body as JSON text.
    pub fn body(&self, references: &[Reference]) -> Result<Vec<u8>, RequestError> {
        Ok(self.to_json(references)?.to_string().into_bytes())
    }

    /// The body as a tree.
    pub fn to_json(&self, references: &[Reference]) -> Result<Value, RequestError> {
        let mut parts = vec![json!({"text": self.prompt})];
        parts.extend(
            references.iter().map(|r| json!({"inlineData": {"mimeType": r.mime, "data": b64::encode(&r.bytes)}})),
        );
        let mut body =
            json!({"contents": [{"role": "user", "parts": parts}], "generationConfig": self.generation_config()});
        if let Some(system) = &self.system {
            body["systemInstruction"] = json!({"parts": [{"text": system}]});
        }
        if !self.safety.is_empty() {
            body["safetySettings"] = self
                .safety
                .iter()
                .map(|(category, threshold)| json!({"category": category, "threshold": threshold}))
                .collect();
        }
        if self.google_search {
            body["tools"] = json!([{"googleSearch": {}}]);
        }
        for (path, value) in &self.extra {
            set(&mut body, path, value.clone())?;
        }
        Ok(body)
    }

    /// What the images route takes: a model and a prompt.
    pub fn images_body(&self, model: &str) -> Vec<u8> {
        json!({"model": model, "prompt": self.prompt}).to_string().into_bytes()
    }

    fn generation_config(&self) -> Value {
        let modalities = if self.modalities.is_empty() { json!(["IMAGE"]) } else { json!(self.modalities) };
        let image = object([
            ("aspectRatio", self.aspect_ratio.as_ref().map(|v| json!(v))),
            ("imageSize", self.image_size.as_ref().map(|v| json!(v))),
        ]);
        let thinking = object([
            ("thinkingLevel", self.thinking_level.as_ref().map(|v| json!(v))),
            ("includeThoughts", self.include_thoughts.map(|v| json!(v))),
        ]);
        let config = object([
            ("responseModalities", Some(modalities)),
            ("imageConfig", image),
            ("thinkingConfig", thinking),
            ("temperature", self.temperature.map(|v| json!(v))),
            ("topP", self.top_p.map(|v| json!(v))),
            ("seed", self.seed.map(|v| json!(v))),
            ("maxOutputTokens", self.max_output_tokens.map(|v| json!(v))),
        ]);
        config.unwrap_or_default()
    }
}

/// An object of the fields that are set; `None` when none is.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Option<Value> {
    let map: Map<String, Value> =
        fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    (!map.is_empty()).then_some(Value::Object(map))
}

/// Sets a dotted path (`generationConfig.imageConfig.personGeneration`, `contents.0.role`), making objects on the way.
fn set(body: &mut Value, path: &str, value: Value) -> Result<(), RequestError> {
    if path.split('.').any(str::is_empty) {
        return Err(RequestError::EmptyPath);
    }
    let mut here = body;
    let mut walked = String::new();
    for name in path.split('.') {
        if here.is_null() {
            *here = json!({});
        }
        here = match here {
            Value::Object(map) => map.entry(name).or_insert(Value::Null),
            Value::Array(list) => element(list, name, path)?,
            other => {
                return Err(RequestError::NotAContainer {
                    path: path.to_owned(),
                    at: walked,
                    found: other.to_string(),
                });
            }
        };
        walked = if walked.is_empty() { name.to_owned() } else { format!("{walked}.{name}") };
    }
    *here = value;
    Ok(())
}

fn element<'a>(list: &'a mut Vec<Value>, name: &str, path: &str) -> Result<&'a mut Value, RequestError> {
    let length = list.len();
    let bad = || RequestError::BadIndex { path: path.to_owned(), at: name.to_owned(), length };
    let position: usize = name.parse().ok().filter(|p| *p <= length).ok_or_else(bad)?;
    if position == length {
        list.push(Value::Null);
    }
    list.get_mut(position).ok_or_else(bad)
}

/// Which call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum Call {
    #[default]
    #[serde(rename = "generateContent")]
    Generate,
    #[serde(rename = "streamGenerateContent")]
    Stream,
    /// The images route, legacy for these models: only ever tried to see whether it still fails.
    #[serde(rename = "images/generations")]
    Images,
}

impl Call {
    pub fn as_str(self) -> &'static str {
        match self {
            Call::Generate => "generateContent",
            Call::Stream => "streamGenerateContent",
            Call::Images => "images/generations",
        }
    }

    /// The call of this name; any other is the plain one.
    pub fn of(word: &str) -> Call {
        [Call::Stream, Call::Images].into_iter().find(|call| call.as_str() == word).unwrap_or_default()
    }

    /// The call to make when a prompt is taken over: a try of the images route goes on on the native one.
    pub fn native(self) -> Call {
        if self == Call::Images { Call::Generate } else { self }
    }

    /// Path below the base, and the query it needs, if any.
    pub fn path(self, model: &str) -> (String, Option<&'static str>) {
        if self == Call::Images {
            return ("v1/images/generations".to_owned(), None);
        }
        let query = (self == Call::Stream).then_some("alt=sse");
        (format!("v1beta/models/{}:{}", escape_segment(bare_model(model)), self.as_str()), query)
    }
}

/// A model id without the `models/` that lists put before it.
pub fn bare_model(model: &str) -> &str {
    model.strip_prefix("models/").unwrap_or(model)
}

fn escape_segment(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_body_is_the_documented_one() {
        let request = Request { prompt: "a red fox".into(), ..Request::default() };
        let body = request.to_json(&[]).expect("no extra");
        assert_eq!(
            body,
            json!({"contents":[{"role":"user","parts":[{"text":"a red fox"}]}],"generationConfig":{"responseModalities":["IMAGE"]}})
        );
    }

    #[test]
    fn everything_that_is_set_is_sent_in_camel_case() {
        let request = Request {
            prompt: "p".into(),
            system: Some("s".into()),
            modalities: vec!["TEXT".into(), "IMAGE".into()],
            aspect_ratio: Some("9:21".into()),
            image_size: Some("2K".into()),
            thinking_level: Some("HIGH".into()),
            include_thoughts: Some(true),
            temperature: Some(0.5),
            top_p: Some(0.9),
            seed: Some(7),
            max_output_tokens: Some(100),
            safety: vec![("HARM_CATEGORY_HARASSMENT".into(), "OFF".into())],
            google_search: true,
            extra: vec![
                ("generationConfig.imageConfig.personGeneration".into(), json!("ALLOW_ALL")),
                ("contents.0.parts.1".into(), json!({"text":"more"})),
            ],
        };
        let body = request.to_json(&[]).expect("paths are fine");
        assert_eq!(
            body,
            json!({
                "contents":[{"role":"user","parts":[{"text":"p"},{"text":"more"}]}],
                "systemInstruction":{"parts":[{"text":"s"}]},
                "generationConfig":{"responseModalities":["TEXT","IMAGE"],"imageConfig":{"aspectRatio":"9:21","imageSize":"2K","personGeneration":"ALLOW_ALL"},
                    "thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true},"temperature":0.5,"topP":0.9,"seed":7,"maxOutputTokens":100},
                "safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"}],
                "tools":[{"googleSearch":{}}],
            })
        );
    }

    #[test]
    fn references_are_inline_data() {
        let reference = Reference { mime: "image/png".into(), bytes: vec![1, 2, 3] };
        let body = Request::default().to_json(&[reference]).expect("no extra");
        assert_eq!(body["contents"][0]["parts"][1], json!({"inlineData":{"mimeType":"image/png","data":"AQID"}}));
    }

    #[test]
    fn a_path_through_a_scalar_is_refused_with_a_sentence() {
        let with = |path: &str| Request { extra: vec![(path.into(), json!(1))], ..Request::default() }.to_json(&[]);
        assert!(
            matches!(with("contents.0.role.x"), Err(RequestError::NotAContainer { at, .. }) if at == "contents.0.role")
        );
        assert!(matches!(with("contents.7"), Err(RequestError::BadIndex { length: 1, .. })));
        assert_eq!(with(""), Err(RequestError::EmptyPath));
    }

    #[test]
    fn model_names_stay_in_their_segment() {
        assert_eq!(Call::Generate.path("models/nano-banana-2").0, "v1beta/models/nano-banana-2:generateContent");
        assert_eq!(Call::Stream.path("../a?b#c").0, "v1beta/models/..%2Fa%3Fb%23c:streamGenerateContent");
    }
}
