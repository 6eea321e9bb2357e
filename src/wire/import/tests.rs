//! Other people's calls, as they were published and as they get damaged, and what becomes of each.

use super::*;
use crate::wire::curl::CurlError;
use crate::wire::request::Request;
use serde_json::json;

const NATIVE: &str = r#"curl "https://crazyrouter.com/v1beta/models/gemini-3.1-flash-image-preview:generateContent?key=YOUR_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "contents": [
      {
        "role": "user",
        "parts": [
          {
            "text": "Generate an IMAGE of a clean ecommerce hero shot on a white background. Return image output."
          }
        ]
      }
    ],
    "generationConfig": {
      "responseModalities": ["IMAGE"]
    }
  }'"#;

const LEGACY: &str = r#"curl -X POST https://crazyrouter.com/v1/images/generations \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer YOUR_API_KEY" \
  -d '{
    "model": "nano-banana-2",
    "prompt": "..."
  }'"#;

fn nearest(width: u32, height: u32) -> Option<(String, String)> {
    (width != 7).then(|| (if width < height { "9:16" } else { "1:1" }.to_owned(), "2K".to_owned()))
}

fn read(text: &str) -> Result<Imported, ImportError> {
    let mut file = |path: &str| match path {
        "body.json" => Ok(b"\xef\xbb\xbf{\"contents\":[{\"parts\":[{\"text\":\"a\nb\"}]}]}".to_vec()),
        _ => Err(format!("{path} is not there")),
    };
    import(text, &mut file, &nearest)
}

fn command(path: &str, body: &Value) -> String {
    format!("curl 'https://h/{path}' -d '{body}'")
}

#[test]
fn the_documented_native_call_is_taken_as_it_is() {
    for text in [NATIVE.to_owned(), NATIVE.replace('\n', "\r\n")] {
        let imported = read(&text).expect("readable");
        assert_eq!(imported.model.as_deref(), Some("gemini-3.1-flash-image-preview"));
        assert_eq!(imported.base.as_deref(), Some("https://crazyrouter.com"));
        assert_eq!((imported.call, imported.from, imported.had_key), (Call::Generate, Form::NativeCurl, true));
        let prompt = "Generate an IMAGE of a clean ecommerce hero shot on a white background. Return image output.";
        let request = request_of(&imported.body);
        assert_eq!(request, Request { prompt: prompt.into(), modalities: vec!["IMAGE".into()], ..Request::default() });
        assert!(imported.notes.is_empty(), "{:?}", imported.notes);
        assert!(!format!("{imported:?}").contains("YOUR_API_KEY"));
    }
}

#[test]
fn the_documented_legacy_call_becomes_native() {
    let imported = read(LEGACY).expect("readable");
    assert_eq!(imported.model.as_deref(), Some("nano-banana-2"));
    assert_eq!((imported.call, imported.from, imported.had_key), (Call::Generate, Form::ImagesCurl, true));
    assert_eq!(
        imported.body,
        json!({"contents":[{"role":"user","parts":[{"text":"..."}]}],"generationConfig":{"responseModalities":["IMAGE"]}})
    );
    assert_eq!(imported.notes.len(), 1);
    assert!(imported.notes[0].starts_with("turned from POST /v1/images/generations"));
    assert!(!format!("{imported:?}").contains("YOUR_API_KEY"));
}

#[test]
fn fields_of_the_images_route_are_turned_or_told() {
    let config = |body: Value| images_body(&body, &nearest).1["generationConfig"].clone();
    for (body, wanted) in [
        (
            json!({"size":"1024x1792","seed":-3}),
            json!({"imageConfig":{"aspectRatio":"9:16","imageSize":"2K"},"seed":-3}),
        ),
        (json!({"size":"auto","quality":"auto","n":1,"user":null}), json!({})),
        (
            json!({"size":"1024x1024","aspect_ratio":"21:9"}),
            json!({"imageConfig":{"aspectRatio":"21:9","imageSize":"2K"}}),
        ),
        (json!({"size":"16:9","resolution":"4k"}), json!({"imageConfig":{"aspectRatio":"16:9","imageSize":"4K"}})),
        (json!({"size":"7x9"}), json!({})),
        (json!({"size":"0x9","seed":1.5}), json!({})),
    ] {
        let mut wanted = wanted;
        wanted["responseModalities"] = json!(["IMAGE"]);
        assert_eq!(config(body.clone()), wanted, "{body}");
    }
    let body = json!({"prompt":"p","n":3,"quality":"hd","style":"vivid","response_format":"b64_json","user":"u",
        "image_input":["https://h/signed?s=1"],"background":"transparent","output_format":"webp","xyz":1});
    let (_, _, notes) = images_body(&body, &nearest);
    assert_eq!(notes.len(), 10, "{notes:?}");
    for part in ["send it 3 times", "inlineData, send them with --image", "\"xyz\" was left out"] {
        assert!(notes.iter().any(|note| note.contains(part)), "{part}: {notes:?}");
    }
    assert!(!notes.join(" ").contains("signed"));
}

