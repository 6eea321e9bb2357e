//! What a call leaves on disk: exact bytes, private files, no key; and that it can be looked at again.

use super::stage;
use super::support::{DemoChild, Home, Listener, Ran, files_below, http, sha256};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use unpeel::{exchange, store};

/// Sends a scene and gives the folder of its exchange.
fn sent(demo: &DemoChild, home: &Home, scene: &str) -> (Ran, PathBuf) {
    let prompt = format!("[scene:{scene}] a red fox");
    let env = [("UNPEEL__PROFILES__DEMO__BASE", demo.base.as_str())];
    let ran = home.run_with(&["send", "--profile", "demo", "--json", &prompt], &env, b"");
    let id = ran.json()["exchange"].as_str().expect("an id").to_owned();
    (ran, home.state().join("exchanges").join(id))
}

/// Sends to a listener with a key.
fn sent_with_key(home: &Home, listener: &Listener, key: &str) -> Ran {
    home.configure(&format!(
        "profile = \"test\"\n[profiles.test]\nbase = \"{}\"\napi_key_env = \"TEST_KEY\"\n",
        listener.base
    ));
    home.run_with(&["send", "a red fox"], &[("TEST_KEY", key)], b"")
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a readable file")).expect("JSON")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[test]
fn an_exchange_is_exact_and_private() {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    let (ran, folder) = sent(&demo, &home, "plain");
    let post = demo.posts().remove(0);
    let receipt = demo.receipt(&post);

    let body = fs::read(folder.join("body")).expect("a body");
    assert_eq!(sha256(&body), receipt["sha256"].as_str().expect("a hash"));
    let request = fs::read(folder.join("request.json")).expect("a request");
    assert_eq!(sha256(&request), post["bodySha256"].as_str().expect("a hash"));

    let meta = json(&folder.join("meta.json"));
    assert_eq!((meta["phase"].as_str(), meta["verdict"]["word"].as_str()), (Some("done"), Some("image")));
    assert_eq!(meta["upBytes"], request.len());
    assert_eq!(meta["downBytes"], body.len());
    assert_eq!(meta["masked"], Value::Array(vec![]));
    let picture = folder.join(meta["pictures"][0]["file"].as_str().expect("a path"));
    assert_eq!(ran.json()["saved"][0], picture.display().to_string());
    assert_eq!(
        sha256(&fs::read(&picture).expect("a picture")),
        meta["pictures"][0]["sha256"].as_str().expect("a hash")
    );

    for private in [home.state(), home.state().join("exchanges"), folder.clone(), folder.join("parts")] {
        assert_eq!(mode(&private), 0o700, "{}", private.display());
    }
    for file in files_below(&home.state()) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    let evidence = json(&home.state().join("evidence.jsonl"));
    assert_eq!((evidence["class"].as_str(), &evidence["exchange"]), (Some("image"), &meta["id"]));
}

#[test]
fn a_packed_body_is_kept_as_it_came() {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    let (ran, folder) = sent(&demo, &home, "gzip");
    let body = fs::read(folder.join("body")).expect("a body");
    assert!(body.starts_with(&[0x1f, 0x8b]));
    let receipt = demo.receipt(&demo.posts()[0]);
    assert_eq!(sha256(&body), receipt["sha256"].as_str().expect("a hash"));
    assert!(ran.stderr.contains("note: the body came packed"), "{}", ran.stderr);
    let inspected = home.run(&["inspect", "--json", &folder.display().to_string()]).json();
    assert_eq!(inspected["images"], ran.json()["images"]);
}

#[test]
fn an_echoed_key_is_masked_and_noted() {
    const KEY: &str = "sk-test/0123456789+abcdef";
    let escaped = KEY.replace('/', "\\/");
    let body = format!(r#"{{"error":{{"code":"","message":"bad {KEY}, {escaped}","type":"new_api_error"}}}}"#);
    let listener = Listener::answering(http("401 Unauthorized", &format!("x-echo: <{KEY}>\r\n"), &body));
    let home = Home::new();
    let ran = sent_with_key(&home, &listener, KEY);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("note: the server echoed the key; it was masked"), "{ran:?}");

    let folder = home.exchanges().remove(0);
    let meta = json(&folder.join("meta.json"));
    assert_eq!(meta["masked"], serde_json::json!(["headers", "body"]));
    let masked = body.replace(KEY, &"*".repeat(KEY.len())).replace(&escaped, &"*".repeat(escaped.len()));
    assert_eq!(fs::read_to_string(folder.join("body")).expect("a body"), masked);
    let everything: Vec<String> = files_below(&home.state())
        .iter()
        .map(|file| String::from_utf8_lossy(&fs::read(file).expect("a readable file")).into_owned())
        .chain([ran.stdout, ran.stderr])
        .collect();
    assert!(everything.iter().all(|text| !text.contains("0123456789")), "{everything:#?}");
}

#[test]
fn an_echo_in_a_headers_name_is_masked_too() {
    const KEY: &str = "sk-test-0123456789abcdef";
    let listener = Listener::answering(http("401 Unauthorized", &format!("x-{KEY}: 1\r\n"), "{}"));
    let home = Home::new();
    let ran = sent_with_key(&home, &listener, KEY);
    let meta = fs::read_to_string(home.exchanges().remove(0).join("meta.json")).expect("a record");
    assert!(meta.contains("x-***") && !meta.contains("0123456789"), "{meta}");
    assert!(!format!("{ran:?}").contains("0123456789"), "{ran:?}");
}

/// Packed, an echo cannot be seen as it arrives; it must not stay on disk all the same.
#[test]
fn an_echo_inside_a_packed_body_is_masked_too() {
    const KEY: &str = "sk-test-0123456789abcdef";
    let body = format!(r#"{{"error":{{"code":"","message":"bad {KEY}","type":"new_api_error"}}}}"#);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(body.as_bytes()).expect("memory");
    let packed = packer.finish().expect("memory");
    let head =
        format!("HTTP/1.1 401 Unauthorized\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", packed.len());
    let listener = Listener::answering([head.as_bytes(), &packed].concat());
    let home = Home::new();
    let ran = sent_with_key(&home, &listener, KEY);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let stored = fs::read(home.exchanges().remove(0).join("body")).expect("a body");
    assert_eq!(String::from_utf8_lossy(&stored), body.replace(KEY, &"*".repeat(KEY.len())));
    let everywhere = files_below(&home.state());
    assert!(everywhere.iter().all(|file| !String::from_utf8_lossy(&fs::read(file).expect("readable")).contains(KEY)));
    assert!(!ran.stdout.contains(KEY) && !ran.stderr.contains(KEY), "{ran:?}");
}

/// A folder from somebody else, sent again, must not send a file of the reader.
#[test]
fn a_request_that_is_a_link_is_not_sent_again() {
    let home = Home::new();
    let store = store::Store::open(&home.state()).expect("a store");
    let record = store.begin(stage::at(1), &store::Meta::default(), b"{}").expect("room");
    let folder = record.folder().to_owned();
    let mut ask =
        stage::prompted((80, 24)).params.ask("a red fox".to_owned(), &stage::prompted((80, 24)).setup).expect("fine");
    ask.replay = Some(folder.clone());
    assert_eq!(exchange::body(&ask).expect("a plain file"), b"{}");
    let secret = home.path("secret");
    fs::write(&secret, "private").expect("a file");
    fs::remove_file(folder.join("request.json")).expect("it was there");
    std::os::unix::fs::symlink(&secret, folder.join("request.json")).expect("a link");
    let refused = exchange::body(&ask).expect_err("a link").to_string();
    assert!(refused.contains("request.json") && !refused.contains("private"), "{refused}");
}

/// The exit code tells of the call, whoever reads what is printed of it.
#[test]
fn a_full_or_closed_output_does_not_hide_what_became_of_a_call() {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    let base = ("UNPEEL__PROFILES__DEMO__BASE", demo.base.as_str());
    let run = |words: &str, redirect: &str| {
        let line = format!("exec {} send --profile demo '{words}' {redirect}", env!("CARGO_BIN_EXE_unpeel"));
        let mut shell = std::process::Command::new("sh");
        shell.env_clear().envs(home.env()).env(base.0, base.1).arg("-c").arg(line);
        shell.status().expect("sh runs").code()
    };
    assert_eq!(run("a red fox", ">/dev/full 2>/dev/null"), Some(0));
    assert_eq!(run("[scene:text] a fox", ">/dev/full 2>/dev/full"), Some(1));
    assert_eq!(run("a red fox", ">/dev/null 2>/dev/full"), Some(0));
}

#[test]
fn a_call_without_an_answer_is_stored_all_the_same() {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    for (scene, phase, word) in [("drop-after-request", "failed", "network"), ("cut", "done", "cut")] {
        let (_, folder) = sent(&demo, &home, scene);
        let meta = json(&folder.join("meta.json"));
        assert_eq!((meta["phase"].as_str(), meta["verdict"]["word"].as_str()), (Some(phase), Some(word)));
        assert!(folder.join("request.json").is_file());
        let arrived = fs::read(folder.join("body")).unwrap_or_default().len();
        assert_eq!(meta["downBytes"], arrived, "{scene}");
    }
}

#[test]
fn an_exchange_can_be_looked_at_again_offline() {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    let scenes = [("plain", 0), ("text", 1), ("image-safety", 1), ("model-503", 3)];
    let sent: Vec<_> = scenes.iter().map(|(scene, exit)| (sent(&demo, &home, scene), *exit)).collect();
    drop(demo);
    for ((ran, folder), exit) in sent {
        let path = folder.display().to_string();
        let (ours, line) = (ran.json(), ran.last_line());
        let inspected = home.run(&["inspect", &path]);
        assert_eq!((inspected.code, inspected.stdout.lines().next()), (Some(0), Some(line)));
        let object = home.run(&["inspect", "--json", &path]).json();
        for (key, value) in object.as_object().expect("an object") {
            assert_eq!(ours[key], *value, "{key}");
        }
        let opened = home.run(&["open", "--print", &path]);
        assert_eq!((opened.code, opened.last_line()), (Some(exit), line));
        assert_eq!(opened.stdout.contains(['▀', '▄']), exit == 0, "{}", opened.stdout);
    }
}
