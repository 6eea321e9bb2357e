//! Exchanges packed into one tar file.

use std::fs::{self, File};
use std::io::{self, BufWriter, IntoInnerError, Read, Take};
use std::path::{Path, PathBuf};

use tar::{Builder, EntryType, Header};

use super::error::StoreError;
use super::export::{files, put, safe_id};
use super::save::check_free;
use super::stored::Stored;
use super::{disk, names};

const ENTRY_MODE: u32 = 0o600;

/// Packs exchanges into a new tar file, as `ID/request.json` and so on, and returns its absolute path. The file is there
/// whole or not at all.
///
/// # Errors
/// As [`check_free`], [`StoreError::Io`], and [`StoreError::NotAnExchange`] for an id that cannot name a folder.
pub fn export_tar(stored: &[Stored], file: &Path) -> Result<PathBuf, StoreError> {
    check_free(file)?;
    let file = std::path::absolute(file).map_err(StoreError::io("save to", file))?;
    let making = file.with_file_name(format!(".unpeel-{}.new", names::random_letters()));
    let archive = disk::create_file(&making).map_err(StoreError::io("create", &making))?;
    let made = pack(stored, archive, &file).and_then(|()| put(&making, &file));
    if made.is_err() {
        // Ours alone, and of no use.
        let _ = fs::remove_file(&making);
    }
    made?;
    if let Some(folder) = file.parent() {
        // The file itself is durable; a folder that may be written but not read cannot be synced.
        let _ = disk::sync_folder(folder);
    }
    Ok(file)
}

/// `file` is what the errors name.
fn pack(stored: &[Stored], archive: File, file: &Path) -> Result<(), StoreError> {
    let mut tar = Builder::new(BufWriter::new(archive));
    for exchange in stored {
        let id = Path::new(safe_id(exchange)?);
        for name in files(exchange) {
            let from = exchange.folder.join(&name);
            let (source, mut header) = open(&from, exchange).map_err(StoreError::io("read", &from))?;
            tar.append_data(&mut header, id.join(name), source).map_err(StoreError::io("write", file))?;
        }
    }
    tar.into_inner()
        .and_then(|buffered| buffered.into_inner().map_err(IntoInnerError::into_error))
        .and_then(|archive| archive.sync_all())
        .map_err(StoreError::io("write", file))
}

/// A body may grow while it is packed: no more is read than the header says.
fn open(from: &Path, exchange: &Stored) -> io::Result<(Take<File>, Header)> {
    let source = disk::open_plain(from)?;
    let bytes = source.metadata()?.len();
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(ENTRY_MODE);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(u64::try_from(exchange.meta.time.as_second()).unwrap_or(0));
    header.set_size(bytes);
    Ok((source.take(bytes), header))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Meta, Store};
    use jiff::Timestamp;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_tar_file_has_every_file_exactly() {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(state.path()).unwrap();
        let time = Timestamp::from_second(1_795_367_112).unwrap();
        let records: Vec<_> = (0..2)
            .map(|_| {
                let mut record = store.begin(time, &Meta::default(), b"{}").unwrap();
                record.append(&[0xff; 3000]).unwrap();
                record.picture(&"a long name ".repeat(20), b"\x89PNG\r\n\x1a\n").unwrap();
                record
            })
            .collect();
        let stored: Vec<Stored> = records.iter().map(|record| store.load(record.id()).unwrap()).collect();
        let wanted = state.path().join("all.tar");
        let file = export_tar(&stored, &wanted).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        let mut archive = tar::Archive::new(File::open(&file).unwrap());
        let mut entries = 0;
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes, fs::read(state.path().join("exchanges").join(&path)).unwrap(), "{path:?}");
            let header = entry.header();
            assert_eq!((header.mode().unwrap(), header.mtime().unwrap()), (0o600, 1_795_367_112), "{path:?}");
            entries += 1;
        }
        assert_eq!(entries, 8);

        let before = fs::read(&file).unwrap();
        let refused = export_tar(&stored, &wanted).unwrap_err();
        assert!(matches!(refused, StoreError::Exists { .. }), "{refused}");
        assert_eq!(fs::read(&file).unwrap(), before);
        let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
        assert!(!fs::read_dir(state.path()).unwrap().any(|entry| hidden(&entry.unwrap().file_name())));
    }
}
