//! Pasted commands and bodies: what is made of them can be sent, and no key of theirs is shown anywhere.

use crate::seeds;
use crate::target::{Target, chance, rough, signature};
use serde_json::{Value, json};
use std::fmt::Debug;
use std::mem::discriminant;
use unpeel::wire::curl::{self, Curl, CurlError};
use unpeel::wire::import::{self, ImportError, Imported};

pub const TARGET: Target = Target { name: "import", seeds, adapt: seeds::whole, words: WORDS, run };

/// Looks like a key, and must be covered wherever it stands.
const LIKE_A_KEY: &str = "AIzaSyPLANTED0000key";
/// Looks like nothing: it is a key because of where it stands.
const BY_PLACE: &str = "Xk7PLANTED-value_9";

/// A longer text is not set into a command of our own.
const LONGEST: usize = 64 * 1024;

const WORDS: &[&str] = &[
    LIKE_A_KEY,
    "curl ",
    "\ncurl ",
    "$ curl ",
    "-X POST ",
    "-H 'x-goog-api-key: AIzaSyPLANTED0000key' ",
    "-H \"Authorization: Bearer AIzaSyPLANTED0000key\" ",
    "-H 'Content-Type: application/json' ",
    "?key=AIzaSyPLANTED0000key",
    "&key=AIzaSyPLANTED0000key",
    "-u me:AIzaSyPLANTED0000key ",
    "--oauth2-bearer ",
    "-b 'session=AIzaSyPLANTED0000key' ",
    "https://me:AIzaSyPLANTED0000key@h.example/",
    "https://h.example/v1beta/models/m:generateContent",
    "https://h.example/v1/models/m%3AstreamGenerateContent?alt=sse",
    "https://h.example/v1/images/generations",
    "/v1/chat/completions",
    "AIza",
    "sk-",
    "-d '",
    "--data-raw $'",
    "--data-binary @body.json ",
    "--json ",
    "-G ",
    "-F a=b ",
    "--next ",
    "--url ",
    "--data=",
    "\\\n",
    "^\r\n",
    "'\\''",
    "$(",
    "${KEY}",
    "\\u0041Iza",
    "{\"contents\":[{\"parts\":[{\"text\":\"",
    "\"generation_config\":{\"image_config\":{\"aspect_ratio\":\"1:1\"}}",
    "\"generationConfig\":null",
    "\"responseModalities\":[\"IMAGE\"]",
    "\"model\":\"m\"",
    "\"prompt\":\"p\"",
    "\"size\":\"1024x1792\"",
    "\"n\":2",
    "\"data\":\"AIzaSyPLANTED0000key\"",
    "\"inline_data\":{\"mime_type\":\"image/png\",\"data\":\"AQID\"}",
    "\"a.b\":1",
    "\"\":1",
    "\"tools\":[{\"googleSearch\":{}}]",
];

