//! What is handed to support: a HAR and a bundle of one exchange, written where the user is, without keys and signatures.

use super::bundle::{ExportError, bundle, write_export};
use super::har::har;
use super::redact::Redactor;
use crate::client;
use crate::config::Profile;
use crate::secret::Key;
use crate::store::{Stored, save_name};
use std::path::{Path, PathBuf};

/// Which of the two, and where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    pub har: PathBuf,
    pub bundle: PathBuf,
}

impl Files {
    /// New names in a folder, made of time, model and prompt.
    pub fn in_folder(folder: &Path, stored: &Stored) -> Files {
        let meta = &stored.meta;
        let name = save_name(meta.time, &meta.model.sent, &meta.prompt);
        let free = |ending: &str| {
            let first = folder.join(format!("{name}{ending}"));
            let numbered = (2..1000).map(|number| folder.join(format!("{name}-{number}{ending}")));
            let taken = |path: &PathBuf| path.symlink_metadata().is_ok();
            std::iter::once(first.clone()).chain(numbered).find(|path| !taken(path)).unwrap_or(first)
        };
        Files { har: free(".har"), bundle: free("-bundle.tar") }
    }
}

/// Writes a HAR of an exchange.
///
/// # Errors
/// As [`write_export`]: nothing is overwritten, and nothing with a key in it is written.
pub fn write_har(stored: &Stored, profiles: &[Profile], path: &Path) -> Result<(), ExportError> {
    let mut redactor = redactor(profiles);
    let value = har(stored, profile_of(stored, profiles), &mut redactor)?;
    write_export(path, value.to_string().as_bytes(), &redactor)
}

/// Writes a bundle of an exchange; `facts` are names and values of the terminal.
///
/// # Errors
/// As [`write_export`].
pub fn write_bundle(
    stored: &Stored,
    profiles: &[Profile],
    facts: &[(String, String)],
    path: &Path,
) -> Result<(), ExportError> {
    let mut redactor = redactor(profiles);
    let packed = bundle(stored, facts, profile_of(stored, profiles), &mut redactor)?;
    write_export(path, &packed, &redactor)
}

fn profile_of<'a>(stored: &Stored, profiles: &'a [Profile]) -> Option<&'a Profile> {
    profiles.iter().find(|profile| profile.name == stored.meta.profile)
}

/// Knows every key that is at hand. No command is run for it: what a command printed earlier is known all the same.
fn redactor(profiles: &[Profile]) -> Redactor {
    let keys: Vec<Key> = profiles.iter().filter_map(client::key_at_hand).filter(|key| !key.is_constant()).collect();
    Redactor::new(&keys)
}
