//! The key: it goes to its own route, and stands nowhere else, whatever fails and whatever is asked for.

use super::server::Server;
use super::{ALONE, LOG, PARTS, PREVIEW, RAW, REQUEST, ROUTES, SEND, left, press, started, wait_verdict};
use crate::support::{DemoChild, Home, Listener, Ran, files_below, http, wait_for};
use memchr::memmem;
use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use unpeel::wire::b64;

const KEY: &str = r#"sk-T3st+k/ey%"9xYzQ7mW2vLbN4dR"#;
const PRODUCTION_BASE: &str = "UNPEEL__PROFILES__PRODUCTION__BASE";
/// So many characters of it are a find.
const PIECE: usize = 12;

fn each(text: &str, write: fn(u8) -> String) -> String {
    text.bytes().map(write).collect()
}

fn spellings(text: &str) -> Vec<String> {
    fn escaped(byte: u8, upper: bool) -> String {
        match (byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte), upper) {
            (true, _) => char::from(byte).to_string(),
            (false, true) => format!("%{byte:02X}"),
            (false, false) => format!("%{byte:02x}"),
        }
    }
    let json = serde_json::to_string(text).expect("a string");
    let json = &json[1..json.len() - 1];
    let mut all = vec![
        text.to_owned(),
        json.to_owned(),
        json.replace('/', r"\/"),
        each(text, |byte| escaped(byte, true)),
        each(text, |byte| escaped(byte, false)),
        each(text, |byte| format!("%{byte:02X}")),
        each(text, |byte| format!("%{byte:02x}")),
        each(text, |byte| format!("\\u{byte:04x}")),
        each(text, |byte| format!("{byte:02x}")),
    ];
    for offset in 0..3 {
        let shifted = [&[0; 2][..offset], text.as_bytes()].concat();
        let encoded = b64::encode(&shifted);
        // The characters that say nothing of what stands before and after it.
        let core = &encoded[[0, 2, 3][offset]..shifted.len() * 8 / 6];
        all.extend([core.to_owned(), core.replace('+', "-").replace('/', "_")]);
    }
    all
}

/// Every piece of the key, its beginning among them, in every spelling.
fn traces() -> BTreeSet<String> {
    (0..=KEY.len() - PIECE).flat_map(|at| spellings(&KEY[at..at + PIECE])).collect()
}

fn trace_in<'a>(bytes: &[u8], traces: &'a BTreeSet<String>) -> Option<&'a String> {
    traces.iter().find(|trace| memmem::find(bytes, trace.as_bytes()).is_some())
}

/// Nothing of the key in any file of the home, nor in what was said.
fn assert_no_key(what: &str, home: &Home, rans: &[Ran]) {
    let traces = traces();
    for file in files_below(&home.path("")) {
        let bytes = fs::read(&file).expect("a readable file");
        assert_eq!(trace_in(&bytes, &traces), None, "{what}: {}", file.display());
    }
    for ran in rans {
        for said in [&ran.stdout, &ran.stderr] {
            assert_eq!(trace_in(said.as_bytes(), &traces), None, "{what}: {said}");
        }
    }
}

#[test]
fn the_key_would_be_found_in_every_spelling() {
    let traces = traces();
    for spelling in spellings(KEY) {
        assert!(trace_in(format!("before {spelling} after").as_bytes(), &traces).is_some(), "{spelling}");
    }
    assert!(trace_in(&KEY.as_bytes()[..PIECE], &traces).is_some());
    assert_eq!(trace_in(&KEY.as_bytes()[..PIECE - 1], &traces), None);
}

/// Something that goes wrong, with the verdict on it.
struct Failure {
    word: &'static str,
    base: String,
    prompt: &'static str,
}

