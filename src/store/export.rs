//! Exchanges copied out of the store as they are: into a folder, or packed (`pack.rs`).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::marks::MARKS;
use super::record::{BODY, META, PARTS, REQUEST};
use super::stored::Stored;
use super::{disk, names};

/// Copies an exchange to `into/ID` and returns that path, absolute. `into` is made when it is missing. Only plain files
/// are copied; a copy is there whole or not at all.
///
/// # Errors
/// [`StoreError::Exists`], [`StoreError::Io`]; [`StoreError::NotAnExchange`] when its id cannot name a folder.
pub fn export_folder(stored: &Stored, into: &Path) -> Result<PathBuf, StoreError> {
    let id = safe_id(stored)?;
    disk::ensure_folder(into).map_err(StoreError::io("create", into))?;
    let into = std::path::absolute(into).map_err(StoreError::io("export to", into))?;
    let target = into.join(id);
    if fs::symlink_metadata(&target).is_ok() {
        return Err(StoreError::Exists { path: target });
    }
    let making = into.join(format!(".{id}.{}.new", names::random_letters()));
    disk::create_folder(&making).map_err(StoreError::io("create", &making))?;
    let made = copy_all(stored, &making).and_then(|()| put(&making, &target));
    if made.is_err() {
        // Ours alone, and of no use.
        let _ = fs::remove_dir_all(&making);
    }
    made?;
    // The files are durable; a folder that may be written but not read cannot be synced.
    let _ = disk::sync_folder(&into);
    Ok(target)
}

/// The id, which may come from a foreign `meta.json`, as a name that leads nowhere else.
pub(super) fn safe_id(stored: &Stored) -> Result<&str, StoreError> {
    if names::is_id(&stored.id) {
        return Ok(&stored.id);
    }
    Err(StoreError::NotAnExchange {
        folder: stored.folder.clone(),
        reason: format!("its id {:?} cannot name a folder", stored.id),
    })
}

/// What belongs to an exchange and is a plain file, relative to its folder.
pub(super) fn files(stored: &Stored) -> Vec<PathBuf> {
    let plain = [REQUEST, META, MARKS, BODY].into_iter().filter(|name| disk::is_plain(&stored.folder.join(name)));
    let pictures = stored.pictures();
    let parts = pictures.iter().filter_map(|path| Some(Path::new(PARTS).join(path.file_name()?)));
    plain.map(PathBuf::from).chain(parts).collect()
}

/// Gives what was made its name; what has that name already is never touched.
pub(super) fn put(making: &Path, target: &Path) -> Result<(), StoreError> {
    disk::rename_new(making, target).map_err(|cause| {
        if disk::is_taken(&cause) {
            StoreError::Exists { path: target.to_path_buf() }
        } else {
            StoreError::io("write", target)(cause)
        }
    })
}

fn copy_all(stored: &Stored, to: &Path) -> Result<(), StoreError> {
    let files = files(stored);
    if files.iter().any(|file| file.starts_with(PARTS)) {
        let parts = to.join(PARTS);
        disk::create_folder(&parts).map_err(StoreError::io("create", &parts))?;
    }
    files.iter().try_for_each(|file| copy(&stored.folder.join(file), &to.join(file)))
}

fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut source = disk::open_plain(from).map_err(StoreError::io("read", from))?;
    let mut target = disk::create_file(to).map_err(StoreError::io("create", to))?;
    io::copy(&mut source, &mut target).and_then(|_| target.sync_all()).map_err(StoreError::io("write", to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Marks, Phase};
    use crate::store::{Meta, Store, read_folder};
    use jiff::Timestamp;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_copy_has_every_file_exactly_and_no_link() {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(state.path()).unwrap();
        let meta = Meta { phase: Phase::Done, ..Meta::default() };
        let mut record = store.begin(Timestamp::UNIX_EPOCH, &meta, b"{}").unwrap();
        record.append(b"\xff\0body").unwrap();
        record.picture("fox", b"\x89PNG\r\n\x1a\n").unwrap();
        store.mark(record.id(), &Marks { star: true, ..Marks::default() }).unwrap();
        symlink("/etc/passwd", record.folder().join("parts/link.png")).unwrap();
        let stored = store.load(record.id()).unwrap();

        let into = state.path().join("new/folder");
        let copy = export_folder(&stored, &into).unwrap();
        assert_eq!(copy, into.join(record.id()));
        let names = ["request.json", "meta.json", "marks.json", "body", "parts/fox.png"];
        assert_eq!(files(&stored), names.map(PathBuf::from));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for name in names {
            assert_eq!(fs::read(copy.join(name)).unwrap(), fs::read(stored.folder.join(name)).unwrap(), "{name}");
            assert_eq!(mode(&copy.join(name)), 0o600, "{name}");
        }
        assert_eq!((mode(&copy), mode(&copy.join("parts"))), (0o700, 0o700));
        assert!(fs::symlink_metadata(copy.join("parts/link.png")).is_err());
        let again = read_folder(&copy).unwrap();
        assert_eq!(again.summary(), stored.summary());

        let refused = export_folder(&stored, &into).unwrap_err();
        assert!(matches!(refused, StoreError::Exists { .. }), "{refused}");
        assert_eq!(fs::read_dir(&into).unwrap().count(), 1, "nothing half-made is left");
    }

    #[test]
    fn a_foreign_id_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let foreign = r#"{"format": 1, "id": "../../evil", "time": "2026-11-22T17:05:12Z"}"#;
        fs::write(folder.path().join(META), foreign).unwrap();
        let stored = read_folder(folder.path()).unwrap();
        let into = folder.path().join("into");
        let refused = export_folder(&stored, &into).unwrap_err();
        assert!(matches!(refused, StoreError::NotAnExchange { .. }), "{refused}");
        assert!(!into.exists());
    }
}
