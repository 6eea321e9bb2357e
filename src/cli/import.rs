//! `unpeel import`: somebody's curl command or request body as a native call, printed or made.

use super::{ImportArgs, SendArgs, Shared, output, send, setup};
use crate::call::Ask;
use crate::catalog::Catalog;
use crate::config::{Profile, Settings, base};
use crate::route::Source;
use crate::text::{self, Safe};
use crate::wire::import::{self as foreign, Form, Imported};
use crate::wire::request::Call;
use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::Value;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::Path;

/// Bytes that are read of a command, or of a file it names; no server takes a longer body.
const MOST: u64 = 50_000_000;

pub fn import(shared: &Shared, args: &ImportArgs) -> anyhow::Result<u8> {
    let loaded = setup::config(shared)?;
    let catalog = setup::catalog(&loaded)?;
    let given = given(args.file.as_deref())?;
    let mut read_file = |path: &str| read(Path::new(path)).map_err(|error| format!("{error:#}"));
    let nearest = |width: u32, height: u32| catalog.nearest(width, height);
    let imported = foreign::import(&given, &mut read_file, &nearest)?;
    let mut notes = imported.notes.clone();
    let named = shared.profile.is_some();
    let profile = profile(&loaded.settings, named, imported.base.as_deref(), &mut notes)?;
    if imported.had_key {
        notes.push(format!("the key in the command was left out; {}", own_key(profile)));
    }
    let ask = ask(args, &imported, profile, &mut notes);
    let printed = if args.send { None } else { Some(printed(&ask, &imported, &catalog, &notes)?) };
    for note in &notes {
        output::tell(&Safe::of(&format!("note: {note}")));
    }
    match printed {
        Some(printed) => output::raw(printed.as_bytes()).map(|()| 0),
        None => {
            let sending = SendArgs { out: args.out.clone(), json: args.json, ..SendArgs::default() };
            send::run(&loaded, &sending, ask, Source::Call)
        }
    }
}

/// The text to import: of a file, or of stdin.
fn given(file: Option<&Path>) -> anyhow::Result<String> {
    let bytes = match file.filter(|path| *path != Path::new("-")) {
        Some(path) => read(path)?,
        None => {
            let stdin = std::io::stdin();
            if stdin.is_terminal() {
                output::tell(&Safe::from("paste the command, then Ctrl+D on a line of its own"));
            }
            up_to_most(stdin.lock()).context("stdin cannot be read")?
        }
    };
    String::from_utf8(bytes).ok().context("the input is not UTF-8 text; save it as UTF-8")
}

/// Reads a plain file: a pipe or a device might never end.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let unreadable = || format!("{} cannot be read", path.display());
    let meta = std::fs::metadata(path).with_context(unreadable)?;
    if !meta.is_file() {
        bail!("{} is no plain file", path.display());
    }
    up_to_most(File::open(path).with_context(unreadable)?).with_context(unreadable)
}

fn up_to_most(from: impl Read) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        bail!("it is larger than {}", text::bytes(MOST));
    }
    Ok(bytes)
}

/// The profile that a flag names, else one whose host the command calls, else the usual one: a host that no profile has
/// gets no call.
fn profile<'a>(
    settings: &'a Settings,
    named: bool,
    called: Option<&str>,
    notes: &mut Vec<String>,
) -> anyhow::Result<&'a Profile> {
    let usual = settings.profile(&settings.profile)?;
    let Some((called, url)) = called.and_then(|called| Some((called, base::endpoint(called).ok()?.url))) else {
        return Ok(usual);
    };
    let origin = base::origin(called);
    let same_host =
        |profile: &&Profile| base::endpoint(&profile.base).is_ok_and(|own| own.url.host_str() == url.host_str());
    // The demo's address is only true while the app runs it.
    let last = |profile: &&Profile| {
        (base::origin(&profile.base) != origin, profile.name != settings.profile, profile.name == "demo")
    };
    let fitting = settings.profiles.values().filter(same_host).min_by_key(last);
    let profile = if named { usual } else { fitting.unwrap_or(usual) };
    if base::origin(&profile.base) != origin {
        let said = if fitting.is_some() { "the command calls" } else { "no profile has the base" };
        notes.push(format!("{said} {called}; this is for profile {} ({})", profile.name, profile.base));
    }
    Ok(profile)
}

