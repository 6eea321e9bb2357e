//! Exchanges on disk: what was asked, what came back and what became of it, one folder each, readable without us.
//!
//! ```text
//! STATE/                              0700, `$UNPEEL_STATE_DIR` or `$XDG_STATE_HOME/unpeel`
//! ├── evidence.jsonl                  what was seen of which route, one JSON object a line, oldest first
//! └── exchanges/
//!     └── 20261122T170512.123Z-k3x7qa/    UTC time and six random letters: the exchange's id
//!         ├── request.json            the body as sent; never changed
//!         ├── meta.json               everything else, see [`Meta`]; replaced as a whole, never edited
//!         ├── body                    the reply as received; grows while it arrives, absent when nothing did
//!         └── parts/                  pictures taken out of the body, their ending by their bytes
//! ```
//!
//! **Order.** `request.json`, then `meta.json`, then both folders are on disk (fsync) before [`Store::begin`] returns,
//! and only then may a byte leave. `body` is appended before anything reads it. [`Record::settle`] closes the account.
//! Whoever dies in between leaves a folder whose phase is not final and whose `pid` is gone: readers call it interrupted.
//!
//! **Privacy.** Folders are 0700 and files 0600, whatever the umask. No key is ever handed to this module.
//!
//! **Versions.** `meta.json` says `"format": 1`. A later version may add fields: readers ignore what they do not know
//! and fill in what they miss. The number rises only when an existing field changes its meaning. Names that start with
//! a dot are in the making and belong to nobody else.
//!
//! All of it is blocking file work: asynchronous callers hand it to a blocking thread.

mod disk;
mod error;
mod evidence;
mod meta;
mod names;
mod phase;
mod record;
mod save;
mod stored;

pub use error::StoreError;
pub use meta::{Meta, ModelNames, StoredPicture, StoredVerdict, Timings};
pub use names::{picture_name, safe_name, save_name};
pub use phase::Phase;
pub use record::Record;
pub use save::{check_free, save_as, sidecar_path};
pub use stored::{Stored, read_folder};

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// The state folder; cheap to clone, safe to share between threads and processes.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// Opens the state folder, creates what is missing, and proves that files can be written there.
    ///
    /// # Errors
    /// [`StoreError::StateFolder`], which names the folder, the cause and the way out.
    pub fn open(state_dir: &Path) -> Result<Store, StoreError> {
        let refuse = |cause: io::Error| StoreError::StateFolder { folder: state_dir.to_path_buf(), cause };
        let store = Store { root: std::path::absolute(state_dir).map_err(refuse)? };
        let exchanges = store.exchanges();
        disk::ensure_folder(&exchanges)
            .and_then(|()| disk::make_private(&exchanges))
            .and_then(|()| prove_writable(&exchanges))
            .map_err(refuse)?;
        Ok(store)
    }

    /// `unpeel.log` in the state folder, opened for appending.
    ///
    /// # Errors
    /// As the system gives them; a program without its log goes on.
    pub fn log_file(&self) -> io::Result<fs::File> {
        disk::append_file(&self.root.join("unpeel.log"))
    }

    /// Puts a request on disk; when this returns, it would survive a power cut. Nothing may be sent before.
    ///
    /// `format`, `id`, `time` and `pid` of `meta` are filled in here and by every later write of the record.
    ///
    /// # Errors
    /// [`StoreError::Io`]; the half-made folder is gone then, since nothing had been sent.
    pub fn begin(&self, now: Timestamp, meta: &Meta, request: &[u8]) -> Result<Record, StoreError> {
        Record::begin(&self.exchanges(), now, meta, request)
    }

    /// All exchanges, newest first, and a note on each folder that was skipped because it is torn or foreign.
    pub fn list(&self) -> (Vec<Stored>, Vec<String>) {
        let exchanges = self.exchanges();
        let entries = match fs::read_dir(&exchanges) {
            Ok(entries) => entries,
            Err(cause) => {
                let note = StoreError::io("list", &exchanges)(cause).to_string();
                return (Vec::new(), vec![note]);
            }
        };
        let mut stored = BTreeMap::new();
        let mut notes = Vec::new();
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            match name.to_str() {
                Some(hidden) if hidden.starts_with('.') => {}
                Some(id) if names::is_id(id) && !is_link(&entry) => match read_folder(&entry.path()) {
                    Ok(found) => {
                        stored.insert(found.id.clone(), found);
                    }
                    Err(torn) => notes.push(format!("skipped: {torn}")),
                },
                // Debug form: a foreign name may hold escapes, and these notes are shown.
                _ => notes.push(format!("skipped: {name:?} in {exchanges:?} is not a folder of an exchange")),
            }
        }
        notes.sort();
        // Ids sort by time.
        (stored.into_values().rev().collect(), notes)
    }

    /// One exchange by its id, or by a beginning or an end of it that no other id shares.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], [`StoreError::Ambiguous`], or why the folder cannot be read.
    pub fn load(&self, id: &str) -> Result<Stored, StoreError> {
        read_folder(&self.exchanges().join(self.resolve(id)?))
    }

    /// Matches among the names that exist, so that an id is never used as a path.
    fn resolve(&self, id: &str) -> Result<String, StoreError> {
        let exchanges = self.exchanges();
        let entries = fs::read_dir(&exchanges).map_err(StoreError::io("list", &exchanges))?;
        let mut matching: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| names::is_id(name) && (name.starts_with(id) || name.ends_with(id)))
            .collect();
        matching.sort();
        match matching.pop() {
            Some(newest) if !id.is_empty() && matching.is_empty() => Ok(newest),
            Some(newest) if !id.is_empty() => {
                Err(StoreError::Ambiguous { id: id.to_owned(), count: matching.len() + 1, newest })
            }
            _ => Err(StoreError::Unknown { id: id.to_owned() }),
        }
    }

    fn exchanges(&self) -> PathBuf {
        self.root.join("exchanges")
    }
}

fn is_link(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_symlink())
}

/// Modes and mount options lie (read-only mounts, quotas, network disks); a written file does not.
fn prove_writable(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".probe-{}", names::random_letters()));
    disk::write_new(&probe, b"unpeel\n")?;
    fs::remove_file(&probe)
}

#[cfg(test)]
mod tests;
