//! Hostile words outside of replies: model lists, prompts, tags, notes, arguments and names of files.

use super::scan::{Own, assert_tame};
use super::server::Server;
use super::{ALONE, DEMO_BASE, ENTER, LOG, REQUEST, ROUTES, TOGETHER, close, left, press, printed, started};
use crate::support::{DemoChild, Home, files_below, http};
use serde_json::{Value, json};
use std::fs;
use unpeel::demo::payload;

/// The payload in a length that file systems take for a name.
fn name() -> String {
    payload().replace('\u{301}', "")
}

/// A gateway whose every word is hostile.
fn gateway() -> Server {
    let answer = |status: &str, body: &Value| http(status, "content-type: application/json\r\n", &body.to_string());
    Server::start(move |head, _| {
        let bad = payload();
        let asks = |path: &str| head.starts_with(&format!("GET {path}"));
        if asks("/v1beta/models") {
            let methods = ["generateContent", bad];
            let model =
                json!({"name": format!("models/{bad}"), "displayName": bad, "supportedGenerationMethods": methods});
            return answer("200 OK", &json!({"models": [model]}));
        }
        if asks("/v1/models") || asks("/v1beta/openai/models") {
            let model = json!({"id": bad, "object": "model", "owned_by": bad, "supported_endpoint_types": [bad]});
            return answer("200 OK", &json!({"object": "list", "data": [model]}));
        }
        let error = json!({"message": bad, "type": bad, "code": bad});
        let data = json!({"version": bad, "system_name": bad});
        answer("500 Internal Server Error", &json!({"error": error, "message": bad, "success": false, "data": data}))
    })
}

#[test]
fn a_hostile_gateway_is_told_of_as_text() {
    let (gateway, mut home) = (gateway(), Home::new());
    let base = gateway.base();
    let env = [("UNPEEL__PROFILES__PRODUCTION__BASE", base.as_str()), ("CRAZYROUTER_API_KEY", "test-key-0123456789")];
    let model = format!("models/{}", payload());
    for args in [
        &["routes", "--profile", "production", "--probe"][..],
        &["routes", "--profile", "production", "--probe", "--json"],
        &["send", "--profile", "production", "--json", "--model", model.as_str(), "a fox"],
        &["routes", "--evidence"],
        &["routes", "--markdown"],
        &["history", "list"],
    ] {
        let (_, bytes) = printed(&mut home, args, &env);
        assert!(!bytes.is_empty(), "{args:?}");
        assert_tame(&args.join(" "), &bytes, Own::Lines);
    }
    assert!(gateway.heads().iter().any(|head| head.starts_with("POST ")));
    let mut terminal = started(&mut home, ALONE, &["--profile", "production"], &env);
    terminal.wait_text("╭─ Prompt ");
    press(&mut terminal, b"\x14", "╭─ Models ");
    terminal.wait_text("1 of 1");
    // Now the frame of the prompt names the model.
    press(&mut terminal, ENTER, "╰─ ␛]52;c;aGFja2Vk");
    press(&mut terminal, ROUTES, "╭─ Routes ");
    press(&mut terminal, ENTER, "╭─ Route ");
    close(&mut terminal, "╭─ Route ");
    assert_tame("the app", &left(terminal, &mut home), Own::Frames);
}