impl Failure {
    /// Everything that a user may do about it, and what was said.
    fn all_of(&self, home: &Home, auth: &str) -> Vec<Ran> {
        // Short only where silence is the failure.
        let idle = if self.word == "timeout" { "2" } else { "60" };
        let env = [
            ("CRAZYROUTER_API_KEY", KEY),
            (PRODUCTION_BASE, self.base.as_str()),
            ("UNPEEL__PROFILES__PRODUCTION__AUTH", auth),
            ("UNPEEL__HTTP__IDLE_TIMEOUT_S", idle),
            ("UNPEEL__HTTP__CONNECT_TIMEOUT_S", "5"),
        ];
        let run = |args: &[&str], stdin: &str| home.run_with(args, &env, stdin.as_bytes());
        let sent = run(&["send", "--profile", "production", "--verbose", "--json", self.prompt], "");
        let json = sent.json();
        assert_eq!(json["verdict"]["word"], self.word, "{sent:?}");
        let id = json["exchange"].as_str().expect("an id");
        let folder = home.state().join("exchanges").join(id).display().to_string();
        let exported = run(&["history", "export", id, "--har", "a.har", "--bundle", "a.tar", "--out", "all.tar"], "");
        assert_eq!(exported.code, Some(0), "{exported:?}");
        let curl = format!(
            "curl -X POST '{}/v1beta/models/m:generateContent?key={KEY}' -H 'x-goog-api-key: {KEY}' \
             -H 'content-type: application/json' -d '{{\"contents\":[{{\"parts\":[{{\"text\":\"{}\"}}]}}]}}'",
            self.base, self.prompt
        );
        vec![
            sent,
            exported,
            run(&["history", "show", "--json", id], ""),
            run(&["inspect", "--json", &folder], ""),
            run(&["routes", "--profile", "production", "--probe", "--json"], ""),
            run(&["routes", "--markdown"], ""),
            run(&["config", "show"], ""),
            run(&["doctor"], ""),
            run(&["import"], &curl),
            run(&["import", "--send", "--json"], &curl),
        ]
    }
}

#[test]
fn the_key_stands_in_no_file_and_in_no_message() {
    let demo = DemoChild::start(&[]);
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let plain = Server::start(|_, _| http("400 Bad Request", "", "this is no TLS"));
    let failures = [
        Failure { word: "network", base: format!("http://{closed}"), prompt: "a fox" },
        Failure { word: "network", base: "https://no-such-host.invalid".to_owned(), prompt: "a fox" },
        Failure { word: "network", base: plain.base().replace("http:", "https:"), prompt: "a fox" },
        Failure { word: "gateway_error", base: demo.base.clone(), prompt: "[scene:hostile-echo] x" },
        Failure { word: "timeout", base: demo.base.clone(), prompt: "[scene:stall] x" },
    ];
    for failure in &failures {
        for auth in ["header", "bearer", "query"] {
            let home = Home::new();
            let rans = failure.all_of(&home, auth);
            let what = format!("{} at {} by {auth}", failure.word, failure.base);
            assert_no_key(&what, &home, &rans);
            let echoed = rans[0].stderr.contains("the server echoed the key; it was masked");
            assert_eq!(echoed, failure.prompt.contains("hostile-echo"), "{what}: {}", rans[0].stderr);
        }
    }
}

