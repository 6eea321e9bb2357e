//! A reply as the JSON object that `inspect --json` and `send --json` print. Keys and meanings are a contract.

use super::blob::Blob;
use super::document::Format;
use super::embedded::Embedded;
use super::part::{Content, Part};
use super::picture::Picture;
use super::reply::Reply;
use super::verdict::Verdict;
use serde_json::{Map, Value, json};

/// The whole object. For a body that is not valid JSON the documented keys stay empty, and what could be read all the
/// same stands in `recovered`.
pub fn report(reply: &Reply, verdict: &Verdict) -> Map<String, Value> {
    let valid = reply.document.format != Format::BrokenJson;
    let only_valid = |value: Value, otherwise: Value| if valid { value } else { otherwise };
    let parts = |recovered: bool| {
        Value::from(reply.parts.iter().filter(|p| p.place.recovered == recovered).map(part).collect::<Vec<_>>())
    };
    let finish: Vec<Value> = reply
        .finish
        .iter()
        .map(|f| json!({"candidate": f.candidate, "reason": f.reason, "message": f.message}))
        .collect();
    let block = reply.block.as_ref().map(|b| json!({"reason": b.reason, "message": b.message}));
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
    put("format", json!(reply.document.format));
    put("chunks", json!(reply.chunks));
    put("parts", parts(false));
    put("finish", only_valid(finish.into(), json!([])));
    put("block", only_valid(json!(block), Value::Null));
    put("usage", only_valid(json!(reply.usage), Value::Null));
    put("modelVersion", only_valid(json!(reply.model_version), Value::Null));
    put("responseId", only_valid(json!(reply.response_id), Value::Null));
    put("error", only_valid(reply.error.as_ref().map_or(Value::Null, |e| e.to_json()), Value::Null));
    put("candidates", json!(reply.candidates));
    put("verdict", json!({"word": verdict.word, "reason": verdict.reason, "charged": verdict.charged}));
    put("images", reply.pictures.iter().map(image).collect());
    if reply.parts.iter().any(|p| p.place.recovered) {
        put("recovered", parts(true));
    }
    out
}

/// One row of `parts`.
pub fn part(part: &Part) -> Value {
    let mut out = Map::new();
    for (key, value) in [
        ("chunk", json!(part.place.chunk)),
        ("candidate", part.candidate.clone()),
        ("index", json!(part.index)),
        ("kind", json!(part.kind())),
        ("thought", json!(part.thought)),
        ("signatureChars", json!(part.signature_chars)),
    ] {
        out.insert(key.to_owned(), value);
    }
    if !part.is_object {
        out.remove("thought");
        out.remove("signatureChars");
    }
    for content in &part.contents {
        out.extend(fields(content));
    }
    if part.contents.len() > 1 {
        out.insert("alsoHas".to_owned(), part.contents[1..].iter().map(Content::name).collect());
    }
    if !part.extra_keys.is_empty() {
        out.insert("extraKeys".to_owned(), json!(part.extra_keys));
    }
    Value::Object(out)
}

fn fields(content: &Content) -> Map<String, Value> {
    let value = match content {
        Content::Text(Some(text)) => {
            let mut out = json!({"chars": text.chars, "textBytes": text.bytes});
            if !text.embedded.is_empty() {
                out["embedded"] = text.embedded.iter().map(embedded).collect();
            }
            out
        }
        Content::InlineData(Some(data)) | Content::OpenAiImage(data) => blob(data),
        Content::FileData(Some((mime, uri))) => json!({"mime": mime, "uri": uri}),
        Content::FunctionCall(Some(name)) => json!({"name": name}),
        Content::ExecutableCode(Some((language, chars))) => json!({"language": language, "chars": chars}),
        Content::CodeExecutionResult(Some((outcome, chars))) => json!({"outcome": outcome, "chars": chars}),
        Content::OpenAiUrl(url) => json!({"url": url}),
        _ => Value::Null,
    };
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn blob(blob: &Blob) -> Value {
    match &blob.data {
        Some(data) => {
            json!({"mime": blob.mime, "bytes": data.bytes, "sha256": data.sha256, "sniffed": data.sniffed, "size": data.size})
        }
        None => json!({"mime": blob.mime, "bytes": null, "sha256": null, "undecodable": true}),
    }
}

fn embedded(found: &Embedded) -> Value {
    match found {
        Embedded::DataUri(data) => {
            let mut out = blob(data);
            out["how"] = json!("data-uri");
            out
        }
        Embedded::MarkdownUrl { url, alt } => json!({"how": "markdown-url", "url": url, "alt": alt}),
        Embedded::BareUrl { url } => json!({"how": "bare-url", "url": url}),
    }
}

fn image(picture: &Picture) -> Value {
    let data = picture.data.as_ref();
    let mut out = json!({
        "from": picture.from,
        "part": picture.part,
        "mime": picture.mime,
        "sniffed": data.and_then(|d| d.sniffed),
        "bytes": data.map(|d| d.bytes),
        "sha256": data.map(|d| d.sha256.as_str()),
        "size": data.and_then(|d| d.size),
        "final": picture.is_final,
    });
    if picture.thought {
        out["thought"] = json!(true);
    }
    if let Some(url) = picture.url() {
        out["url"] = json!(url);
    }
    out
}