/// Where a profile has its key from.
fn own_key(profile: &Profile) -> String {
    let name = &profile.name;
    match (&profile.api_key_env, &profile.api_key_command, &profile.api_key_file) {
        (Some(variable), _, _) => format!("profile {name} takes its own from {variable}"),
        (None, Some(_), _) => format!("profile {name} takes its own from its api_key_command"),
        (None, None, Some(path)) => format!("profile {name} takes its own from {}", path.display()),
        (None, None, None) if name == "demo" => "profile demo needs none".to_owned(),
        (None, None, None) => format!("profile {name} names no key source yet"),
    }
}

fn ask(args: &ImportArgs, imported: &Imported, profile: &Profile, notes: &mut Vec<String>) -> Ask {
    let named = args.model.clone().or_else(|| imported.model.clone());
    if named.is_none() {
        notes.push(format!("no model is named; {} is that of profile {}", profile.model, profile.name));
    }
    let call = match imported.from {
        _ if args.stream => Call::Stream,
        Form::NativeCurl => imported.call,
        Form::NativeBody | Form::ImagesCurl | Form::ImagesBody => Call::from(profile.mode),
    };
    Ask {
        call,
        model: named.unwrap_or_else(|| profile.model.clone()),
        profile: profile.clone(),
        request: foreign::request_of(&imported.body),
        references: vec![],
        parent: None,
        replay: None,
    }
}

/// What is printed; its fields stand in this order.
#[derive(Serialize)]
struct Printed<'a> {
    from: &'static str,
    profile: &'a str,
    method: &'static str,
    url: String,
    model: Names<'a>,
    kind: &'static str,
    body: Value,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Names<'a> {
    asked: &'a str,
    sent: &'a str,
}

fn printed(ask: &Ask, imported: &Imported, catalog: &Catalog, notes: &[String]) -> anyhow::Result<String> {
    let url = ask.url(catalog).with_context(|| format!("profile {}", ask.profile.name))?;
    let printed = Printed {
        from: imported.from.words(),
        profile: &ask.profile.name,
        method: "POST",
        url: url.into(),
        model: Names { asked: &ask.model, sent: ask.model_on_wire(catalog) },
        kind: ask.call.as_str(),
        body: ask.request.to_json(&[])?,
        notes,
    };
    let mut json = text::json_safe(&serde_json::to_string_pretty(&printed)?);
    json.push('\n');
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Sources};

    #[test]
    fn a_command_goes_to_the_profile_with_its_host_and_never_elsewhere() {
        let settings = config::load(&Sources::default()).unwrap().settings;
        for (called, named, name, note) in [
            (Some("https://api.crazyrouter.com"), false, "production", ""),
            (Some("https://generativelanguage.googleapis.com"), false, "google", ""),
            (Some("http://127.0.0.1:4000"), false, "local", ""),
            (
                Some("http://127.0.0.1:9"),
                false,
                "local",
                "the command calls http://127.0.0.1:9; this is for profile local (",
            ),
            (
                Some("https://crazyrouter.com"),
                false,
                "production",
                "no profile has the base https://crazyrouter.com; this is for profile production (https://api.crazyrouter.com)",
            ),
            (Some("http://127.0.0.1:4000"), true, "production", "the command calls http://127.0.0.1:4000; this is for"),
            (None, false, "production", ""),
        ] {
            let mut notes = Vec::new();
            let chosen = profile(&settings, named, called, &mut notes).unwrap();
            assert_eq!(chosen.name, name, "{called:?}");
            assert_eq!(notes.len(), usize::from(!note.is_empty()), "{notes:?}");
            assert!(notes.iter().all(|said| said.starts_with(note)), "{notes:?}");
        }
    }
}