#[test]
fn a_hostile_record_is_shown_as_text() {
    let (demo, mut home) = (DemoChild::start(&[]), Home::new());
    let env = [(DEMO_BASE, demo.base.as_str())];
    let (bad, prompt) = (payload(), format!("[scene:plain] {}", payload()));
    let send =
        ["send", "--profile", "demo", "--json", "--system", bad, "--aspect", bad, "--size", bad, prompt.as_str()];
    let ran = home.run_with(&send, &env, b"");
    assert_tame("send", ran.stderr.as_bytes(), Own::Lines);
    let json = ran.json();
    let id = json["exchange"].as_str().expect("an id");
    let saved = json["saved"][0].as_str().expect("a path");
    for args in [
        &["history", "mark", id, "--star", "--tag", bad, "--note", bad][..],
        &["history", "list"],
        &["history", "list", "--json"],
        &["history", "list", bad],
        &["history", "show", id],
        &["history", "show", "--json", id],
        &["history", "tree", id],
        &["history", "trace", saved],
    ] {
        let (_, bytes) = printed(&mut home, args, &env);
        assert_tame(&format!("{args:?}"), &bytes, Own::Lines);
    }
    for file in files_below(&home.state()) {
        let plain = file.to_string_lossy().chars().all(|c| c.is_ascii_graphic() || c == ' ');
        assert!(plain, "{file:?}");
    }
    let mut terminal = started(&mut home, TOGETHER, &["--profile", "demo"], &env);
    press(&mut terminal, LOG, "1 in all");
    press(&mut terminal, REQUEST, "╭─ Request ");
    terminal.write(LOG);
    press(&mut terminal, b"j", "\"text\": \"[scene:plain]");
    press(&mut terminal, ENTER, "prompt and parameters of that call");
    press(&mut terminal, b"\x1b[21~", "╭─ Parameters ");
    close(&mut terminal, "╭─ Parameters ");
    terminal.write(LOG);
    for (key, title) in [(b"t", "╭─ Tags "), (b"a", "╭─ Note "), (b"i", "╭─ Iteration "), (b"w", "╭─ Why ")]
    {
        press(&mut terminal, key, title);
        close(&mut terminal, title);
    }
    assert_tame("the app", &left(terminal, &mut home), Own::Frames);
}

#[test]
fn a_hostile_file_name_is_shown_as_text() {
    let mut home = Home::new();
    let (name, missing) = (name(), format!("missing{}", name()));
    fs::write(home.path(&name), "{}").expect("a file system that takes any name");
    let out = format!("{name}.png");
    for args in [
        &["inspect", missing.as_str()][..],
        &["inspect", name.as_str()],
        &["open", missing.as_str()],
        &["open", "--print", name.as_str()],
        &["import", missing.as_str()],
        &["import", name.as_str()],
        &["history", "trace", name.as_str()],
        &["history", "show", payload()],
        &["config", "show", "--profile", payload()],
        &["send", "--profile", "demo", "--image", missing.as_str(), "a fox"],
        &["send", "--profile", "demo", "--image", name.as_str(), "a fox"],
        &["demo", "--scene", payload(), "--port", "0"],
    ] {
        let (_, bytes) = printed(&mut home, args, &[]);
        assert_tame(&format!("{args:?}"), &bytes, Own::Lines);
    }
    let demo = DemoChild::start(&[]);
    let env = [(DEMO_BASE, demo.base.as_str())];
    let send = ["send", "--profile", "demo", "--json", "--out", out.as_str(), "a fox"];
    for code in [0, 2] {
        // The second one finds the file there.
        let (ended, bytes) = printed(&mut home, &send, &env);
        assert_eq!(ended, code);
        assert_tame("--out", &bytes, Own::Lines);
    }
    let terminal = started(&mut home, ALONE, &["open", &name], &[]);
    terminal.wait_text("offline ␛]52;c;aGFja2Vk");
    terminal.wait_text("╭─ Preview ");
    assert_tame("the app", &left(terminal, &mut home), Own::Frames);
}

/// A pattern of the shell may name a file of somebody else's where no argument belongs.
#[test]
fn an_argument_too_many_is_shown_as_text() {
    let mut home = Home::new();
    let flag = format!("--{}", name());
    for args in [&["inspect", "a.json", name().as_str()][..], &[name().as_str()], &["send", flag.as_str()]] {
        let (code, bytes) = printed(&mut home, args, &[]);
        assert_eq!(code, 2);
        // Its own colours are fine.
        assert_tame(&format!("{args:?}"), &bytes, Own::Picture);
    }
}
