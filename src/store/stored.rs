//! An exchange as it lies on disk, read back without trust in what is found there.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::process::{Pid, test_kill_process};

use super::error::StoreError;
use super::meta::Meta;
use super::record::{BODY, META, PARTS, REQUEST};
use super::{disk, lock, names};
use crate::history::Phase;

/// One stored exchange; its bytes stay on disk until they are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The folder's name, or what `meta.json` says when the folder was renamed.
    pub id: String,
    /// Where it lies.
    pub folder: PathBuf,
    /// `meta.json`, with [`Phase::Interrupted`] for an exchange whose writer is gone.
    pub meta: Meta,
    /// The phase that stands in `meta.json`, also when its writer is gone.
    pub reached: Phase,
    /// Whether its writer is at work on it. Never when `reached` is final.
    pub live: bool,
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

    /// The bytes of one of [`Stored::pictures`].
    pub fn picture_bytes(&self, path: &Path) -> Option<Vec<u8>> {
        disk::read(path).ok()
    }

    /// The plain files in `parts/`, sorted by name.
    pub fn pictures(&self) -> Vec<PathBuf> {
        let parts = self.folder.join(PARTS);
        if !disk::is_folder(&parts) {
            return Vec::new();
        }
        let mut pictures: Vec<PathBuf> = fs::read_dir(parts)
            .into_iter()
            .flatten()
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
    let mut meta = read_meta(folder)?;
    let mut live = !meta.phase.is_final() && has_writer(folder, meta.pid);
    if !meta.phase.is_final() && !live {
        // Its writer may have settled it and left between the two looks; from now on nothing changes any more.
        meta = read_meta(folder)?;
    }
    let reached = meta.phase;
    live &= !reached.is_final();
    if !reached.is_final() && !live {
        meta.phase = Phase::Interrupted;
    }
    let named = folder.file_name().and_then(|name| name.to_str());
    let id = match named {
        Some(name) if names::is_id(name) => name.to_owned(),
        _ => meta.id.clone(),
    };
    Ok(Stored { id, folder: folder.to_path_buf(), meta, reached, live })
}

/// Reads a folder that was listed just now. One that is torn leaves a note, one that was moved away since leaves none.
pub(super) fn read_listed(folder: &Path, notes: &mut Vec<String>) -> Option<Stored> {
    match read_folder(folder) {
        Ok(stored) => Some(stored),
        Err(torn) => {
            if disk::is_folder(folder) {
                notes.push(format!("skipped: {torn}"));
            }
            None
        }
    }
}

fn read_meta(folder: &Path) -> Result<Meta, StoreError> {
    let refuse = |reason: String| StoreError::NotAnExchange { folder: folder.to_path_buf(), reason };
    let json = disk::read_words(&folder.join(META)).map_err(|cause| {
        refuse(match cause.kind() {
            ErrorKind::NotFound => format!("it has no {META}"),
            _ => format!("{META} cannot be read: {cause}"),
        })
    })?;
    serde_json::from_slice(&json).map_err(|cause| refuse(format!("{META}: {cause}")))
}

/// By the lock; where folders cannot be locked, by the process that is named.
fn has_writer(folder: &Path, pid: u32) -> bool {
    lock::is_held(folder).unwrap_or_else(|| is_alive(pid))
}

/// A process of another user cannot be the writer: it could not write into our folders.
fn is_alive(pid: u32) -> bool {
    i32::try_from(pid).ok().and_then(Pid::from_raw).is_some_and(|pid| test_kill_process(pid).is_ok())
}
