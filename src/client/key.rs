//! Where a profile's key comes from: a named environment variable, a command, or a file; read when it is first needed.

mod command;
mod file;
mod watch;

use crate::config::base::{self, Base, BaseError};
use crate::config::{Profile, places};
use crate::secret::Key;
use secrecy::zeroize::Zeroizing;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a key command may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);

/// The variables that by custom hold a key of Google.
const GOOGLE_VARIABLES: [&str; 2] = ["GEMINI_API_KEY", "GOOGLE_API_KEY"];

/// How Google's keys begin.
const GOOGLE_FORM: &str = "AIza";

/// A profile's name and its command.
type Source = (String, String);

/// The key that a command printed; locked while the command runs.
type Slot = Arc<Mutex<Option<Key>>>;

/// What commands printed, for as long as the process lives: nobody wants to unlock a key for every call. Two calls at once
/// run a command once, by the lock of its slot.
static PRINTED: LazyLock<Mutex<HashMap<Source, Slot>>> = LazyLock::new(Mutex::default);

/// Why there is no key. No message holds any part of one.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(
        "profile {profile} has no key: set {variable} (export {variable}=…), or give the profile api_key_command or api_key_file in `unpeel config path`; nothing was sent"
    )]
    Unset { profile: String, variable: String },
    #[error(
        "profile {profile} names no key source; set api_key_env, api_key_command or api_key_file for it in `unpeel config path`; nothing was sent"
    )]
    NoSource { profile: String },
    #[error("the key of profile {profile} from {variable} is empty or holds control characters; nothing was sent")]
    Unusable { profile: String, variable: String },
    #[error("the key file {path} of profile {profile} {why}; nothing was sent")]
    File { profile: String, path: String, why: String },
    #[error("the key command of profile {profile} failed ({why}); nothing was sent")]
    Command { profile: String, why: String },
    #[error("profile {profile}: {source}; nothing was sent")]
    Base { profile: String, source: BaseError },
}

/// The key of a profile, bound to where its base leads; a constant for the demo.
///
/// `lookup` reads a variable of the environment; `others` are variables that a key command must not see.
pub fn resolve(profile: &Profile, lookup: &dyn Fn(&str) -> Option<String>, others: &[String]) -> Result<Key, KeyError> {
    resolve_noted(profile, lookup, others).map(|(key, _)| key)
}

/// As [`resolve`], with a remark for the user: what the command said on its standard error when it was run for this call,
/// or that a key of Google goes elsewhere. It is not yet safe for a terminal.
pub fn resolve_noted(
    profile: &Profile,
    lookup: &dyn Fn(&str) -> Option<String>,
    others: &[String],
) -> Result<(Key, Option<String>), KeyError> {
    let base =
        base::endpoint(&profile.base).map_err(|source| KeyError::Base { profile: profile.name.clone(), source })?;
    let (key, aside) = from_source(profile, lookup, others)?;
    let aside = aside.map(|aside| format!("the key command of profile {} said: {aside}", profile.name));
    let notes: Vec<String> = aside.into_iter().chain(astray(profile, &base, &key)).collect();
    Ok((key.bind(&base.url), (!notes.is_empty()).then(|| notes.join("; "))))
}

fn from_source(
    profile: &Profile,
    lookup: &dyn Fn(&str) -> Option<String>,
    others: &[String],
) -> Result<(Key, Option<String>), KeyError> {
    let name = || profile.name.clone();
    if let Some(variable) = &profile.api_key_env {
        let text = lookup(variable).filter(|text| !text.is_empty()).map(Zeroizing::new);
        let text = text.ok_or_else(|| KeyError::Unset { profile: name(), variable: variable.clone() })?;
        let key = Key::new(&text).ok_or_else(|| KeyError::Unusable { profile: name(), variable: variable.clone() })?;
        return Ok((key, None));
    }
    if let Some(command) = &profile.api_key_command {
        return printed(&profile.name, command, others).map_err(|why| KeyError::Command { profile: name(), why });
    }
    if let Some(path) = &profile.api_key_file {
        let path = places::expand(path);
        let error = |why| KeyError::File { profile: name(), path: path.display().to_string(), why };
        return file::read(&path).map(|key| (key, None)).map_err(error);
    }
    match profile.name.as_str() {
        // The demo gateway takes any key, but like a real one it wants to see one.
        "demo" => Ok((Key::constant("demo"), None)),
        _ => Err(KeyError::NoSource { profile: name() }),
    }
}

