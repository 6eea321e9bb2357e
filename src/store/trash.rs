//! `trash/`: exchanges that the user threw away, until [`Store::sweep`] takes them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::StoreError;
use super::stored::read_folder;
use super::{Store, disk, listing, lock, marks};
use crate::history::{Marks, Summary};

/// One exchange in the trash.
#[derive(Clone, Debug, PartialEq)]
pub struct Trashed {
    /// Its id, which is its folder's name.
    pub id: String,
    /// When it was thrown away.
    pub since: Timestamp,
    /// What its plain files hold.
    pub bytes: u64,
    /// Of a torn exchange only the id and the marks.
    pub summary: Summary,
}

impl Store {
    /// Moves an exchange, whose id may be shortened, to the trash. A torn one may go there too.
    ///
    /// # Errors
    /// [`StoreError::Live`] while it is being written, as [`Store::load`] for the id, else [`StoreError::Io`].
    pub fn trash(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        let id = listing::resolve(&self.exchanges(), id)?;
        let (folder, trash) = (self.exchanges().join(&id), self.trash_folder());
        if is_written(&folder) {
            return Err(StoreError::Live { id });
        }
        disk::ensure_folder(&trash).map_err(StoreError::io("create", &trash))?;
        let marks = marks::read(&folder);
        date(&folder, &marks, now)?;
        move_folder(&folder, &trash.join(&id), &id).inspect_err(|_| {
            // Where it lies decides whether it is in the trash; a date that stays is untidy, not wrong.
            let _ = marks::write(&folder, &marks);
        })
    }

    /// Moves an exchange, whose id may be shortened, back from the trash, and returns its id.
    ///
    /// # Errors
    /// [`StoreError::NotInTrash`], [`StoreError::Ambiguous`], [`StoreError::InTheWay`], [`StoreError::Io`].
    pub fn restore(&self, id: &str) -> Result<String, StoreError> {
        let trash = self.trash_folder();
        let id = listing::resolve(&trash, id).map_err(|error| match error {
            StoreError::Unknown { id } => StoreError::NotInTrash { id },
            other => other,
        })?;
        let folder = self.exchanges().join(&id);
        move_folder(&trash.join(&id), &folder, &id)?;
        let marks = marks::read(&folder);
        if marks.trashed.is_some() {
            // As above: it is back, whatever its date says.
            let _ = marks::write(&folder, &Marks { trashed: None, ..marks });
        }
        Ok(id)
    }

    /// What is in the trash, thrown away last first.
    pub fn trashed(&self) -> Vec<Trashed> {
        let trash = self.trash_folder();
        let ids = listing::ids(&trash).unwrap_or_default();
        let mut trashed: Vec<Trashed> = ids.into_iter().filter_map(|id| look_at(&trash.join(&id), id)).collect();
        trashed.sort_unstable_by(|a, b| (b.since, &b.id).cmp(&(a.since, &a.id)));
        trashed
    }

    pub(super) fn trash_folder(&self) -> PathBuf {
        self.root.join("trash")
    }
}

fn is_written(folder: &Path) -> bool {
    match read_folder(folder) {
        Ok(stored) => stored.live,
        Err(_) => lock::is_held(folder) == Some(true),
    }
}

/// A full disk must not keep the user from throwing away: the trying alone dates the folder.
fn date(folder: &Path, marks: &Marks, now: Timestamp) -> Result<(), StoreError> {
    match marks::write(folder, &Marks { trashed: Some(now), ..marks.clone() }) {
        Err(full) if matches!(full.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => Ok(()),
        written => written.map_err(StoreError::io("write", &folder.join(marks::MARKS))),
    }
}

fn move_folder(from: &Path, to: &Path, id: &str) -> Result<(), StoreError> {
    let parent = |path: &Path| path.parent().unwrap_or(path).to_path_buf();
    disk::rename_new(from, to).map_err(|cause| {
        if disk::is_taken(&cause) {
            StoreError::InTheWay { id: id.to_owned(), folder: parent(to) }
        } else {
            StoreError::io("move", from)(cause)
        }
    })?;
    for folder in [parent(to), parent(from)] {
        disk::sync_folder(&folder).map_err(StoreError::io("write", &folder))?;
    }
    Ok(())
}

/// `None` when it went away meanwhile.
fn look_at(folder: &Path, id: String) -> Option<Trashed> {
    let modified = fs::symlink_metadata(folder).and_then(|found| found.modified()).ok()?;
    let summary = match read_folder(folder) {
        Ok(stored) => stored.summary(),
        Err(_) => Summary { id: id.clone(), marks: marks::read(folder), ..Summary::default() },
    };
    let since = summary.marks.trashed.or_else(|| Timestamp::try_from(modified).ok())?;
    Some(Trashed { id, since, bytes: plain_bytes(folder), summary })
}

/// Links are not followed, and hold nothing.
fn plain_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let sizes = entries.filter_map(|entry| {
        let found = entry.metadata().ok()?;
        Some(if found.is_dir() {
            plain_bytes(&entry.path())
        } else if found.is_file() {
            found.len()
        } else {
            0
        })
    });
    sizes.sum()
}
