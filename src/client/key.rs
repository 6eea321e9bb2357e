//! Where a profile's key comes from: a named environment variable, a command, or a file; read when it is first needed.

use crate::config::{Profile, places};
use crate::secret::Key;
use std::process::{Command, Stdio};

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
    #[error("the key of profile {profile} from {source_name} is empty or holds control characters; nothing was sent")]
    Unusable { profile: String, source_name: String },
    #[error("the key file {path} of profile {profile} cannot be read ({why}); nothing was sent")]
    File { profile: String, path: String, why: String },
    #[error("the key command of profile {profile} failed ({why}); nothing was sent")]
    Command { profile: String, why: String },
}

/// The key of a profile; a constant for the demo.
///
/// `lookup` reads a variable of the environment; `others` are variables that a key command must not see.
pub fn resolve(profile: &Profile, lookup: &dyn Fn(&str) -> Option<String>, others: &[String]) -> Result<Key, KeyError> {
    let name = profile.name.clone();
    let usable = |text: &str, source_name: String| {
        Key::new(text).ok_or(KeyError::Unusable { profile: name.clone(), source_name })
    };
    if let Some(variable) = &profile.api_key_env {
        let text = lookup(variable).filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| KeyError::Unset { profile: profile.name.clone(), variable: variable.clone() })?;
        return usable(&text, variable.clone());
    }
    if let Some(command) = &profile.api_key_command {
        return usable(&from_command(profile, command, others)?, "its command".to_owned());
    }
    if let Some(path) = &profile.api_key_file {
        let path = places::expand(path);
        let error = |why: std::io::Error| KeyError::File {
            profile: profile.name.clone(),
            path: path.display().to_string(),
            why: why.to_string(),
        };
        let text = std::fs::read_to_string(&path).map_err(error)?;
        return usable(text.lines().next().unwrap_or_default(), path.display().to_string());
    }
    // The demo gateway takes any key, but like a real one it wants to see one.
    Key::new("demo")
        .filter(|_| profile.name == "demo")
        .ok_or_else(|| KeyError::NoSource { profile: profile.name.clone() })
}

/// The first line that the command prints. Its own messages go to its standard error, which is shown when it fails.
fn from_command(profile: &Profile, command: &str, others: &[String]) -> Result<String, KeyError> {
    let failed = |why: String| KeyError::Command { profile: profile.name.clone(), why };
    let mut shell = Command::new("sh");
    for name in others {
        shell.env_remove(name);
    }
    let output =
        shell.arg("-c").arg(command).stdin(Stdio::null()).output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed(format!("{}; {}", output.status, said.lines().next().unwrap_or("it said nothing"))));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Auth, Mode};

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
        }
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
    fn a_command_gives_its_first_line_or_its_complaint() {
        let with = |command: &str| Profile { api_key_command: Some(command.into()), ..profile("p") };
        let none = |_: &str| None;
        assert_eq!(resolve(&with("echo ' sk-1 '; echo more"), &none, &[]).expect("works").expose(), "sk-1");
        let error = resolve(&with("echo locked >&2; exit 3"), &none, &[]).expect_err("fails").to_string();
        assert!(error.contains("locked"), "{error}");
    }
}
