//! Commands that make no call: config, doctor, completions, inspect, the demo's list and its free endpoints.

use super::stage::PICTURE;
use super::support::{DemoChild, Home, LIMIT, Ran};
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

/// The status and the body of a GET, which is all that the free endpoints need.
fn get(base: &str, path: &str, header: &str) -> (u16, String) {
    let host = base.strip_prefix("http://").expect("a plain URL");
    let mut stream = TcpStream::connect(host).expect("a connection");
    stream.set_read_timeout(Some(LIMIT)).expect("a time limit");
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{header}\r\n");
    stream.write_all(request.as_bytes()).expect("it is read");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("a whole reply");
    let status = reply.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let (_, body) = reply.split_once("\r\n\r\n").expect("a head");
    (status, body.to_owned())
}

fn assert_refused(ran: &Ran, words: &[&str]) {
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stdout.is_empty(), "{ran:?}");
    for words in words {
        assert!(ran.stderr.contains(words), "{words:?} is missing: {ran:?}");
    }
}

#[test]
fn config_shows_values_with_their_origins() {
    let home = Home::new();
    let file = home.configure("theme = \"moss\"\n").display().to_string();
    let env = [("UNPEEL__HTTP__IDLE_TIMEOUT_S", "7")];
    let shown = home.run_with(&["config", "show", "--profile", "local"], &env, b"");
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let row = |key: &str| {
        let rows = shown.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        rows.filter(|cells| cells.first() == Some(&key)).flatten().collect::<Vec<_>>()
    };
    assert_eq!(row("theme"), ["theme", "moss", file.as_str()]);
    assert_eq!(row("http.idle_timeout_s"), ["http.idle_timeout_s", "7", "UNPEEL__HTTP__IDLE_TIMEOUT_S"]);
    assert_eq!(row("profile"), ["profile", "local", "--profile"]);
    assert_eq!(row("send_on_enter"), ["send_on_enter", "false", "default"]);
    assert_eq!(home.run(&["config", "path"]).stdout.trim_end(), file);
}

#[test]
fn config_init_writes_the_default_once() {
    let home = Home::new();
    let path = home.path("config/unpeel/config.toml");
    let made = home.run(&["config", "init"]);
    assert_eq!((made.code, made.stdout.trim_end()), (Some(0), &*path.to_string_lossy()));
    assert_eq!(fs::read_to_string(&path).expect("a file"), unpeel::config::default_toml());
    fs::write(&path, "theme = \"moss\"\n").expect("a writable file");
    assert_refused(&home.run(&["config", "init"]), &["is there already"]);
    assert_eq!(fs::read_to_string(&path).expect("a file"), "theme = \"moss\"\n");
}

#[test]
fn all_mistakes_come_at_once_with_their_places() {
    let home = Home::new();
    let file = home.configure("thme = \"x\"\nsend_on_enter = 1\n[profiles.mine]\nbase = \"https://h?key=sk-secret\"\n");
    fs::write(home.path(".unpeel.toml"), "[profiles.local]\nbase = \"https://evil.test\"\n").expect("a new file");
    let env = [("UNPEEL__PREVIEW__PROTOCOL", "png")];
    for command in [&["config", "show"][..], &["send", "a red fox"], &["doctor"]] {
        let ran = home.run_with(command, &env, b"");
        let file = file.display();
        assert_refused(
            &ran,
            &[
                &format!("{file}: thme: there is no such setting; did you mean theme?"),
                &format!("{file}: send_on_enter = 1: it must be true or false"),
                &format!("{file}: profiles.mine.base: "),
                ".unpeel.toml: profiles.local.base: a project file may not decide",
                "UNPEEL__PREVIEW__PROTOCOL: preview.protocol = \"png\": it must be one of",
            ],
        );
        assert!(!ran.stderr.contains("secret"), "{ran:?}");
    }
}