#[test]
fn addresses_are_read_in_many_spellings() {
    let body = json!({"contents":[]});
    for (path, model, call, base) in [
        ("v1/models/m:generateContent", Some("m"), Call::Generate, "https://h"),
        ("v1beta/models/a%20b%3AstreamGenerateContent?alt=sse", Some("a b"), Call::Stream, "https://h"),
        ("team/v1/gemini/v1beta/models/x/y:generateContent", Some("x/y"), Call::Generate, "https://h/team/v1/gemini"),
        ("v1beta/models/$MODEL:generateContent", None, Call::Generate, "https://h"),
        ("v1beta/models/{model}:generateContent", None, Call::Generate, "https://h"),
        ("relay", None, Call::Generate, "https://h"),
        ("v1/images/generations", None, Call::Generate, "https://h"),
    ] {
        let imported = read(&command(path, &body)).expect(path);
        assert_eq!((imported.model.as_deref(), imported.call), (model, call), "{path}");
        assert_eq!((imported.base.as_deref(), imported.from), (Some(base), Form::NativeCurl), "{path}");
    }
    let variable = read("curl \"${BASE}/v1beta/models/m:generateContent\" -d '{\"contents\":[]}'").expect("readable");
    assert_eq!((variable.model.as_deref(), variable.base), (Some("m"), None));
}

#[test]
fn what_cannot_be_made_native_says_why() {
    let prompt = json!({"prompt":"p"});
    for (text, error) in [
        ("wget h".to_owned(), ImportError::Curl(CurlError::NoCommand)),
        (String::new(), ImportError::Empty),
        ("curl https://h/v1beta/models?key=k".to_owned(), ImportError::NoBody),
        (command("v1/images/edits", &prompt), ImportError::Edits),
        (command("v1/chat/completions", &json!({"messages":[]})), ImportError::Chat),
        (json!({"messages":[]}).to_string(), ImportError::Chat),
        (command("v1beta/models/m:countTokens", &json!({"contents":[]})), ImportError::OtherMethod),
        (command("v1beta/models/m:generateContent", &prompt), ImportError::NoContents),
        (command("v1/images/generations", &json!({"model":"m"})), ImportError::NoPrompt),
        ("{}".to_owned(), ImportError::Unknown),
        ("[1]".to_owned(), ImportError::NotAnObject),
        ("curl h -d @sk-abcdefghijk".to_owned(), ImportError::File { why: "*** is not there".into() }),
    ] {
        assert_eq!(read(&text).expect_err(&text), error, "{text}");
    }
    for (text, hint) in [
        ("{\"a\":", "paste the whole"),
        ("{“contents”:1}", "typographic"),
        ("curl h -d '{}' -d '{}'", "joined by &"),
        ("curl h -d a=b", "a form"),
        ("curl h -d ''", "empty"),
    ] {
        let error = read(text).expect_err(text).to_string();
        assert!(error.contains(hint), "{text}: {error}");
    }
}

#[test]
fn snake_case_is_turned_and_a_picture_is_asked_for() {
    let body = json!({"model":"m","system_instruction":{"parts":[{"text":"s"}]},"a.b":1,
        "contents":[{"parts":[{"inline_data":{"mime_type":"image/png","data":"AQID"}},{"functionCall":{"args":{"my_arg":1}}}]}],
        "generation_config":{"image_config":{"aspect_ratio":"1:1"},"top_p":1}, "generationConfig":null,
        "safety_settings":[], "safetySettings":[1]});
    let imported = read(&body.to_string()).expect("readable");
    assert_eq!((imported.model.as_deref(), imported.from), (Some("m"), Form::NativeBody));
    let wanted = json!({"systemInstruction":{"parts":[{"text":"s"}]},
        "contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"AQID"}},{"functionCall":{"args":{"my_arg":1}}}]}],
        "generationConfig":{"imageConfig":{"aspectRatio":"1:1"},"topP":1,"responseModalities":["IMAGE"]},"safetySettings":[1]});
    assert_eq!(imported.body, wanted);
    assert_eq!(imported.notes.len(), 5, "{:?}", imported.notes);
}

