//! Success bodies as Google writes them: one object, or the events of a stream.

use super::call::Call;
use super::gemini::Gemini;
use super::json::{self, Json};
use super::models;
use super::picture::mix;
use super::shape::Shape;
use super::studio::{Piece, Studio};
use super::usage::Usage;
use crate::wire::b64;
use image::ImageResult;

/// A reply with its pictures drawn, ready to be written.
pub struct Composed<'a> {
    gemini: &'static Gemini,
    /// The parts of each candidate.
    pieces: Vec<Vec<Piece>>,
    usage: Usage,
    model_version: &'a str,
    id: String,
    /// What `{prompt}` stands for, escaped, where the scene echoes it.
    prompt: Option<String>,
}

/// What a message of a reply holds.
#[derive(Clone, Copy)]
enum Extent {
    All,
    /// One part of one candidate.
    Part(usize, usize),
    /// Finish reasons and the full usage.
    End,
}

impl<'a> Composed<'a> {
    /// Draws the pictures: takes as long as they are large. `number` is the request's, `seed` the demo's.
    pub fn draw(
        gemini: &'static Gemini,
        call: &Call,
        model: &'a str,
        number: u64,
        seed: u64,
    ) -> ImageResult<Composed<'a>> {
        let mut studio = Studio::new(call, gemini, seed);
        let pieces =
            gemini.candidates.iter().map(|candidate| studio.pieces(candidate)).collect::<ImageResult<Vec<_>>>()?;
        let size = gemini.size.as_deref().or(call.size.as_deref());
        let usage = Usage::of(call, gemini, models::image_tokens(model, size));
        let model_version = gemini.model_version.as_deref().unwrap_or_else(|| models::resolve(model));
        let id = gemini.response_id.clone().unwrap_or_else(|| id(number));
        let prompt = gemini.echo.then(|| json::escape(&call.prompt));
        Ok(Composed { gemini, pieces, usage, model_version, id, prompt })
    }

    /// The body in the shape asked for.
    pub fn body(&self, shape: Shape) -> String {
        match shape {
            Shape::Unary => self.message(true, Extent::All) + "\n",
            Shape::Sse => self.messages().map(|event| format!("data: {event}\r\n\r\n")).collect(),
            Shape::Array => format!("[{}]", self.messages().collect::<Vec<_>>().join(",\r\n")),
        }
    }

    /// One message a part, then the end.
    fn messages(&self) -> impl Iterator<Item = String> {
        let counts = self.pieces.iter().map(Vec::len).enumerate();
        let parts = counts.flat_map(|(candidate, count)| (0..count).map(move |part| Extent::Part(candidate, part)));
        parts.chain([Extent::End]).map(move |extent| self.message(false, extent))
    }

    fn message(&self, pretty: bool, extent: Extent) -> String {
        let mut json = Json::new(pretty, self.gemini.snake_case, self.weight(extent) + 2048);
        json.object(|json| {
            if !self.pieces.is_empty() {
                json.key("candidates").array(|json| self.candidates(json, extent));
            }
            if let Some(reason) = &self.gemini.block {
                json.key("promptFeedback").object(|json| json.key("blockReason").string(reason));
            }
            if !self.gemini.no_usage {
                self.usage.write(json, !matches!(extent, Extent::Part(..)));
            }
            json.key("modelVersion").string(self.model_version);
            json.key("responseId").string(&self.id);
            for (key, value) in &self.gemini.extra {
                json.key(key).raw(value);
            }
        });
        match &self.prompt {
            Some(prompt) => json.finish().replace("{prompt}", prompt),
            None => json.finish(),
        }
    }

    fn weight(&self, extent: Extent) -> usize {
        match extent {
            Extent::All => self.pieces.iter().flatten().map(Piece::weight).sum(),
            Extent::Part(candidate, part) => self.pieces[candidate][part].weight(),
            Extent::End => 0,
        }
    }

    fn candidates(&self, json: &mut Json, extent: Extent) {
        for (index, pieces) in self.pieces.iter().enumerate() {
            let parts = match extent {
                Extent::All => &pieces[..],
                Extent::End => &[],
                Extent::Part(candidate, part) if candidate == index => &pieces[part..=part],
                Extent::Part(..) => continue,
            };
            json.item().object(|json| self.candidate(json, index, parts, !matches!(extent, Extent::Part(..))));
        }
    }

    fn candidate(&self, json: &mut Json, index: usize, pieces: &[Piece], finished: bool) {
        let candidate = &self.gemini.candidates[index];
        if !candidate.no_content {
            json.key("content").object(|json| {
                if !pieces.is_empty() {
                    json.key("parts").array(|json| pieces.iter().for_each(|piece| write_piece(json.item(), piece)));
                }
                json.key("role").string(candidate.role.as_deref().unwrap_or("model"));
            });
        }
        if finished {
            json.key("finishReason").string(&candidate.finish);
        }
        if let Some(message) = candidate.message.as_ref().filter(|_| finished) {
            json.key("finishMessage").string(message);
        }
        json.key("index").raw(&index.to_string());
        for (key, value) in &candidate.extra {
            json.key(key).raw(value);
        }
    }
}

