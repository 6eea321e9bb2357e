//! Exchanges on disk: what was asked, what came back and what became of it, one folder each, readable without us.
//!
//! This page is the format. Everything in it may be read by other programs, copied with `cp` or `rsync`, and searched
//! with `grep`.
//!
//! ```text
//! STATE/                              `$UNPEEL_STATE_DIR` or `$XDG_STATE_HOME/unpeel`
//! ├── evidence.jsonl                  what was seen of which route, one JSON object a line, oldest first
//! ├── index.jsonl                     a cache of the list; may be deleted at any time
//! ├── unpeel.log                      what the program says about itself
//! ├── exchanges/
//! │   └── 20261122T170512.123Z-k3x7qa/    UTC time and six random letters: the exchange's id
//! │       ├── request.json            the body as sent; never changed
//! │       ├── meta.json               everything else; replaced as a whole, never edited
//! │       ├── marks.json              what the user thinks of it; absent while that is nothing
//! │       ├── body                    the reply as received; grows while it arrives, absent when nothing did
//! │       └── parts/                  pictures taken out of the body, their ending by their bytes
//! └── trash/                          exchanges that were thrown away, each as it was in `exchanges`
//! ```
//!
//! # `meta.json`
//!
//! One object, in Rust [`Meta`]. `format`, `id` and `time` are always there; readers fill in what else is missing.
//!
//! | about | fields |
//! | --- | --- |
//! | itself | `format` (1), `id`, `time` (UTC, of the request), `session` (which run of the program), `pid` |
//! | the call | `profile`, `environment`, `base`, `kind` (`generateContent`, `streamGenerateContent`), `model{asked sent reported}` |
//! | what was asked | `prompt`, `parameters`, `references` (how many pictures went along), `parent` (the id it was made from) |
//! | its course | `phase`, `timingsMs{connect sent firstByte done}`, `upBytes`, `downBytes`, `status`, `headers` (pairs, in order), `requestId` |
//! | its end | `verdict{word reason charged}`, `usage` (as received), `costUsd`, `bookedUsd`, `pictures[]{file from mime bytes sha256 size final}` |
//! | remarks | `notes`, `masked` (where an echoed key was masked: those bytes are not as received) |
//!
//! `phase` is `begun`, `connecting`, `sent`, `waiting`, `receiving`, or a final one: `done`, `failed`, `cancelled`,
//! `interrupted`. Before `sent` nothing has left; from then on the call may be billed.
//!
//! # `marks.json`
//!
//! `star`, `rating` (0 none, 1 to 5), `tags`, `note`, and `trashed` (when it went to the trash); in Rust
//! [`Marks`](crate::history::Marks). Any program of the user may replace it at any time, in one step; the last one wins.
//!
//! # Order
//!
//! A new exchange is made in `exchanges/.ID.new`: `request.json`, then `meta.json`, both on disk (fsync). It is locked,
//! renamed to `exchanges/ID`, and the name made durable, before [`Store::begin`] returns; only then may a byte leave. So
//! an exchange is there whole or not at all. `body` is appended before anything reads it. [`Record::settle`] closes the
//! account.
//!
//! # Locks
//!
//! The writer of an exchange holds an exclusive `flock` on its folder until it is done or dead. A reader that finds a
//! phase which is not final tries a shared one: when it is refused, the exchange is under way; when it is granted, the
//! writer is gone and the exchange reads as interrupted, though `meta.json` keeps the phase that was reached. Where
//! folders cannot be locked, the process `pid` tells. A final phase counts whoever holds the lock. No reader rewrites
//! anything.
//!
//! # Trash
//!
//! To throw away is to set `trashed` and to rename the folder into `trash/`; where the folder lies is what counts.
//! [`Store::sweep`] removes for good, by age or by size, and nothing else does. It renames to `trash/.ID.gone` first.
//!
//! # The index
//!
//! A line of `index.jsonl` is `{"v", "meta", "marks", "summary"}`: a version, the time (nanoseconds) and size of
//! `meta.json` and `marks.json` when they were read, and what the list shows. A line counts while both files still look
//! so; later lines win; torn ones, and those of another version or of an exchange that is gone, are skipped. Only what
//! is final, and was not changed in the last two seconds, gets a line.
//!
//! # Privacy
//!
//! Folders are 0700 and files 0600, whatever the umask. No key is ever handed to this module. Links are not followed.
//!
//! # Versions
//!
//! `meta.json` says `"format": 1`. A later version may add fields: readers ignore what they do not know and fill in what
//! they miss. The number rises only when an existing field changes its meaning. Names that start with a dot are in the
//! making and belong to nobody else; what a crash leaves of them is cleared away by a later sweep.
//!
//! All of it is blocking file work: asynchronous callers hand it to a blocking thread.

