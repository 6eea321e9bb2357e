//! The bytes of the request, as a server sees them; and that nothing is sent when something is wrong before.

use super::support::{Home, Listener, Ran, files_below, http};
use serde_json::{Value, json};
use std::fs;

const PROMPT: &str = "Generate an IMAGE of a clean ecommerce hero shot on a white background. Return image output.";
const KEY: &str = "sk-test-0123456789abcdef";
const GIF: &str = "R0lGODlhAQABAAAAACw=";
const REPLY: &str = r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/gif","data":"R0lGODlhAQABAAAAACw="}}]},"finishReason":"STOP"}]}"#;
const DEFAULT_PATH: &str = "/v1beta/models/gemini-3.1-flash-image-preview:generateContent";

fn configured(base: &str, more: &str) -> Home {
    let home = Home::new();
    home.configure(&format!(
        "profile = \"test\"\n[profiles.test]\nbase = \"{base}\"\napi_key_env = \"TEST_KEY\"\n{more}"
    ));
    home
}

fn send(home: &Home, more: &[&str]) -> Ran {
    home.run_with(&[&["send", PROMPT][..], more].concat(), &[("TEST_KEY", KEY)], b"")
}

/// The page's own body with its prompt.
fn documented_body() -> Value {
    json!({
        "contents": [{"role": "user", "parts": [{"text": PROMPT}]}],
        "generationConfig": {"responseModalities": ["IMAGE"]},
    })
}

fn assert_no_key(home: &Home, ran: &Ran) {
    assert!(!ran.stdout.contains(KEY) && !ran.stderr.contains(KEY), "{ran:?}");
    let files = files_below(&home.state());
    assert!(!files.is_empty());
    for file in files {
        let bytes = fs::read(&file).expect("a readable file");
        assert!(!bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()), "{}", file.display());
    }
}

