//! What a reply holds: every part of every candidate, finish reasons, usage, errors and pictures, by looking at the body.
//!
//! Shapes: Gemini replies unary, as a JSON array and as server-sent events, in camelCase and snake_case, also inside a
//! `{"response": …}` envelope; OpenAI-images bodies, which do not belong on this route, are recognised. Unknown fields and
//! enum values are kept as they are. Reading never fails: a broken body gives what could be recovered.

use super::document::{Document, Format};
use super::error::ErrorBody;
use super::index::Kind;
use super::json::Json;
use super::part::{self, Part};
use super::picture::{self, Picture};
use serde_json::Value;
use std::collections::HashSet;

/// Parts, and finish reasons, of one reply: more are an attack, not an answer.
const MOST_PARTS: usize = 20_000;
const MOST_FINISHES: usize = 1_000;
/// Bytes of text that are taken over of a field: a name, a sentence, an object.
const NAME: usize = 1 << 10;
const SENTENCE: usize = 16 << 10;
const OBJECT: usize = 256 << 10;

#[derive(Debug, Clone, PartialEq)]
pub struct Finish {
    pub candidate: Value,
    pub reason: Value,
    pub message: Value,
}

/// `promptFeedback` that blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub reason: Value,
    pub message: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub document: Document,
    /// Objects in the body: 1 for unary, elements of an array, events of a stream; 0 when it is not valid JSON.
    pub chunks: usize,
    pub parts: Vec<Part>,
    pub finish: Vec<Finish>,
    pub block: Option<Block>,
    pub usage: Option<Value>,
    pub model_version: Option<Value>,
    pub response_id: Option<Value>,
    pub error: Option<ErrorBody>,
    /// Distinct candidate indexes.
    pub candidates: usize,
    pub pictures: Vec<Picture>,
    /// Some object had a field of a Gemini reply.
    pub gemini_shaped: bool,
    /// Title of an HTML body.
    pub title: Option<String>,
    pub notes: Vec<String>,
}

/// Reads a body.
pub fn read(body: &[u8]) -> Reply {
    let document = Document::of(body);
    let strict = document.format != Format::BrokenJson;
    let mut reply = Reply {
        chunks: 0,
        parts: vec![],
        finish: vec![],
        block: None,
        usage: None,
        model_version: None,
        response_id: None,
        error: None,
        candidates: 0,
        pictures: vec![],
        gemini_shaped: false,
        title: (document.format == Format::Html).then(|| title(body)).flatten(),
        notes: document.notes.clone(),
        document: Document { format: document.format, payloads: vec![], notes: vec![], cut: document.cut },
    };
    let mut seen = HashSet::new();
    // Whole payloads first, so that what is recovered from a broken one comes after what is certain.
    for whole in [true, false] {
        let mut chunk = 0;
        for (number, payload) in document.payloads.iter().enumerate() {
            let text = payload.text(body);
            let Some(root) = Json::root(text, &payload.index) else {
                chunk += 1;
                continue;
            };
            let objects: Vec<Json> =
                if root.is_array() && document.format != Format::Sse { root.items().collect() } else { vec![root] };
            for object in objects {
                if payload.index.is_strict() == whole {
                    reply.take(object, Place { payload: number, chunk, recovered: !whole }, &mut seen);
                }
                chunk += 1;
            }
        }
        reply.chunks = if strict { chunk } else { 0 };
    }
    reply.candidates = seen.len();
    reply.document = document;
    reply.pictures = picture::collect(&reply, body);
    reply
}

/// Where an object stands in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub payload: usize,
    pub chunk: usize,
    pub recovered: bool,
}

impl Reply {
    fn take(&mut self, object: Json, place: Place, seen: &mut HashSet<String>) {
        if !object.is_object() {
            return;
        }
        let object = object.member("response").filter(|inner| inner.member("candidates").is_some()).unwrap_or(object);
        self.take_candidates(object, place, seen);
        for part in part::openai_images(object, place) {
            if self.is_full() {
                break;
            }
            self.parts.push(part);
        }
        // An event that was cut off gives its whole parts and nothing else: its other fields are not certain.
        if !(place.recovered && self.document.format == Format::Sse) {
            self.take_facts(object);
        }
    }

    fn take_facts(&mut self, object: Json) {
        self.gemini_shaped |= [
            "candidates",
            "promptFeedback",
            "prompt_feedback",
            "usageMetadata",
            "usage_metadata",
            "modelVersion",
            "responseId",
        ]
        .iter()
        .any(|key| object.member(key).is_some());
        if self.error.is_none() && (object.member("error").is_some() || object.member("success").is_some()) {
            self.error = error_of(object);
        }
        self.take_block(object);
        if let Some(usage) = object.get(&["usageMetadata", "usage_metadata"]).filter(|u| u.is_object()) {
            self.usage = Some(usage.to_brief(SENTENCE));
        }
        let filled = |names: &[&str]| object.get(names).filter(|v| v.truthy()).map(|v| v.to_brief(NAME));
        self.model_version = filled(&["modelVersion", "model_version"]).or(self.model_version.take());
        self.response_id = filled(&["responseId", "response_id"]).or(self.response_id.take());
    }