fn seeds() -> Vec<Vec<u8>> {
    let key = LIKE_A_KEY;
    let url = "https://h.example/v1beta/models/gemini-3.1-flash-image-preview:generateContent";
    let config = r#"{"responseModalities":["IMAGE"],"temperature":1,"topK":40}"#;
    let native = format!(r#"{{"contents":[{{"parts":[{{"text":"a fox"}}]}}],"generationConfig":{config}}}"#);
    let legacy = format!(r#"{{"model":"nano-banana-2","prompt":"a \u0066ox {key}","size":"1024x1792","n":2}}"#);
    let body = json!({
        "model": key, "system_instruction": {"parts": [{"text": "s"}]}, "a.b": 1, key: [key],
        "contents": [{"parts": [{"text": key}, {"inline_data": {"mime_type": "image/png", "data": "AQID"}}]}],
        "generation_config": {"image_config": {"aspect_ratio": "1:1"}, "top_p": 1},
        "safety_settings": [{"category": "C", "threshold": "OFF"}],
    });
    let images =
        json!({"prompt": "p", "n": 3, "quality": "hd", "image_input": ["https://h.example/signed?s=1"], "xyz": 1});
    seeds::of([
        format!("curl \"{url}?key={key}\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{native}'"),
        format!("$ curl -sSX POST https://h.example/t/v1/images/generations -H 'X-Api-Key: {key}' --json $'{legacy}'"),
        format!("curl -u me:{key} h.example/{key}/v1beta/models/m:generateContent --data-binary @body.json"),
        native,
        body.to_string(),
        images.to_string(),
        "curl h -d @-".to_owned(),
        "{\"contents\":".to_owned(),
    ])
}

fn run(input: &[u8]) -> Vec<u64> {
    let text = String::from_utf8_lossy(input);
    let parsed = curl::parse(&text);
    let taken = take(&text);
    hides(&parsed, LIKE_A_KEY);
    shows_no_key(&taken, LIKE_A_KEY);
    if let Ok(imported) = &taken {
        can_be_sent(imported);
    }
    if text.len() <= LONGEST && !text.contains(BY_PLACE) {
        key_by_place(&text);
        key_in_prompt(&text);
    }
    seen(&parsed, &taken)
}

fn take(text: &str) -> Result<Imported, ImportError> {
    let body = json!({"contents": [{"parts": [{"text": LIKE_A_KEY}]}]}).to_string();
    let mut read_file = |path: &str| match path {
        "body.json" => Ok(body.clone().into_bytes()),
        _ => Err(format!("{path} is not there")),
    };
    let nearest =
        |width: u32, height: u32| Some((if width < height { "9:16" } else { "1:1" }.to_owned(), "2K".to_owned()));
    import::import(text, &mut read_file, &nearest)
}

/// The body is JSON, and the request made of it has this very body.
fn can_be_sent(imported: &Imported) {
    assert!(serde_json::to_vec(&imported.body).is_ok(), "the body is no JSON");
    let again = import::request_of(&imported.body).to_json(&[]);
    assert!(again.is_ok_and(|again| again == imported.body), "the request has another body");
}

fn hides(shown: &impl Debug, key: &str) {
    assert!(!format!("{shown:?}").contains(key), "a key is shown");
}

fn shows_no_key(taken: &Result<Imported, ImportError>, key: &str) {
    match taken {
        Ok(imported) => {
            let mut imported = imported.clone();
            without_base64(&mut imported.body, key);
            hides(&imported, key);
        }
        Err(error) => {
            hides(error, key);
            assert!(!error.to_string().contains(key), "a key is in the error");
        }
    }
}

/// Takes out longer data that holds the key's letters: in base64 they may stand by chance, and stay.
fn without_base64(value: &mut Value, key: &str) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|inner| without_base64(inner, key)),
        Value::Object(map) => {
            for (name, inner) in map {
                let is_base64 = matches!(name.as_str(), "data" | "thoughtSignature");
                if is_base64 && inner.as_str().is_some_and(|text| text != key && text.contains(key)) {
                    *inner = Value::Null;
                }
                without_base64(inner, key);
            }
        }
        _ => {}
    }
}

/// A key in each of the places for keys, before whatever the input makes of the rest of the command.
fn key_by_place(text: &str) {
    let rest = text.trim_start();
    let rest = rest.strip_prefix("curl").unwrap_or(rest);
    let places = [
        format!("-H 'x-goog-api-key: {BY_PLACE}'"),
        format!("-H \"Authorization: Bearer {BY_PLACE}\""),
        format!("--header=authorization:\\ Bearer\\ {BY_PLACE}"),
        format!("-HX-Api-Key:{BY_PLACE}"),
        format!("-H $'Cookie: session={BY_PLACE}'"),
        format!("-u me:{BY_PLACE}"),
        format!("--oauth2-bearer {BY_PLACE}"),
        format!("-sSb 'session={BY_PLACE}'"),
        format!("'https://h.example/v1beta/models/m:generateContent?alt=sse&key={BY_PLACE}'"),
        format!("https://me:{BY_PLACE}@h.example/v1/images/generations"),
    ];
    let place = &places[chance(text.as_bytes()).usize(..places.len())];
    let command = format!("curl {place} {rest}");
    hides(&curl::parse(&command), BY_PLACE);
    shows_no_key(&take(&command), BY_PLACE);
}

/// A key of the command that stands in its prompt too.
fn key_in_prompt(text: &str) {
    let middle = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let prompt = format!("{} {BY_PLACE} {}", &text[..middle], &text[middle..]);
    let body = json!({"contents": [{"role": "user", "parts": [{"text": prompt}]}]}).to_string().replace('\'', "'\\''");
    let url = "https://h.example/v1beta/models/m:generateContent";
    let taken = take(&format!("curl '{url}' -H 'Authorization: Bearer {BY_PLACE}' -d '{body}'"));
    assert!(
        taken.as_ref().is_ok_and(|imported| imported.had_key && imported.model.as_deref() == Some("m")),
        "a plain command is refused"
    );
    hides(&taken, BY_PLACE);
    taken.iter().for_each(can_be_sent);
}

fn seen(parsed: &Result<Curl, CurlError>, taken: &Result<Imported, ImportError>) -> Vec<u64> {
    let command = parsed.as_ref().map_err(discriminant).map(|curl| {
        let counts = [curl.headers.len(), curl.data.len(), curl.keys.len(), curl.notes.len()].map(rough);
        (counts, curl.method.is_some(), curl.url.query().is_some())
    });
    let made = taken.as_ref().map_err(discriminant).map(|imported| {
        let extra = rough(import::request_of(&imported.body).extra.len());
        let told = (imported.model.is_some(), imported.base.is_some(), imported.had_key, rough(imported.notes.len()));
        (imported.from.words(), imported.call.as_str(), told, extra)
    });
    vec![signature((command, made))]
}