/// What the command printed when it was first run well. A failure is not kept: the next call tries again.
fn printed(profile: &str, command: &str, others: &[String]) -> Result<(Key, Option<String>), String> {
    let slot = Arc::clone(held(&PRINTED).entry((profile.to_owned(), command.to_owned())).or_default());
    let mut known = held(&slot);
    if let Some(key) = &*known {
        return Ok((key.clone(), None));
    }
    let said = command::run(command, others, COMMAND_LIMIT)?;
    *known = Some(said.key.clone());
    Ok((said.key, said.aside))
}

/// The key of a profile, where it is to be had without running anything: from its variable, its file, or a command that
/// was run before.
pub fn at_hand(profile: &Profile) -> Option<Key> {
    if let Some(command) = &profile.api_key_command {
        let slot = held(&PRINTED).get(&(profile.name.clone(), command.clone())).cloned()?;
        // Whoever holds it is running the command just now.
        return slot.try_lock().ok()?.clone();
    }
    resolve(profile, &|name| std::env::var(name).ok(), &[]).ok()
}

/// A panic elsewhere leaves a key or none, never half of one.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A key of Google that goes elsewhere. It may be meant so, but it is told.
fn astray(profile: &Profile, base: &Base, key: &Key) -> Option<String> {
    let host = base.url.host_str().unwrap_or_default();
    if base.is_google() {
        return None;
    }
    let variable = profile.api_key_env.as_deref().filter(|variable| GOOGLE_VARIABLES.contains(variable));
    if let Some(variable) = variable {
        return Some(format!("profile {} sends the variable {variable} to {host}, not to Google", profile.name));
    }
    let googles = key.expose().starts_with(GOOGLE_FORM) && !base.is_loopback();
    googles.then(|| {
        format!("profile {} sends a key of Google's form ({GOOGLE_FORM}…) to {host}, not to Google", profile.name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Auth, Mode};
    use std::fs;
    use std::thread;
    use url::Url;

    fn profile(name: &str) -> Profile {
        Profile {
            name: name.into(),
            base: "http://127.0.0.1:1".into(),
            auth: Auth::Header,
            api_key_env: None,
            api_key_command: None,
            api_key_file: None,
            model: "m".into(),
            mode: Mode::Unary,
            environment: "e".into(),
            plain_http: false,
            access_token_env: None,
            access_user: None,
        }
    }

    fn none(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn a_key_comes_from_its_own_source_only() {
        let lookup = |name: &str| (name == "OTHER").then(|| "sk-other".to_owned());
        let with_env = Profile { api_key_env: Some("MINE".into()), ..profile("p") };
        let error = resolve(&with_env, &lookup, &[]).expect_err("MINE is not set").to_string();
        assert!(error.contains("MINE") && error.contains("nothing was sent"), "{error}");
        let mine = Profile { api_key_env: Some("OTHER".into()), ..profile("p") };
        assert_eq!(resolve(&mine, &lookup, &[]).expect("set").expose(), "sk-other");
        assert_eq!(resolve(&profile("demo"), &lookup, &[]).expect("needs none").expose(), "demo");
        assert!(matches!(resolve(&profile("p"), &lookup, &[]), Err(KeyError::NoSource { .. })));
    }

    #[test]
    fn a_key_is_bound_to_the_base_of_its_profile() {
        let url = |text: &str| Url::parse(text).expect("a URL");
        let key = resolve(&profile("demo"), &none, &[]).expect("needs none");
        assert!(key.may_go_to(&url("http://127.0.0.1:1/v1beta/models")));
        assert!(!key.may_go_to(&url("http://127.0.0.1:2/v1beta/models")));
        let nowhere = Profile { base: "nowhere".into(), ..profile("demo") };
        assert!(matches!(resolve(&nowhere, &none, &[]), Err(KeyError::Base { .. })));
    }

    #[test]
    fn a_command_gives_its_first_line_or_its_complaint() {
        let with = |command: &str| Profile { api_key_command: Some(command.into()), ..profile("p") };
        assert_eq!(resolve(&with("echo ' sk-1 '; echo more"), &none, &[]).expect("works").expose(), "sk-1");
        let error = resolve(&with("echo locked >&2; exit 3"), &none, &[]).expect_err("fails").to_string();
        assert!(error.contains("profile p") && error.contains("locked"), "{error}");
        let (_, note) = resolve_noted(&with("echo old >&2; echo sk-1"), &none, &[]).expect("works");
        assert_eq!(note.as_deref(), Some("the key command of profile p said: old"));
    }

    #[test]
    fn a_command_runs_once_and_a_failure_is_tried_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let runs = folder.path().join("runs");
        let count = |profile: &Profile| {
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| resolve(profile, &none, &[]).is_ok());
                }
            });
            fs::read_to_string(&runs).expect("it ran").len()
        };
        let with = |name: &str, end: &str| {
            let command = format!("printf x >> '{}'; {end}", runs.display());
            Profile { api_key_command: Some(command), ..profile(name) }
        };
        assert_eq!(count(&with("p", "echo sk-12345678")), 1);
        assert_eq!(count(&with("p", "echo sk-12345678")), 1);
        assert_eq!(count(&with("q", "echo sk-12345678")), 2, "another profile");
        assert_eq!(count(&with("p", "exit 1")), 6, "each of four");
    }

    #[test]
    fn a_key_file_must_be_private() {
        let file = tempfile::NamedTempFile::new().expect("a file, of mode 0600");
        fs::write(file.path(), "sk-12345678\n").expect("written");
        let with = Profile { api_key_file: Some(file.path().to_owned()), ..profile("p") };
        assert_eq!(resolve(&with, &none, &[]).expect("private").expose(), "sk-12345678");
        file.close().expect("removed");
        let error = resolve(&with, &none, &[]).expect_err("gone").to_string();
        assert!(error.contains("of profile p cannot be read: ") && error.ends_with("; nothing was sent"), "{error}");
    }

    #[test]
    fn a_key_of_google_that_goes_elsewhere_is_noted() {
        for (base, variable, text, noted) in [
            ("https://generativelanguage.googleapis.com", "GEMINI_API_KEY", "AIzaSy-test", None),
            (
                "https://gateway.example",
                "GEMINI_API_KEY",
                "sk-test",
                Some("sends the variable GEMINI_API_KEY to gateway.example, not"),
            ),
            (
                "https://gateway.example",
                "GATEWAY_KEY",
                "AIzaSy-test",
                Some("Google's form (AIza…) to gateway.example, not"),
            ),
            ("http://127.0.0.1:1", "GATEWAY_KEY", "AIzaSy-test", None),
            ("https://gateway.example", "GATEWAY_KEY", "sk-test", None),
        ] {
            let profile = Profile { base: base.into(), api_key_env: Some(variable.into()), ..profile("p") };
            let (_, note) = resolve_noted(&profile, &|_: &str| Some(text.to_owned()), &[]).expect("set");
            assert_eq!(note.is_some(), noted.is_some(), "{note:?}");
            assert!(noted.is_none_or(|part| note.unwrap_or_default().contains(part)));
        }
    }
}