#[test]
fn a_file_of_the_body_loses_its_line_ends_as_with_curl() {
    let imported = read("curl h/v1beta/models/m:generateContent -d @body.json").expect("readable");
    assert_eq!(imported.body["contents"][0]["parts"][0]["text"], "ab");
    assert!(matches!(read("curl h --data-binary @body.json"), Err(ImportError::NotJson { .. })));
}

#[test]
fn a_key_in_the_body_is_covered_and_a_picture_is_not() {
    let picture = "iVBORw0KGgoAIzaSyAAAAAAAAAAAA+/AIzaSyAAAAAAAAA";
    let body = json!({"contents":[{"parts":[{"text":"use S3CRET-KEY, AIzaSyAbcdefghi or sk-abcdefghijkl"},
        {"inlineData":{"mimeType":"image/png","data":picture}}, {"data":"sk-abcdefghijkl"}]}],"sk-abcdefghijkl":1});
    let text = format!("curl 'h/S3CRET-KEY/v1beta/models/S3CRET-KEY:generateContent?key=S3CRET-KEY' -d '{body}'");
    let imported = read(&text).expect("readable");
    let shown = format!("{imported:?}");
    assert!(!shown.contains("S3CRET") && !shown.contains("bcdefgh"), "{shown}");
    assert_eq!(imported.body["contents"][0]["parts"][0]["text"], "use ***, *** or ***");
    assert_eq!(imported.body["contents"][0]["parts"][1]["inlineData"]["data"], picture);
    for key in ["$GEMINI_API_KEY", "${KEY}"] {
        let text =
            format!("curl \"h/v1beta/models/m:generateContent\" -H \"x-goog-api-key: {key}\" -d '{{\"contents\":[]}}'");
        assert!(read(&text).expect("readable").had_key);
    }
}

#[test]
fn a_request_gives_back_the_very_body() {
    let native = |contents: Value, config: Value| json!({"contents": contents, "generationConfig": config});
    let turn = json!([{"role":"user","parts":[{"text":"p"},{"inlineData":{"mimeType":"image/png","data":"AQID"}}]}]);
    let rich = json!({
        "contents": turn, "systemInstruction": {"role":"system","parts":[{"text":"s"}]},
        "safetySettings": [{"category":"C","threshold":"OFF"}], "tools": [{"googleSearch":{}}], "labels": {"a.b":"c"},
        "generationConfig": {"responseModalities":["TEXT","IMAGE"],"temperature":1,"topP":0.95,"topK":40,"seed":7,
            "maxOutputTokens":100,"stopSequences":["x"],"imageConfig":{"aspectRatio":"16:9","imageSize":"2K","x":null},
            "thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true,"thinkingBudget":5}},
    });
    for body in [
        rich.clone(),
        native(json!([]), json!({})),
        native(json!({"parts":{"text":"p"}}), json!("odd")),
        native(json!([{"parts":[{"text":"p"}]}]), json!({"responseModalities":[],"seed":1.5,"temperature":"0.5"})),
        native(
            json!([{"role":"user","parts":[{"text":"1"}]},{"role":"model","parts":[]},{"role":"user","parts":[{"text":"2"}]}]),
            json!({"a":{"":1}}),
        ),
        json!({"contents":null,"generationConfig":{"imageConfig":[]},"safetySettings":[{"category":"C"}],"tools":[],"systemInstruction":"s"}),
    ] {
        assert_eq!(request_of(&body).to_json(&[]).expect("paths are fine"), body);
    }
    let request = request_of(&rich);
    assert_eq!((request.prompt.as_str(), request.system.as_deref(), request.google_search), ("p", Some("s"), true));
    assert_eq!(
        (request.temperature, request.seed, request.aspect_ratio.as_deref()),
        (Some(1.0), Some(7), Some("16:9"))
    );
    assert!(request.extra.iter().any(|(path, _)| path == "contents.0.parts.1"), "{:?}", request.extra);
}
