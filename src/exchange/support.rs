//! What is handed to support: a HAR and a bundle of one exchange, written where the user is, without keys and signatures.

use super::bundle::{ExportError, bundle, write_export};
use super::har::har;
use super::redact::Redactor;
use crate::client::{self, KeyError};
use crate::config::Profile;
use crate::secret::Key;
use crate::store::{Stored, save_name};
use std::path::{Path, PathBuf};

/// Where the one and the other go, if they are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    pub har: Option<PathBuf>,
    pub bundle: Option<PathBuf>,
}

impl Files {
    /// Both, by new names in a folder, made of time, model and prompt.
    pub fn in_folder(folder: &Path, stored: &Stored) -> Files {
        let meta = &stored.meta;
        let name = save_name(meta.time, &meta.model.sent, &meta.prompt);
        let free = |ending: &str| {
            let first = folder.join(format!("{name}{ending}"));
            let numbered = (2..1000).map(|number| folder.join(format!("{name}-{number}{ending}")));
            let taken = |path: &PathBuf| path.symlink_metadata().is_ok();
            std::iter::once(first.clone()).chain(numbered).find(|path| !taken(path)).unwrap_or(first)
        };
        Files { har: Some(free(".har")), bundle: Some(free("-bundle.tar")) }
    }

    /// Writes them. A key command is run when the exchange's own key is not known yet; it does not see the variables in
    /// `hidden`. `facts` are names and values of the terminal.
    ///
    /// `Ok` has a sentence when that key could not be looked for; it stands in the files, too.
    ///
    /// # Errors
    /// As [`write_har`] and [`write_bundle`]; the HAR stays when only the bundle cannot be written.
    pub fn write(
        &self,
        stored: &Stored,
        profiles: &[Profile],
        hidden: &[String],
        facts: &[(String, String)],
    ) -> Result<Option<String>, ExportError> {
        let profile = profiles.iter().find(|profile| profile.name == stored.meta.profile);
        let mut redactor = redactor(stored, profile, profiles, hidden);
        if let Some(path) = &self.har {
            write_har(stored, profile, &mut redactor, path)?;
        }
        if let Some(path) = &self.bundle {
            write_bundle(stored, profile, &mut redactor, facts, path)?;
        }
        Ok(redactor.lack().map(str::to_owned))
    }
}

/// Writes a HAR of an exchange that was made with this profile.
///
/// # Errors
/// As [`write_export`]: nothing is overwritten, and nothing with a key in it is written.
fn write_har(
    stored: &Stored,
    profile: Option<&Profile>,
    redactor: &mut Redactor,
    path: &Path,
) -> Result<(), ExportError> {
    let value = har(stored, profile, redactor)?;
    write_export(path, value.to_string().as_bytes(), redactor)
}

/// Writes a bundle of an exchange; `facts` are names and values of the terminal.
///
/// # Errors
/// As [`write_export`].
fn write_bundle(
    stored: &Stored,
    profile: Option<&Profile>,
    redactor: &mut Redactor,
    facts: &[(String, String)],
    path: &Path,
) -> Result<(), ExportError> {
    let packed = bundle(stored, facts, profile, redactor)?;
    write_export(path, &packed, redactor)
}

/// Knows the key that the exchange was made with, wherever that comes from, and of the other profiles' keys those that
/// are at hand.
fn redactor(stored: &Stored, profile: Option<&Profile>, profiles: &[Profile], hidden: &[String]) -> Redactor {
    let own = profile.ok_or_else(|| "no profile of that name is configured".to_owned()).and_then(|profile| {
        client::resolve_key(profile, &|name| std::env::var(name).ok(), hidden).map_err(|error| reason(&error))
    });
    let name = &stored.meta.profile;
    let lack = own
        .as_ref()
        .err()
        .map(|why| format!("the key of profile {name} was not at hand ({why}), so it was not looked for"));
    let others = profiles.iter().filter(|other| other.name != *name).filter_map(client::key_at_hand);
    let keys: Vec<Key> = own.into_iter().chain(others).filter(|key| !key.is_constant()).collect();
    let mut redactor = Redactor::new(&keys);
    // Somebody may have written a key where the name of a variable belongs.
    let lack = lack.map(|lack| redactor.text(&lack));
    redactor.lacking(lack)
}

/// Why there is no key, for everybody's eyes: what a command said, or where a file lies, is not for them.
fn reason(error: &KeyError) -> String {
    match error {
        KeyError::Unset { variable, .. } => format!("{variable} is not set"),
        KeyError::Unusable { variable, .. } => format!("{variable} holds no usable one"),
        KeyError::NoSource { .. } => "it names no key source".to_owned(),
        KeyError::File { .. } => "its key file cannot be used".to_owned(),
        KeyError::Command { .. } => "its key command failed".to_owned(),
        KeyError::Base { .. } => "its base is none that a key may go to".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::har::tests::{KEY, assert_safe, leaky, leaky_body};
    use super::*;
    use std::fs;

    /// The profile of the leaky exchange, which has no name.
    fn profile() -> Profile {
        toml::from_str(
            r#"
            base = "https://gw.example.test"
            auth = "header"
            model = "m"
            mode = "unary"
            environment = "e""#,
        )
        .unwrap()
    }

    /// What was said, and the HAR and the bundle.
    fn exported(profiles: &[Profile]) -> (Option<String>, [String; 2]) {
        let folder = tempfile::tempdir().unwrap();
        let stored = leaky(&folder.path().join("state"), leaky_body().as_bytes());
        let files = Files::in_folder(folder.path(), &stored);
        let lack = files.write(&stored, profiles, &[], &[]).unwrap();
        let read = |path: Option<PathBuf>| String::from_utf8(fs::read(path.unwrap()).unwrap()).unwrap();
        (lack, [read(files.har), read(files.bundle)])
    }

    #[test]
    fn the_key_of_the_exchange_is_asked_for() {
        let command = Some(format!("echo '{KEY}'"));
        let (lack, files) = exported(&[Profile { api_key_command: command, ..profile() }]);
        assert_eq!(lack, None);
        files.iter().for_each(|text| assert_safe(text));
    }

    #[test]
    fn a_key_that_is_not_to_be_had_is_named_in_what_is_written() {
        let renamed = Profile { name: "other".to_owned(), ..profile() };
        let variable = Some("UNPEEL_KEY_THAT_IS_NOT_SET".to_owned());
        for (profile, why) in [
            (
                Profile { api_key_command: Some("echo private >&2; exit 1".to_owned()), ..profile() },
                "key command failed",
            ),
            (Profile { api_key_env: variable, ..profile() }, "UNPEEL_KEY_THAT_IS_NOT_SET is not set"),
            (Profile { api_key_file: Some("/nowhere/private".into()), ..profile() }, "key file cannot be used"),
            (profile(), "names no key source"),
            (renamed, "no profile of that name"),
        ] {
            let (lack, files) = exported(&[profile]);
            let lack = lack.unwrap();
            assert!(lack.contains(why) && lack.ends_with("so it was not looked for"), "{lack}");
            assert!(files.iter().all(|text| text.contains(&lack) && !text.contains("private")), "{files:?}");
        }
    }
}