#[test]
fn the_documented_call_goes_out_as_documented() {
    let listener = Listener::with_body(REPLY);
    let home = configured(&listener.base, "");
    let ran = send(&home, &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let seen = listener.only();
    assert_eq!(seen.line(), format!("POST {DEFAULT_PATH} HTTP/1.1"));
    assert_eq!(seen.header("x-goog-api-key"), Some(KEY));
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("user-agent"), Some(concat!("unpeel/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(seen.json(), documented_body());
    assert_no_key(&home, &ran);
}

#[test]
fn the_key_goes_where_the_profile_says_and_nowhere_else() {
    for (auth, target, google, bearer) in [
        ("header", DEFAULT_PATH.to_owned(), Some(KEY.to_owned()), None),
        ("query", format!("{DEFAULT_PATH}?key={KEY}"), None, None),
        ("bearer", DEFAULT_PATH.to_owned(), None, Some(format!("Bearer {KEY}"))),
    ] {
        let listener = Listener::with_body(REPLY);
        let home = configured(&listener.base, &format!("auth = \"{auth}\"\n"));
        let ran = send(&home, &[]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let seen = listener.only();
        assert_eq!(seen.line(), format!("POST {target} HTTP/1.1"));
        assert_eq!(seen.header("x-goog-api-key"), google.as_deref(), "{auth}");
        assert_eq!(seen.header("authorization"), bearer.as_deref(), "{auth}");
        assert_no_key(&home, &ran);
    }
}

#[test]
fn the_path_is_made_of_base_model_and_kind_of_call() {
    for (below, more, target) in [
        ("/team/gemini", &[][..], format!("/team/gemini{DEFAULT_PATH}")),
        ("/v1beta", &[], DEFAULT_PATH.to_owned()),
        ("/v1beta/models", &[], DEFAULT_PATH.to_owned()),
        ("/", &["--model", "nano-banana-2"], DEFAULT_PATH.to_owned()),
        ("", &["--model", "models/nano-banana-2"], "/v1beta/models/nano-banana-2:generateContent".to_owned()),
        ("", &["--model", "of-tomorrow/x"], "/v1beta/models/of-tomorrow%2Fx:generateContent".to_owned()),
        ("", &["--stream"], DEFAULT_PATH.replace("generateContent", "streamGenerateContent?alt=sse")),
    ] {
        let listener = Listener::with_body(REPLY);
        let home = configured(&format!("{}{below}", listener.base), "");
        let ran = send(&home, more);
        assert_eq!(listener.only().line(), format!("POST {target} HTTP/1.1"), "{ran:?}");
    }
}

#[test]
fn a_streamed_call_with_the_key_in_the_query_has_both_pairs() {
    let listener = Listener::with_body(REPLY);
    send(&configured(&listener.base, "auth = \"query\"\nmode = \"stream\"\n"), &[]);
    let target = DEFAULT_PATH.replace("generateContent", "streamGenerateContent");
    assert_eq!(listener.only().line(), format!("POST {target}?alt=sse&key={KEY} HTTP/1.1"));
}

#[test]
fn every_flag_has_its_place_in_the_body() {
    let listener = Listener::with_body(REPLY);
    let home = configured(&listener.base, "");
    let gif = unpeel::wire::b64::decode(GIF.as_bytes()).expect("base64");
    fs::write(home.path("fox.gif"), gif).expect("a new file");
    let ran = send(
        &home,
        &[
            &["--aspect", "16:9", "--size", "2K", "--seed", "-7", "--system", "be brief", "--image", "fox.gif"][..],
            &["--set", "generationConfig.topK=40", "--set", "labels.team=\"art\""],
        ]
        .concat(),
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let expected = json!({
        "contents": [{"role": "user", "parts": [
            {"text": PROMPT},
            {"inlineData": {"mimeType": "image/gif", "data": GIF}},
        ]}],
        "systemInstruction": {"parts": [{"text": "be brief"}]},
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
            "seed": -7,
            "topK": 40,
        },
        "labels": {"team": "art"},
    });
    assert_eq!(listener.only().json(), expected);
}

#[test]
fn the_prompt_may_come_from_stdin() {
    let listener = Listener::with_body(REPLY);
    let home = configured(&listener.base, "");
    let ran = home.run_with(&["send", "-"], &[("TEST_KEY", KEY)], PROMPT.as_bytes());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(listener.only().json(), documented_body());
}

#[test]
fn what_is_wrong_before_the_call_sends_nothing() {
    for (more, words) in [
        (&["--out", "taken.gif"][..], "exists already"),
        (&["--out", "missing/fox.gif"], "there is no folder"),
        (&["--image", "missing.gif"], "missing.gif cannot be read"),
        (&["--image", "taken.gif"], "is no picture"),
        (&["--set", "generationConfig.topK"], "has no ="),
        (&["--set", "a=[1"], "is not JSON"),
        (&["--profile", "nowhere"], "there is no such profile"),
    ] {
        let listener = Listener::with_body(REPLY);
        let home = configured(&listener.base, "");
        fs::write(home.path("taken.gif"), "mine").expect("a new file");
        let ran = send(&home, more);
        assert_eq!(ran.code, Some(2), "{more:?} {ran:?}");
        assert!(ran.stderr.contains(words), "{more:?} {ran:?}");
        assert!(listener.seen().is_empty(), "{more:?}");
        assert_eq!(fs::read(home.path("taken.gif")).expect("still there"), b"mine");
    }
}

#[test]
fn without_a_key_nothing_is_sent_and_the_variable_is_named() {
    let listener = Listener::with_body(REPLY);
    let home = configured(&listener.base, "");
    for env in [&[][..], &[("TEST_KEY", "")], &[("OTHER_KEY", KEY)]] {
        let ran = home.run_with(&["send", PROMPT], env, b"");
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("TEST_KEY") && ran.stderr.contains("nothing was sent"), "{ran:?}");
    }
    assert!(listener.seen().is_empty() && home.exchanges().is_empty());
}

#[test]
fn without_a_place_for_state_only_out_lets_a_call_go_through() {
    let listener = Listener::with_body(REPLY);
    let home = configured(&listener.base, "");
    fs::write(home.path("file"), "").expect("a new file");
    // Below a plain file nobody can write, not even root.
    let below = home.path("file/state").display().to_string();
    let env = [("TEST_KEY", KEY), ("UNPEEL_STATE_DIR", below.as_str())];
    let refused = home.run_with(&["send", PROMPT], &env, b"");
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("cannot be written") && listener.seen().is_empty(), "{refused:?}");
    let ran = home.run_with(&["send", PROMPT, "--out", "fox.gif"], &env, b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.stdout.trim_end(), home.path("fox.gif").display().to_string());
    assert_eq!(fs::read(home.path("fox.gif")).ok(), unpeel::wire::b64::decode(GIF.as_bytes()));
    listener.only();
}

#[test]
fn redirects_are_not_followed() {
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let listener = Listener::answering(http(status, "location: /elsewhere\r\n", ""));
        let ran = send(&configured(&listener.base, ""), &[]);
        assert!(ran.code.is_some_and(|code| code != 0), "{ran:?}");
        assert_eq!(listener.only().line(), format!("POST {DEFAULT_PATH} HTTP/1.1"));
    }
}

#[test]
fn a_connection_that_is_refused_is_a_network_failure_before_any_byte() {
    let ran = send(&configured("http://127.0.0.1:1", ""), &["--json"]);
    assert_eq!((ran.code, ran.json()["verdict"]["charged"].as_str()), (Some(3), Some("unlikely")), "{ran:?}");
    assert!(ran.last_line().starts_with("network: "), "{ran:?}");
}