#[test]
fn doctor_needs_no_terminal_and_shows_no_key() {
    const KEY: &str = "sk-test-0123456789abcdef";
    let home = Home::new();
    let ran = home.run_with(&["doctor"], &[("CRAZYROUTER_API_KEY", KEY), ("HTTPS_PROXY", "http://me:secret@h")], b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in [
        "not a terminal",
        "key from CRAZYROUTER_API_KEY, set",
        "GEMINI_API_KEY, not set",
        "HTTPS_PROXY",
        "can be written",
    ] {
        assert!(ran.stdout.contains(words), "{words:?} is missing:\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains(KEY) && !ran.stdout.contains("secret"), "{}", ran.stdout);
}

#[test]
fn completions_know_the_commands() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = home.run(&["completions", shell]);
        assert_eq!(ran.code, Some(0), "{shell}");
        assert!(ran.stdout.contains("unpeel"), "{shell}: {}", ran.stdout);
    }
    let complete = |words: &[&str]| {
        let last = (words.len() - 1).to_string();
        let env = [("UNPEEL_COMPLETE", "bash"), ("_CLAP_COMPLETE_INDEX", &*last), ("_CLAP_IFS", "\n")];
        home.run_with(&[&["--"], words].concat(), &env, b"").stdout
    };
    assert_eq!(complete(&["unpeel", "ins"]), "inspect");
    assert!(complete(&["unpeel", "send", "--asp"]).contains("--aspect"));
    assert!(complete(&["unpeel", "history", "s"]).contains("show"));
    assert_refused(&home.run(&["completions", "csh"]), &["possible values"]);
}

#[test]
fn inspect_says_what_a_file_holds_or_why_not() {
    let home = Home::new();
    assert_refused(&home.run(&["inspect", "missing.json"]), &["missing.json cannot be read"]);
    fs::write(home.path("reply.json"), PICTURE).expect("a new file");
    let table = home.run(&["inspect", "reply.json"]);
    assert_eq!(table.code, Some(0));
    assert!(table.stdout.starts_with("image: image/gif 1×1, 14 bytes\n"), "{}", table.stdout);
    let json = home.run(&["inspect", "--json", "reply.json"]).json();
    assert_eq!(json["verdict"]["word"], "image");
    assert_eq!(json["images"][0]["final"], true);
    let curl = format!("HTTP/2 503\r\ncontent-type: text/html\r\n\r\n<html><title>gone</title>{PICTURE}");
    let from_stdin = home.run_with(&["inspect", "-"], &[], curl.as_bytes());
    assert!(from_stdin.stdout.starts_with("gateway_error: HTTP 503"), "{from_stdin:?}");
}

#[test]
fn nothing_printed_acts_on_a_terminal() {
    let escaped = r#"{"candidates":[{"content":{"parts":[{"text":"a\u001b[2J\u202e","\u009bx":1}]},"finishReason":"\u001b]0;x\u0007\u2066"}],"modelVersion":"\u200b\u007f"}"#;
    let raw = "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\u{1b}[2J\u{202e}\"}]},\"finishReason\":\"\u{9b}31m\"}]}";
    let home = Home::new();
    for body in [escaped, raw, "\u{1b}]52;c;eHg=\u{7}", "<title>\u{1b}[2J</title>"] {
        let json = home.run_with(&["inspect", "--json", "-"], &[], body.as_bytes());
        let table = home.run_with(&["inspect", "-"], &[], body.as_bytes());
        for text in [&json.stdout, &table.stdout, &table.stderr] {
            let acting: Vec<char> = text.chars().filter(|c| *c != '\n' && unpeel::text::is_hazard(*c)).collect();
            assert!(acting.is_empty(), "{acting:?} in {text:?}");
        }
        if body == escaped {
            assert_eq!(json.json()["finish"][0]["reason"], "\u{1b}]0;x\u{7}\u{2066}", "escaped, not changed");
        }
    }
}

#[test]
fn the_demo_lists_its_scenes() {
    let ran = Home::new().run(&["demo", "--list"]);
    assert_eq!(ran.code, Some(0));
    for line in ran.stdout.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [id, word, exit, explanation] = cells[..] else { panic!("four cells: {line:?}") };
        assert!(unpeel::wire::verdict::Word::parse(word).is_some(), "{line}");
        assert!(!id.is_empty() && !explanation.is_empty() && ["0", "1", "3", "4"].contains(&exit), "{line}");
    }
    assert_refused(&Home::new().run(&["demo", "--scene", "nowhere", "--port", "0"]), &["no scene \"nowhere\""]);
}

#[test]
fn the_demo_takes_no_other_key_than_its_own() {
    let demo = DemoChild::start(&["--key", "right"]);
    let home = Home::new();
    home.configure(&format!("profile = \"x\"\n[profiles.x]\nbase = \"{}\"\napi_key_env = \"TEST_KEY\"\n", demo.base));
    for (key, code, words) in [("wrong", 3, "gateway_error: "), ("right", 0, "image: ")] {
        let ran = home.run_with(&["send", "a red fox"], &[("TEST_KEY", key)], b"");
        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert!(ran.last_line().starts_with(words), "{ran:?}");
    }
    assert_eq!(get(&demo.base, "/v1beta/models", "x-goog-api-key: wrong").0, 401);
}

#[test]
fn the_demos_free_endpoints_have_the_gateways_shapes() {
    let demo = DemoChild::start(&["--models", "12"]);
    for (path, header, status, pointer) in [
        ("/v1/models", "authorization: Bearer k", 200, "/data/11/id"),
        ("/v1/models", "x-goog-api-key: k", 200, "/error/code"),
        ("/v1beta/models", "x-goog-api-key: k", 200, "/models/11/name"),
        ("/v1beta/models?pageSize=5&key=k", "", 200, "/nextPageToken"),
        ("/v1beta/openai/models", "authorization: Bearer k", 200, "/data/0/supported_endpoint_types"),
        ("/v1beta/models", "", 401, "/error/message"),
        ("/api/status", "", 200, "/data/quota_per_unit"),
        ("/api/usage/token/", "authorization: Bearer k", 200, "/data/total_used"),
        ("/nowhere", "", 404, "/error/message"),
    ] {
        let (found, body) = get(&demo.base, path, header);
        let json: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(found, status, "{path} {body}");
        assert!(json.pointer(pointer).is_some_and(|value| !value.is_null()), "{path} has no {pointer}: {body}");
    }
    assert_eq!(get(&demo.base, "/api/usage/token", "authorization: Bearer k").0, 301);
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let home = Home::new();
    fs::write(home.path("reply.json"), PICTURE).expect("a new file");
    for args in [
        &["demo", "--list"][..],
        &["config", "show"],
        &["completions", "bash"],
        &["inspect", "reply.json"],
        &["inspect", "--json", "reply.json"],
        &["doctor"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = home.command(args).stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output();
        let output = output.expect("the program starts");
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{args:?}");
    }
}

#[test]
fn a_reader_that_went_away_from_a_picture_is_no_error() {
    let home = Home::new();
    let reply = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/reply-image.json");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = home.command(&["open", "--print", reply]);
    let output = command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output();
    let output = output.expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