fn write_piece(json: &mut Json, piece: &Piece) {
    match piece {
        Piece::Raw(text) => json.raw(text),
        Piece::Text(text) => json.object(|json| json.key("text").string(text)),
        Piece::Picture { mime, data, thought, signature } => json.object(|json| {
            json.key("inlineData").object(|json| {
                json.key("mimeType").string(mime);
                json.key("data").string(data);
            });
            if *thought {
                json.key("thought").raw("true");
            }
            if let Some(signature) = signature {
                json.key("thoughtSignature").string(signature);
            }
        }),
    }
}

/// A `responseId` of the usual look.
fn id(number: u64) -> String {
    let bytes: Vec<u8> = [mix(number), mix(!number)].into_iter().flat_map(u64::to_be_bytes).collect();
    b64::encode(&bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::payload::payload;
    use crate::demo::scene::{self, Reply};
    use serde_json::Value;

    fn body(scene: &str, shape: Shape) -> String {
        let Reply::Gemini(gemini) = &scene::find(scene).unwrap().reply else { panic!("{scene} is not Gemini's") };
        let call = Call { size: Some("512".to_owned()), prompt: "a \"fox\"".to_owned(), ..Call::default() };
        Composed::draw(gemini, &call, "nano-banana-2", 1, 0).unwrap().body(shape)
    }

    #[test]
    fn a_picture_cut_in_two_is_whole_when_the_events_are_joined() {
        let stream = body("data-uri-cut", Shape::Sse);
        let events: Vec<Value> = stream
            .split_terminator("\r\n\r\n")
            .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
            .collect();
        assert_eq!(events.len(), 3);
        let text = |event: &Value| event["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap().to_owned();
        let joined = text(&events[0]) + &text(&events[1]);
        let data = joined.strip_prefix("![image](data:image/jpeg;base64,").unwrap().strip_suffix(')').unwrap();
        assert_eq!(crate::wire::sniff::size(&b64::decode(data.as_bytes()).unwrap()), Some((512, 512)));
        assert_eq!(events[2]["candidates"][0]["finishReason"], "STOP");
        assert_eq!(events[2]["usageMetadata"]["candidatesTokensDetails"][0]["tokenCount"], 747);
    }

    #[test]
    fn one_object_an_array_and_the_other_spelling() {
        let unary: Value = serde_json::from_str(&body("text", Shape::Unary)).unwrap();
        let array: Value = serde_json::from_str(&body("text", Shape::Array)).unwrap();
        assert_eq!(array[0]["candidates"][0]["content"], unary["candidates"][0]["content"]);
        assert_eq!(array[1]["usageMetadata"], unary["usageMetadata"]);
        let snake: Value = serde_json::from_str(&body("snake-case", Shape::Unary)).unwrap();
        assert_eq!(snake["candidates"][0]["content"]["parts"][0]["inline_data"]["mime_type"], "image/png");
        let blocked: Value = serde_json::from_str(&body("prompt-blocked", Shape::Unary)).unwrap();
        assert!(blocked["candidates"].is_null() && blocked["promptFeedback"]["blockReason"].is_string());
    }

    #[test]
    fn hostile_text_stands_in_valid_json() {
        let hostile = scene::scenes().iter().filter(|scene| scene.id.starts_with("hostile-"));
        for scene in hostile.filter(|scene| matches!(scene.reply, Reply::Gemini(_))) {
            let unary = body(&scene.id, Shape::Unary);
            assert!(serde_json::from_str::<Value>(&unary).is_ok(), "{}", scene.id);
            for event in body(&scene.id, Shape::Sse).split_terminator("\r\n\r\n") {
                assert!(serde_json::from_str::<Value>(event.strip_prefix("data: ").unwrap()).is_ok(), "{}", scene.id);
            }
        }
        let names: Value = serde_json::from_str(&body("hostile-names", Shape::Unary)).unwrap();
        let echoed = format!("{}a \"fox\"", payload());
        assert_eq!(names["promptFeedback"]["blockReason"], echoed.as_str());
        assert!(names.get(&echoed).is_some() && names["candidates"][0].get(&echoed).is_some());
    }
}