mod claim;
mod disk;
mod error;
mod evidence;
mod export;
mod history;
mod index;
mod listing;
mod lock;
mod marks;
mod meta;
mod names;
mod pack;
mod record;
mod save;
mod stored;
mod summary;
mod sweep;
mod trace;
mod trash;
mod watch;

pub use crate::history::Phase;
pub use error::StoreError;
pub use export::export_folder;
pub use history::History;
pub use meta::{Meta, ModelNames, StoredPicture, StoredVerdict, Timings};
pub use names::{new_id, picture_name, safe_name, save_name};
pub use pack::export_tar;
pub use record::{REQUEST, Record};
pub use save::{check_free, save_as, sidecar_path};
pub use stored::{Stored, read_folder};
pub use sweep::{Sweep, Swept};
pub use trash::Trashed;
pub use watch::{News, Watch};

use std::collections::BinaryHeap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::history::Summary;
use listing::Listing;

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

    /// The state folder as it is: nothing is created or tried. For reading a history that perhaps cannot be written.
    pub fn at(state_dir: &Path) -> Store {
        Store { root: std::path::absolute(state_dir).unwrap_or_else(|_| state_dir.to_path_buf()) }
    }

    /// The state folder, absolute.
    pub fn root(&self) -> &Path {
        &self.root
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
    /// [`StoreError::Io`]; nothing is left behind then, since nothing had been sent.
    pub fn begin(&self, now: Timestamp, meta: &Meta, request: &[u8]) -> Result<Record, StoreError> {
        Record::begin(&self.exchanges(), now, meta, request)
    }

    /// All exchanges, newest first, and a note on each folder that was skipped because it is torn or foreign.
    pub fn list(&self) -> (Vec<Stored>, Vec<String>) {
        let exchanges = self.exchanges();
        let Listing { ids, mut notes } = match listing::list(&exchanges) {
            Ok(listing) => listing,
            Err(cause) => {
                let note = StoreError::io("list", &exchanges)(cause).to_string();
                return (Vec::new(), vec![note]);
            }
        };
        let stored = ids.iter().filter_map(|id| stored::read_listed(&exchanges.join(id), &mut notes)).collect();
        notes.sort();
        (stored, notes)
    }

    /// The newest `count` that can be read, newest first, from their own folders. Cheap also in a large store.
    pub fn latest(&self, count: usize) -> Vec<Summary> {
        let exchanges = self.exchanges();
        // To sort all ids would cost more than to read a few folders.
        let mut newest = BinaryHeap::from(listing::ids(&exchanges).unwrap_or_default());
        let mut latest = Vec::new();
        while latest.len() < count
            && let Some(id) = newest.pop()
        {
            latest.extend(read_folder(&exchanges.join(id)).map(|stored| stored.summary()));
        }
        latest
    }

    /// The whole id that a piece of one stands for; the exchange itself is not looked at.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], [`StoreError::Ambiguous`], or why the folder cannot be listed.
    pub fn whole_id(&self, id: &str) -> Result<String, StoreError> {
        listing::resolve(&self.exchanges(), id)
    }

    /// One exchange by its id, or by a beginning or an end of it that no other id shares.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], [`StoreError::Ambiguous`], or why the folder cannot be read.
    pub fn load(&self, id: &str) -> Result<Stored, StoreError> {
        let exchanges = self.exchanges();
        read_folder(&exchanges.join(listing::resolve(&exchanges, id)?))
    }

    fn exchanges(&self) -> PathBuf {
        self.root.join("exchanges")
    }
}

/// Modes and mount options lie (read-only mounts, quotas, network disks); a written file does not.
fn prove_writable(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".probe-{}", names::random_letters()));
    disk::write_new(&probe, b"unpeel\n")?;
    fs::remove_file(&probe)
}

#[cfg(test)]
mod tests;