    fn take_candidates(&mut self, object: Json, place: Place, seen: &mut HashSet<String>) {
        let Some(list) = object.get(&["candidates"]).filter(|list| list.is_array()) else { return };
        for (position, candidate) in list.items().enumerate().filter(|(_, c)| c.is_object()) {
            let index = candidate.member("index").map_or(Value::from(position), |index| index.to_brief(NAME));
            if !place.recovered {
                seen.insert(candidate_key(&index));
            }
            let parts =
                candidate.get(&["content"]).and_then(|content| content.get(&["parts"])).filter(|p| p.is_array());
            for (number, part) in parts.into_iter().flat_map(Json::items).enumerate() {
                if self.is_full() {
                    break;
                }
                self.parts.push(Part::read(part, &index, number, place));
            }
            if place.recovered && self.document.format == Format::Sse || self.finish.len() >= MOST_FINISHES {
                continue;
            }
            if let Some(reason) = candidate.get(&["finishReason", "finish_reason"]).filter(|r| !r.is_null()) {
                let message =
                    candidate.get(&["finishMessage", "finish_message"]).map_or(Value::Null, |m| m.to_brief(SENTENCE));
                self.finish.push(Finish { candidate: index, reason: reason.to_brief(NAME), message });
            }
        }
    }

    /// True, with a note, when no more parts are taken.
    fn is_full(&mut self) -> bool {
        if self.parts.len() < MOST_PARTS {
            return false;
        }
        let note = format!("more than {MOST_PARTS} parts; the rest was not read");
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
        true
    }

    fn take_block(&mut self, object: Json) {
        let Some(feedback) = object.get(&["promptFeedback", "prompt_feedback"]).filter(|f| f.is_object()) else {
            return;
        };
        if let Some(reason) = feedback.get(&["blockReason", "block_reason"]).filter(|r| r.truthy()) {
            let message = feedback
                .get(&["blockReasonMessage", "block_reason_message"])
                .map_or(Value::Null, |m| m.to_brief(SENTENCE));
            self.block = Some(Block { reason: reason.to_brief(NAME), message });
        }
    }

    /// A part's own JSON.
    pub fn part_json<'a>(&'a self, body: &'a [u8], part: &Part) -> Option<Json<'a>> {
        let payload = self.document.payloads.get(part.place.payload)?;
        (part.node < payload.index.nodes.len()).then(|| Json {
            text: payload.text(body),
            index: &payload.index,
            node: part.node,
        })
    }

    /// The text of a text part, escapes undone.
    pub fn part_text(&self, body: &[u8], part: &Part) -> Option<String> {
        Some(self.part_json(body, part)?.member("text")?.as_str()?.into_owned())
    }

    /// The beginning of a text part, from at most `most` bytes of its JSON: for views, which draw it again and again.
    pub fn part_head(&self, body: &[u8], part: &Part, most: usize) -> Option<String> {
        let text = self.part_json(body, part)?.member("text").filter(|text| text.kind() == Kind::String)?;
        let bytes = text.string_bytes();
        let cut = bytes.len() > most;
        let head = super::json::unescape(&bytes[..bytes.len().min(most)]).into_owned();
        Some(if cut { format!("{head}…") } else { head })
    }

    /// The beginning of [`Reply::text`].
    pub fn text_head(&self, body: &[u8], most: usize) -> String {
        let spoken = self.parts.iter().filter(|p| !p.thought && p.text().is_some()).take(8);
        spoken.filter_map(|part| self.part_head(body, part, most)).collect()
    }

    /// All visible text of the reply (thoughts left out), part after part.
    pub fn text(&self, body: &[u8]) -> String {
        let spoken = self.parts.iter().filter(|p| !p.thought && p.text().is_some());
        spoken.filter_map(|part| self.part_text(body, part)).collect()
    }

    /// The picture that the stated rule calls the result; see [`picture::collect`].
    pub fn final_picture(&self) -> Option<&Picture> {
        self.pictures.iter().find(|p| p.is_final)
    }

    /// A count of `usageMetadata`, such as `totalTokenCount`.
    pub fn tokens(&self, name: &str) -> Option<u64> {
        let usage = self.usage.as_ref()?;
        let snake: String =
            name.chars().flat_map(|c| c.is_uppercase().then_some('_').into_iter().chain(c.to_lowercase())).collect();
        usage.get(name).or_else(|| usage.get(&snake))?.as_u64()
    }
}

/// Equal for indexes that count the same, such as 0 and 0.0.
pub fn candidate_key(index: &Value) -> String {
    match index {
        Value::Bool(flag) => f64::from(u8::from(*flag)).to_string(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |n| (n + 0.0).to_string()),
        other => other.to_string(),
    }
}

fn error_of(object: Json) -> Option<ErrorBody> {
    let pick = |name: &str| object.member(name).map(|value| (name.to_owned(), value.to_brief(OBJECT)));
    let fields = ["error", "success", "message"].into_iter().filter_map(pick).collect();
    ErrorBody::find(&fields)
}

fn title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&body[..body.len().min(64 * 1024)]);
    let lower = text.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let from = open + lower[open..].find('>')? + 1;
    let to = from + lower[from..].find("</title")?;
    let title = text[from..to].split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then_some(title)
}
