//! How an exchange comes to be, whole or not at all: made under a hidden name, locked, then given its own name.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::StoreError;
use super::lock::Lock;
use super::{disk, names};

/// A folder that nobody else has, among all processes that share this state.
pub struct Claim {
    /// Its name.
    pub id: String,
    /// Where it lies.
    pub folder: PathBuf,
    /// Held since before anybody could see it.
    pub lock: Lock,
}

/// Makes a new exchange's folder. `fill` is given the hidden folder and the id, and syncs what it writes.
///
/// # Errors
/// What `fill` said, or [`StoreError::Io`]; nothing is left behind then.
pub fn claim(
    exchanges: &Path,
    now: Timestamp,
    fill: impl Fn(&Path, &str) -> Result<(), StoreError>,
) -> Result<Claim, StoreError> {
    const TRIES: usize = 64;
    disk::ensure_folder(exchanges).map_err(StoreError::io("create", exchanges))?;
    for _ in 0..TRIES {
        let id = names::new_id(now);
        let making = exchanges.join(format!(".{id}.new"));
        match disk::create_folder(&making) {
            Ok(()) => {}
            Err(taken) if taken.kind() == ErrorKind::AlreadyExists => continue,
            Err(cause) => return Err(StoreError::io("create", &making)(cause)),
        }
        let made = make(exchanges, &making, &id, &fill);
        if !matches!(made, Ok(Some(_))) {
            // Ours alone and nothing was sent: a half-made folder would only be a riddle later.
            let _ = fs::remove_dir_all(&making);
        }
        if let Some(claim) = made? {
            return Ok(claim);
        }
    }
    Err(StoreError::Exists { path: exchanges.join(names::new_id(now)) })
}

/// `None` when another exchange has the name.
fn make(
    exchanges: &Path,
    making: &Path,
    id: &str,
    fill: &impl Fn(&Path, &str) -> Result<(), StoreError>,
) -> Result<Option<Claim>, StoreError> {
    let lock = Lock::hold(making).map_err(StoreError::io("open", making))?;
    fill(making, id)?;
    let folder = exchanges.join(id);
    match disk::rename_new(making, &folder) {
        Ok(()) => {}
        Err(taken) if disk::is_taken(&taken) => return Ok(None),
        Err(cause) => return Err(StoreError::io("create", &folder)(cause)),
    }
    if let Err(cause) = disk::sync_folder(exchanges) {
        // The caller takes it for not begun, so nobody may find it.
        let _ = fs::remove_dir_all(&folder);
        return Err(StoreError::io("write", exchanges)(cause));
    }
    Ok(Some(Claim { id: id.to_owned(), folder, lock }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn what_cannot_be_filled_leaves_nothing() {
        let exchanges = tempfile::tempdir().unwrap();
        let refused = claim(exchanges.path(), Timestamp::UNIX_EPOCH, |making, _| {
            fs::write(making.join("half"), "").unwrap();
            Err(StoreError::NoFolder { folder: making.to_path_buf() })
        });
        assert!(matches!(refused, Err(StoreError::NoFolder { .. })));
        assert_eq!(fs::read_dir(exchanges.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_name_that_is_taken_is_left_alone() {
        let exchanges = tempfile::tempdir().unwrap();
        let taken = RefCell::new(None);
        let claimed = claim(exchanges.path(), Timestamp::UNIX_EPOCH, |_, id| {
            // Somebody else is faster, once.
            if taken.borrow().is_none() {
                let folder = exchanges.path().join(id);
                fs::create_dir(&folder).unwrap();
                fs::write(folder.join("theirs"), "").unwrap();
                *taken.borrow_mut() = Some(folder);
            }
            Ok(())
        })
        .unwrap();
        let taken = taken.into_inner().unwrap();
        assert_ne!(claimed.folder, taken);
        assert!(taken.join("theirs").exists());
        assert_eq!(fs::read_dir(exchanges.path()).unwrap().count(), 2, "nothing hidden is left");
    }
}