#[test]
fn no_child_of_the_program_gets_a_key() {
    let (demo, mut home) = (DemoChild::start(&[]), Home::new());
    home.configure(&format!(
        "[profiles.other]\nbase = \"{}\"\napi_key_command = 'env > \"$HOME/command.env\"; echo other-key-0123456789'\n",
        demo.base
    ));
    let script = home.path("editor");
    fs::write(&script, "#!/bin/sh\nenv > \"$HOME/new.env\" && mv \"$HOME/new.env\" \"$HOME/editor.env\"\n")
        .expect("a new file");
    fs::set_permissions(&script, Permissions::from_mode(0o755)).expect("our own file");
    let script = script.display().to_string();
    let env = [
        ("CRAZYROUTER_API_KEY", KEY),
        ("GEMINI_API_KEY", KEY),
        (PRODUCTION_BASE, demo.base.as_str()),
        ("EDITOR", script.as_str()),
        ("UNPEEL_LOG", "trace"),
    ];
    let ran = home.run_with(&["send", "--profile", "other", "[scene:text] x"], &env, b"");
    assert_eq!(ran.code, Some(1), "{ran:?}");

    let mut terminal = started(&mut home, ALONE, &["--profile", "production"], &env);
    terminal.wait_text("╭─ Prompt ");
    terminal.write(b"\x07");
    wait_for("the editor", || terminal.home.path("editor.env").exists().then_some(()));
    let entered = || memmem::find_iter(&terminal.raw(), "\x1b[?1049h").count();
    wait_for("the app again", || (entered() == 2).then_some(()));
    // The same key in the app, for as long as its log tells everything.
    press(&mut terminal, b"[scene:hostile-echo] x", "[scene:hostile-echo] x");
    terminal.write(SEND);
    press(&mut terminal, LOG, "╭─ Log ");
    wait_verdict(&terminal, "gateway_error");
    for (key, brings) in [
        (PREVIEW, "╭─ Preview "),
        (PARTS, "╭─ Parts "),
        (RAW, "╭─ Raw "),
        (REQUEST, "╭─ Request "),
        (ROUTES, "╭─ Routes "),
        (LOG, "╭─ Log "),
        (b"e", "wrote "),
        (b"c", "curl command was sent"),
    ] {
        press(&mut terminal, key, brings);
    }
    let bytes = left(terminal, &mut home);
    assert_eq!(trace_in(&bytes, &traces()), None);
    for name in ["command.env", "editor.env"] {
        let seen = fs::read_to_string(home.path(name)).expect("an environment");
        assert!(seen.contains("HOME=") && !seen.contains("_API_KEY="), "{name}: {seen}");
    }
    assert_no_key("the app", &home, &[ran]);
}

#[test]
fn a_key_goes_to_its_own_route_or_nowhere() {
    const OTHER: &str = "AIzaSy-0ther-k3y-of-another-host";
    for (profile, base, own, other) in [
        ("production", PRODUCTION_BASE, "CRAZYROUTER_API_KEY", "GEMINI_API_KEY"),
        ("google", "UNPEEL__PROFILES__GOOGLE__BASE", "GEMINI_API_KEY", "CRAZYROUTER_API_KEY"),
    ] {
        let (home, listener) = (Home::new(), Listener::with_body("{}"));
        let env = [(base, listener.base.as_str()), (other, OTHER)];
        let ways: [&[&str]; 3] = [&[], &["--stream"], &["--reconcile"]];
        for more in ways {
            let send = [&["send", "--profile", profile, "a red fox"][..], more].concat();
            let ran = home.run_with(&send, &env, b"");
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
            assert!(ran.stderr.contains(own) && !ran.stderr.contains(OTHER), "{ran:?}");
        }
        assert!(listener.seen().is_empty(), "{:?}", listener.seen());

        // A probe may knock without a key, and a call has its own: the other one never goes along.
        let probe = ["routes", "--profile", profile, "--probe", "--json"];
        let probed = home.run_with(&probe, &env, b"");
        let both = [env[0], env[1], (own, KEY)];
        let sent = home.run_with(&["send", "--profile", profile, "--reconcile", "a red fox"], &both, b"");
        let probed_again = home.run_with(&probe, &both, b"");
        let seen = listener.seen();
        assert!(seen.iter().any(|seen| seen.header("x-goog-api-key") == Some(KEY)), "{sent:?}");
        let told = sent.stderr.contains("sends the variable GEMINI_API_KEY to 127.0.0.1, not to Google");
        assert_eq!(told, own == "GEMINI_API_KEY", "{sent:?}");
        for seen in seen {
            let all = format!("{}{}", seen.head, String::from_utf8_lossy(&seen.body));
            assert!(!all.contains(OTHER), "{all}");
        }
        for ran in [probed, sent, probed_again] {
            assert!(!ran.stdout.contains(OTHER) && !ran.stderr.contains(OTHER), "{ran:?}");
        }
    }
}
