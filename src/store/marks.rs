//! `marks.json`: what the user thinks of an exchange, apart from what happened.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::error::StoreError;
use super::lock::Lock;
use super::{Store, disk, listing};
use crate::history::{MarkChange, Marks};

pub(super) const MARKS: &str = "marks.json";

impl Store {
    /// The marks of an exchange, whose id may be shortened; those of a new one when nothing can be read.
    pub fn marks(&self, id: &str) -> Marks {
        let exchanges = self.exchanges();
        listing::resolve(&exchanges, id).map(|id| read(&exchanges.join(id))).unwrap_or_default()
    }

    /// Changes marks of an exchange, one writer after the other among all processes, and gives what they are now.
    ///
    /// # Errors
    /// As [`Store::mark`].
    pub fn remark(&self, id: &str, changes: &[MarkChange]) -> Result<Marks, StoreError> {
        // The exchange's own lock is its writer's; this one is held for the moment of the change.
        let _one_at_a_time = Lock::hold(self.root()).map_err(StoreError::io("open", self.root()))?;
        let mut marks = self.marks(id);
        changes.iter().for_each(|change| marks.change(change));
        self.mark(id, &marks)?;
        Ok(marks)
    }

    /// Replaces the marks of an exchange in one step; among several writers the last one wins. `trashed` is not set
    /// here: that belongs to [`Store::trash`].
    ///
    /// # Errors
    /// As [`Store::load`], and [`StoreError::Io`]; the former marks are untouched then.
    pub fn mark(&self, id: &str, marks: &Marks) -> Result<(), StoreError> {
        let exchanges = self.exchanges();
        let folder = exchanges.join(listing::resolve(&exchanges, id)?);
        write(&folder, &Marks { trashed: None, ..marks.clone() }).map_err(StoreError::io("write", &folder.join(MARKS)))
    }
}

/// Marks are no evidence: what is torn or foreign counts as none.
pub(super) fn read(folder: &Path) -> Marks {
    let json = disk::read_words(&folder.join(MARKS)).unwrap_or_default();
    serde_json::from_slice(&json).unwrap_or_default()
}

/// An exchange without marks has no file for them.
pub(super) fn write(folder: &Path, marks: &Marks) -> io::Result<()> {
    if *marks != Marks::default() {
        let mut json = serde_json::to_vec_pretty(marks)?;
        json.push(b'\n');
        return disk::replace(folder, MARKS, &json).map(drop);
    }
    match fs::remove_file(folder.join(MARKS)) {
        Ok(()) => disk::sync_folder(folder),
        Err(absent) if absent.kind() == ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Meta;
    use jiff::Timestamp;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::thread;

    fn good() -> Marks {
        Marks {
            star: true,
            rating: 4,
            tags: vec!["fox".to_owned()],
            note: "warm\nlight".to_owned(),
            ..Marks::default()
        }
    }

    #[test]
    fn marks_come_back_and_leave_no_trace_when_taken_off() {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(state.path()).unwrap();
        let record = store.begin(Timestamp::UNIX_EPOCH, &Meta::default(), b"{}").unwrap();
        let file = record.folder().join(MARKS);
        assert_eq!(store.marks(record.id()), Marks::default());
        store.mark(record.id(), &Marks { trashed: Some(Timestamp::UNIX_EPOCH), ..good() }).unwrap();
        assert_eq!(store.marks(&record.id()[17..]), good());
        assert_eq!(store.load(record.id()).unwrap().summary().marks, good());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        for _ in 0..2 {
            store.mark(record.id(), &Marks::default()).unwrap();
            assert!(!file.exists());
        }
        let unknown = store.mark("nothing", &good()).unwrap_err();
        assert!(matches!(unknown, StoreError::Unknown { .. }), "{unknown}");
    }

    #[test]
    fn torn_and_linked_marks_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let (elsewhere, file) = (folder.path().join("elsewhere"), folder.path().join(MARKS));
        fs::write(&elsewhere, "{\"star\":true}").unwrap();
        symlink(&elsewhere, &file).unwrap();
        assert_eq!(read(folder.path()), Marks::default());
        write(folder.path(), &good()).unwrap();
        assert_eq!(read(folder.path()), good());
        assert_eq!(fs::read(&elsewhere).unwrap(), b"{\"star\":true}", "the link was replaced, not followed");
        fs::write(&file, "{\"star\":tr").unwrap();
        assert_eq!(read(folder.path()), Marks::default());
    }

    #[test]
    fn two_writers_never_tear_the_marks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        thread::scope(|scope| {
            for rating in [1, 5] {
                scope.spawn(move || {
                    for _ in 0..16 {
                        write(path, &Marks { rating, ..good() }).unwrap();
                        assert!([1, 5].contains(&read(path).rating));
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(path).unwrap().count(), 1, "nothing half-made is left");
    }
}
