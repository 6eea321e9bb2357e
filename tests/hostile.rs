//! What a hostile reply, link, name or server can do to the terminal, the network, the keys and the memory: nothing.

mod bounds;
mod commands;
mod fetching;
mod keys;
mod names;
mod panes;
mod scan;
mod server;

use crate::support::{Home, wait_for};
use crate::terminal::Terminal;
use regex::Regex;
use std::mem;
use unpeel::demo::{Scene, scenes};

/// Every pane but the prompt stands alone.
const ALONE: (u16, u16) = (80, 24);
/// All panes stand together, the request's with all of its lines.
const TOGETHER: (u16, u16) = (120, 50);

const SEND: &[u8] = b"\x13";
const QUIT: &[u8] = b"\x11";
const LOG: &[u8] = b"\x0c";
const ROUTES: &[u8] = b"\x0f";
const PREVIEW: &[u8] = b"\x1bOQ";
const PARTS: &[u8] = b"\x1bOR";
const RAW: &[u8] = b"\x1bOS";
const REQUEST: &[u8] = b"\x1b[17~";
const ENTER: &[u8] = b"\r";
const ESC: &[u8] = b"\x1b";

/// Where the demo is told to the program.
const DEMO_BASE: &str = "UNPEEL__PROFILES__DEMO__BASE";

/// Scenes whose size is what is hostile; they have tests of their own.
const LARGE: [&str; 2] = ["hostile-huge", "hostile-gzip"];

/// The scenes that attack by what they say.
fn hostile() -> Vec<&'static Scene> {
    let hostile = |scene: &&Scene| scene.id.starts_with("hostile-") && !LARGE.contains(&scene.id.as_str());
    let all: Vec<&Scene> = scenes().iter().filter(hostile).collect();
    assert!(all.len() > 10);
    all
}

fn prompt(scene: &Scene) -> String {
    format!("[scene:{}] x", scene.id)
}

/// Sends the hostile scenes in their order, and gives the ids of the exchanges.
fn all_sent(home: &Home, env: &[(&str, &str)]) -> Vec<(&'static Scene, String)> {
    let sent = |scene: &'static Scene| {
        let ran = home.run_with(&["send", "--profile", "demo", "--json", &prompt(scene)], env, b"");
        (scene, ran.json()["exchange"].as_str().expect("an id").to_owned())
    };
    hostile().into_iter().map(sent).collect()
}

/// Starts the program in a terminal. It takes the home along; [`ended`] brings it back.
fn started(home: &mut Home, size: (u16, u16), args: &[&str], env: &[(&str, &str)]) -> Terminal {
    Terminal::start(mem::replace(home, Home::new()), size, args, env)
}

/// Waits for the program's end; gives its exit code, and every byte that it wrote.
fn ended(mut terminal: Terminal, home: &mut Home) -> (u32, Vec<u8>) {
    const MARK: &[u8] = b"-- the end --";
    let code = terminal.exit_code();
    // The terminal echoes it behind all that the program wrote.
    terminal.write(MARK);
    let bytes = wait_for("the last bytes", || terminal.raw().strip_suffix(MARK).map(<[u8]>::to_vec));
    mem::swap(home, &mut terminal.home);
    (code, bytes)
}

/// Runs a command in a terminal to its end.
fn printed(home: &mut Home, args: &[&str], env: &[(&str, &str)]) -> (u32, Vec<u8>) {
    let terminal = started(home, ALONE, args, env);
    ended(terminal, home)
}

/// Leaves the app; gives every byte that it wrote.
fn left(mut terminal: Terminal, home: &mut Home) -> Vec<u8> {
    terminal.write(QUIT);
    let (code, bytes) = ended(terminal, home);
    assert_eq!(code, 0);
    bytes
}

/// Presses a key and waits for what it brings.
fn press(terminal: &mut Terminal, key: &[u8], brings: &str) {
    terminal.write(key);
    terminal.wait_text(brings);
}

/// Closes a box.
fn close(terminal: &mut Terminal, title: &str) {
    terminal.write(ESC);
    wait_for("the box to close", || (!terminal.text().contains(title)).then_some(()));
}

/// Waits for the verdict of the selected call in the log.
fn wait_verdict(terminal: &Terminal, word: &str) {
    let headline = Regex::new(&format!(r"▎\S+ {word} ")).expect("a pattern");
    let what = format!("the verdict {word} in the log");
    wait_for(&what, || headline.is_match(&terminal.text()).then_some(()));
}
