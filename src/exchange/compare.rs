//! What two stored exchanges have apart: prompt by words, parameters, and the raw replies with long data as hashes.

use super::unpack::unpack;
use crate::call::Reading;
use crate::history::{self, Comparison, Piece};
use crate::store::Stored;
use crate::wire::blob::Data;
use crate::wire::{b64, rows};
use serde_json::{Value, json};

/// Compares them. A reply that cannot be read is compared as an empty one.
pub fn compare(before: &Stored, after: &Stored) -> Comparison {
    Comparison {
        before: before.id.clone(),
        after: after.id.clone(),
        prompt: history::words(&before.meta.prompt, &after.meta.prompt),
        changes: history::fields(&asked(before), &asked(after)),
        raw: near_changes(history::lines(&raw_lines(before), &raw_lines(after))),
    }
}

/// Everything that was asked for but the prompt.
fn asked(stored: &Stored) -> Value {
    let meta = &stored.meta;
    let mut parameters = meta.parameters.clone();
    if let Some(fields) = parameters.as_object_mut() {
        fields.remove("prompt");
    }
    json!({
        "profile": meta.profile, "kind": meta.kind, "model": meta.model.sent, "parameters": parameters,
        "references": references(stored),
    })
}

/// Pictures that went along, by what they hold.
fn references(stored: &Stored) -> Vec<String> {
    if stored.meta.references == 0 {
        return vec![];
    }
    let request: Value = stored.request().ok().and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    let parts = request["contents"].as_array().into_iter().flatten().filter_map(|content| content["parts"].as_array());
    let data = parts.flatten().filter_map(|part| part["inlineData"]["data"].as_str());
    data.map(|text| rows::data_note(text.len(), &Data::of(&b64::decode(text.as_bytes()).unwrap_or_default()))).collect()
}

fn raw_lines(stored: &Stored) -> Vec<String> {
    let body = unpack(stored.body().unwrap_or_default(), &stored.meta.headers, &mut Vec::new());
    let reading = Reading::of(body);
    rows::plain(&reading.reply.document, reading.body.bytes(), &reading.rows, &reading.elided)
}

/// Changed lines with a few of their neighbours; what is left out between them is one line with dots.
fn near_changes(lines: Vec<Piece>) -> Vec<Piece> {
    const NEAR: usize = 2;
    let changed: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| !matches!(line, Piece::Same(_))).map(|(at, _)| at).collect();
    let mut near = Vec::new();
    let mut last = None;
    for (at, line) in lines.into_iter().enumerate() {
        let from = changed.partition_point(|changed| changed + NEAR < at);
        if changed.get(from).is_none_or(|changed| *changed > at + NEAR) {
            continue;
        }
        if last.is_some_and(|last| last + 1 < at) {
            near.push(Piece::Same("…".to_owned()));
        }
        last = Some(at);
        near.push(line);
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_a_change_is_shown() {
        let same = |n: usize| Piece::Same(n.to_string());
        let mut lines: Vec<Piece> = (0..20).map(same).collect();
        lines[3] = Piece::Added("x".to_owned());
        lines[15] = Piece::Removed("y".to_owned());
        let near = near_changes(lines);
        let texts: Vec<&str> = near.iter().map(Piece::text).collect();
        assert_eq!(texts, ["1", "2", "x", "4", "5", "…", "13", "14", "y", "16", "17"]);
        assert!(near_changes((0..9).map(same).collect()).is_empty());
    }
}
