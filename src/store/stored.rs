//! An exchange as it lies on disk, read back without trust in what is found there.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::process::{Pid, test_kill_process};

use super::error::StoreError;
use super::meta::Meta;
use super::phase::Phase;
use super::record::{BODY, META, PARTS, REQUEST};
use super::{disk, names};

/// One stored exchange; its bytes stay on disk until they are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The folder's name, or what `meta.json` says when the folder was renamed.
    pub id: String,
    /// Where it lies.
    pub folder: PathBuf,
    /// `meta.json`, with [`Phase::Interrupted`] for an exchange whose writer is gone.
    pub meta: Meta,
}

impl Stored {
    /// The reply as received; empty when nothing had arrived.
    ///
    /// # Errors
    /// Whatever reading says, also when `body` is no plain file.
    pub fn body(&self) -> io::Result<Vec<u8>> {
        match disk::read(&self.folder.join(BODY)) {
            Err(absent) if absent.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    /// The request's body as it was sent.
    ///
    /// # Errors
    /// Whatever reading says, also when `request.json` is no plain file.
    pub fn request(&self) -> io::Result<Vec<u8>> {
        disk::read(&self.folder.join(REQUEST))
    }

    /// The plain files in `parts/`, sorted by name.
    pub fn pictures(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.folder.join(PARTS)) else {
            return Vec::new();
        };
        let mut pictures: Vec<PathBuf> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
            .filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."))
            .map(|entry| entry.path())
            .collect();
        pictures.sort();
        pictures
    }
}

/// Reads the exchange in any folder, also one that was copied out of the store. Nothing is rewritten.
///
/// # Errors
/// [`StoreError::NotAnExchange`] with what is missing or broken.
pub fn read_folder(folder: &Path) -> Result<Stored, StoreError> {
    let refuse = |reason: String| StoreError::NotAnExchange { folder: folder.to_path_buf(), reason };
    let json = disk::read(&folder.join(META)).map_err(|cause| {
        refuse(match cause.kind() {
            ErrorKind::NotFound => format!("it has no {META}"),
            _ => format!("{META} cannot be read: {cause}"),
        })
    })?;
    let mut meta: Meta = serde_json::from_slice(&json).map_err(|cause| refuse(format!("{META}: {cause}")))?;
    if !meta.phase.is_final() && !is_alive(meta.pid) {
        meta.phase = Phase::Interrupted;
    }
    let named = folder.file_name().and_then(|name| name.to_str());
    Ok(Stored {
        id: match named {
            Some(name) if names::is_id(name) => name.to_owned(),
            _ => meta.id.clone(),
        },
        folder: folder.to_path_buf(),
        meta,
    })
}

/// Whether the writer may still be at work. A process of another user cannot be: it could not write into our folders.
fn is_alive(pid: u32) -> bool {
    i32::try_from(pid).ok().and_then(Pid::from_raw).is_some_and(|pid| test_kill_process(pid).is_ok())
}
