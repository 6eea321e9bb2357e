//! `unpeel doctor`: what this terminal can do and why, which keys are set, where things are, and what to change.

use super::send::PATIENCE;
use super::{Shared, output, setup};
use crate::config::{Loaded, Profile, Protocol, places};
use crate::preview::{self, Surroundings};
use crate::store::Store;
use crate::text::Safe;
use crate::theme::Depth;
use std::io::IsTerminal;

pub fn doctor(shared: &Shared) -> anyhow::Result<u8> {
    let loaded = setup::config(shared)?;
    let mut rows = vec![row("unpeel", env!("CARGO_PKG_VERSION"))];
    rows.extend(terminal());
    rows.extend(pictures(loaded.settings.preview.protocol));
    rows.extend(places_used());
    rows.extend(keys(&loaded));
    rows.extend(network());
    output::lines(output::table(&rows))?;
    Ok(0)
}

fn row(name: &'static str, value: &str) -> Vec<Safe> {
    vec![Safe::from(name), Safe::of(value)]
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn shown(name: &str) -> String {
    variable(name).unwrap_or_else(|| "not set".to_owned())
}

fn terminal() -> Vec<Vec<Safe>> {
    let size =
        crossterm::terminal::size().map_or_else(|_| "unknown (no terminal)".to_owned(), |(w, h)| format!("{w}×{h}"));
    let depth =
        Depth::detect(variable("NO_COLOR").as_deref(), variable("COLORTERM").as_deref(), variable("TERM").as_deref());
    let colours = match depth {
        Depth::True => "24 bit",
        Depth::Indexed => "256; set COLORTERM=truecolor if the terminal has 24 bit (ssh does not pass it on)",
        Depth::Sixteen => "16; set TERM to a 256color one, or COLORTERM=truecolor",
        Depth::None => "none (NO_COLOR, or TERM has none)",
    };
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name)).unwrap_or_else(|| "not set".to_owned());
    let advice = if locale.to_ascii_lowercase().replace('-', "").contains("utf8") {
        ""
    } else {
        "; frames need UTF-8, set LANG=C.UTF-8 or your own"
    };
    vec![
        row("terminal", &shown("TERM")),
        row("stdout", if std::io::stdout().is_terminal() { "a terminal" } else { "not a terminal" }),
        row("size", &size),
        row("colours", colours),
        row("locale", &format!("{locale}{advice}")),
        row("inside", &inside()),
    ]
}

fn inside() -> String {
    let mut around: Vec<&str> = Vec::new();
    for (name, what) in [("TMUX", "tmux"), ("STY", "screen"), ("ZELLIJ", "zellij"), ("SSH_CONNECTION", "ssh")] {
        if variable(name).is_some() {
            around.push(what);
        }
    }
    if around.is_empty() { "no multiplexer, no ssh".to_owned() } else { around.join(", ") }
}

/// What the terminal says of itself, which way of drawing follows from it, and what to change.
fn pictures(wanted: Protocol) -> Vec<Vec<Safe>> {
    let around = Surroundings::of(&variable);
    let tty = std::fs::File::options().read(true).write(true).open("/dev/tty");
    let asked = tty.as_ref().map(|tty| preview::ask(tty, &around, PATIENCE)).unwrap_or_default();
    let found = &asked.found;
    let cell = found.cell.or_else(|| preview::cell_pixels(tty.as_ref().ok()?));
    let choice = preview::choose(wanted, &around, found, cell);
    let yes = |what: bool| if what { "yes" } else { "no" };
    let answer = match asked.round_trip {
        Some(time) => format!("{} ms", time.as_millis()),
        None => format!("none within {} ms", PATIENCE.as_millis()),
    };
    let mut rows = vec![
        row("terminal's name", found.version.as_deref().unwrap_or("not told")),
        row("terminal's answer", &answer),
        row("cell", &cell.map_or_else(|| "unknown".to_owned(), |(w, h)| format!("{w}×{h} pixels"))),
        row("kitty graphics", yes(found.kitty)),
        row("sixel", yes(found.sixel)),
        row("synchronized output", yes(found.sync)),
        row("pictures", &format!("{}: {}", choice.way.word(), choice.why)),
    ];
    rows.extend(choice.advice.map(|advice| row("", &advice)));
    rows
}

fn places_used() -> Vec<Vec<Safe>> {
    let config = places::config_file().map_or_else(
        || "no home folder".to_owned(),
        |path| {
            let there = if path.is_file() { "" } else { " (not there; `unpeel config init` writes it)" };
            format!("{}{there}", path.display())
        },
    );
    let state = match places::state_dir() {
        Ok(dir) => match Store::open(&dir) {
            Ok(_) => format!("{} (can be written)", dir.display()),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    vec![row("config", &config), row("state", &state)]
}

fn keys(loaded: &Loaded) -> Vec<Vec<Safe>> {
    let line = |profile: &Profile| {
        let mark = if profile.name == loaded.settings.profile { " (in use)" } else { "" };
        row("profile", &format!("{}{mark} {} · {}", profile.name, profile.base, source(profile)))
    };
    loaded.settings.profiles.values().map(line).collect()
}

/// Where the key comes from and whether something is there; never the key, and no command is run for it.
fn source(profile: &Profile) -> String {
    match (&profile.api_key_env, &profile.api_key_command, &profile.api_key_file) {
        (Some(name), ..) if variable(name).is_some() => format!("key from {name}, set"),
        (Some(name), ..) => format!("key from {name}, not set: export {name}=…"),
        (None, Some(_), _) => "key from a command, run at the first call".to_owned(),
        (None, None, Some(path)) => {
            let path = places::expand(path);
            format!("key from {}, {}", path.display(), if path.is_file() { "there" } else { "not there" })
        }
        (None, None, None) => "no key".to_owned(),
    }
}

fn network() -> Vec<Vec<Safe>> {
    let names =
        ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];
    let set: Vec<&str> = names.into_iter().filter(|name| variable(name).is_some()).collect();
    vec![row("proxies", &if set.is_empty() { "none set".to_owned() } else { format!("taken from {}", set.join(", ")) })]
}
