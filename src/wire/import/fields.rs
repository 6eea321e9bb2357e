//! The request whose body is a given one.

use crate::wire::request::Request;
use serde_json::{Value, json};

/// Whether a path of names joined by dots can name it.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains('.')
}

/// The request whose body is this very one: what has a field stands in it, and paths set the rest.
///
/// True of every object with `contents` and `generationConfig` and without dots in the names of its fields.
pub fn request_of(body: &Value) -> Request {
    let config = &body["generationConfig"];
    let (image, thinking) = (&config["imageConfig"], &config["thinkingConfig"]);
    let mut request = Request {
        prompt: prompt(&body["contents"]),
        system: Some(texts(&body["systemInstruction"]).join("\n")).filter(|text| !text.is_empty()),
        modalities: all(&config["responseModalities"], text),
        aspect_ratio: text(&image["aspectRatio"]),
        image_size: text(&image["imageSize"]),
        thinking_level: text(&thinking["thinkingLevel"]),
        include_thoughts: thinking["includeThoughts"].as_bool(),
        temperature: config["temperature"].as_f64(),
        top_p: config["topP"].as_f64(),
        seed: config["seed"].as_i64(),
        max_output_tokens: config["maxOutputTokens"].as_u64(),
        safety: all(&body["safetySettings"], |row| Some((text(&row["category"])?, text(&row["threshold"])?))),
        google_search: body["tools"] == json!([{"googleSearch": {}}]),
        extra: vec![],
    };
    let built = request.to_json(&[]).unwrap_or_default();
    for (name, wanted) in body.as_object().into_iter().flatten().filter(|(name, _)| is_plain(name)) {
        differences(name.clone(), built.get(name), wanted, &mut request.extra);
    }
    request
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Every element of a list, or none when one of them cannot be read.
fn all<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(read).collect::<Option<Vec<T>>>().unwrap_or_default()
}

/// A list's elements; anything else is taken for the only one, as Google does.
fn several(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

fn texts(turn: &Value) -> Vec<&str> {
    several(&turn["parts"]).iter().filter_map(|part| part["text"].as_str()).collect()
}

/// The texts of the user's last turn, else all texts there are.
fn prompt(contents: &Value) -> String {
    let turns = several(contents);
    let is_user = |turn: &&Value| turn["role"].as_str().is_none_or(|role| role == "user");
    let last = turns.iter().rfind(is_user).map(texts).filter(|texts| !texts.is_empty());
    last.unwrap_or_else(|| turns.iter().flat_map(texts).collect()).join("\n")
}

/// The paths, and their values, that turn what was built into what is wanted.
fn differences(path: String, built: Option<&Value>, wanted: &Value, paths: &mut Vec<(String, Value)>) {
    match (built, wanted) {
        (Some(built), wanted) if built == wanted => {}
        (Some(Value::Object(built)), Value::Object(fields))
            if built.keys().all(|name| fields.contains_key(name)) && fields.keys().all(|name| is_plain(name)) =>
        {
            for (name, wanted) in fields {
                differences(format!("{path}.{name}"), built.get(name), wanted, paths);
            }
        }
        (Some(Value::Array(built)), Value::Array(list)) if begins(list, built) => {
            for (at, wanted) in list.iter().enumerate() {
                differences(format!("{path}.{at}"), built.get(at), wanted, paths);
            }
        }
        _ => paths.push((path, wanted.clone())),
    }
}

/// Whether a list begins with the elements of another, each perhaps with more in it.
fn begins(list: &[Value], with: &[Value]) -> bool {
    list.len() >= with.len() && list.iter().zip(with).all(|(whole, part)| holds(whole, part))
}

fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, part)| whole.get(name).is_some_and(|whole| holds(whole, part)))
        }
        (Value::Array(whole), Value::Array(part)) => begins(whole, part),
        _ => whole == part,
    }
}
