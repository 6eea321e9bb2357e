//! Copies that the user asked for by path: byte-exact, and never onto something that is there.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use serde_json::Value;

use super::disk;
use super::error::StoreError;

/// Refuses a path that [`save_as`] would refuse, before anything is sent and paid for.
///
/// # Errors
/// [`StoreError::Exists`], [`StoreError::NoFolder`], or [`StoreError::Io`] for a folder that may not be written to.
pub fn check_free(path: &Path) -> Result<(), StoreError> {
    // "new/" means a folder, and there is none.
    if path.as_os_str().as_bytes().ends_with(b"/") && !path.exists() {
        return Err(StoreError::NoFolder { folder: path.to_path_buf() });
    }
    match fs::symlink_metadata(path) {
        Ok(_) => Err(StoreError::Exists { path: path.to_path_buf() }),
        Err(cause) => match cause.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => check_folder(path),
            _ => Err(StoreError::io("look at", path)(cause)),
        },
    }
}

/// Writes `bytes` to a new file, and `sidecar` beside it as `PATH.json`; returns the absolute path. Both or neither.
///
/// # Errors
/// As [`check_free`], for either file; and [`StoreError::Io`] when writing fails.
pub fn save_as(path: &Path, bytes: &[u8], sidecar: Option<&Value>) -> Result<PathBuf, StoreError> {
    check_free(path)?;
    let path = std::path::absolute(path).map_err(StoreError::io("save to", path))?;
    let beside = sidecar_path(&path);
    // The smaller one first: it can be taken back without loss when the picture does not fit.
    if let Some(sidecar) = sidecar {
        write(&beside, &to_json(sidecar, &beside)?)?;
    }
    if let Err(error) = write(&path, bytes) {
        if sidecar.is_some() {
            // Created just now by us; the picture's error is the one to tell.
            let _ = fs::remove_file(&beside);
        }
        return Err(error);
    }
    if let Some(folder) = path.parent() {
        // The file itself is durable; a folder that may be written but not read cannot be synced.
        let _ = disk::sync_folder(folder);
    }
    Ok(path)
}

fn check_folder(path: &Path) -> Result<(), StoreError> {
    if path.file_name().is_none() {
        let cause = io::Error::new(ErrorKind::InvalidInput, "it names no file");
        return Err(StoreError::io("save to", path)(cause));
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(StoreError::NoFolder { folder });
    }
    access(folder.as_path(), Access::WRITE_OK | Access::EXEC_OK)
        .map_err(|errno| StoreError::io("write to", &folder)(errno.into()))
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Where [`save_as`] puts what it is told about a file: `fox.png.json` beside `fox.png`. Check it too beforehand.
pub fn sidecar_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".json");
    name.into()
}

fn to_json(value: &Value, path: &Path) -> Result<Vec<u8>, StoreError> {
    let mut json = serde_json::to_vec_pretty(value).map_err(|cause| StoreError::io("write", path)(cause.into()))?;
    json.push(b'\n');
    Ok(json)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    disk::write_new(path, bytes).map(drop).map_err(|cause| match cause.kind() {
        ErrorKind::AlreadyExists => StoreError::Exists { path: path.to_path_buf() },
        ErrorKind::NotFound | ErrorKind::NotADirectory => StoreError::NoFolder { folder: folder_of(path) },
        _ => StoreError::io("write", path)(cause),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_copy_is_exact_private_and_has_its_sidecar() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = folder.path().join("fox.png");
        let saved = save_as(&wanted, b"\x89PNG\0\xff", Some(&json!({"prompt": "fox"}))).unwrap();
        assert!(saved.is_absolute());
        assert_eq!(fs::read(&saved).unwrap(), b"\x89PNG\0\xff");
        assert_eq!(fs::metadata(&saved).unwrap().permissions().mode() & 0o777, 0o600);
        let sidecar = fs::read(folder.path().join("fox.png.json")).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&sidecar).unwrap(), json!({"prompt": "fox"}));
    }

    #[test]
    fn nothing_is_overwritten_and_no_link_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("taken.png"), "old").unwrap();
        fs::write(at("half.png.json"), "old").unwrap();
        symlink(at("elsewhere"), at("link.png")).unwrap();
        for taken in ["taken.png", "half.png", "link.png"] {
            let refused = save_as(&at(taken), b"new", Some(&Value::Null)).unwrap_err();
            assert!(matches!(refused, StoreError::Exists { .. }), "{taken}: {refused}");
        }
        assert_eq!(fs::read(at("taken.png")).unwrap(), b"old");
        for absent in ["elsewhere", "half.png", "taken.png.json", "link.png.json"] {
            assert!(!at(absent).exists(), "{absent}");
        }
    }

    #[test]
    fn a_bad_path_is_refused_before_anything_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "").unwrap();
        assert!(check_free(&at("free.png")).is_ok());
        for (path, sentence) in [
            (at("file"), "exists already"),
            (folder.path().to_path_buf(), "exists already"),
            (at("missing/fox.png"), "there is no folder"),
            (at("file/fox.png"), "there is no folder"),
            (at("new/"), "there is no folder"),
            (PathBuf::new(), "names no file"),
        ] {
            let refused = check_free(&path).unwrap_err().to_string();
            assert!(refused.contains(sentence), "{path:?}: {refused}");
        }
    }
}
