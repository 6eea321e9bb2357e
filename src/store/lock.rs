//! Who is at work on an exchange: its writer locks the folder, and the system takes the lock back with the process.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::{Errno, retry_on_intr};

/// A locked folder, until it is dropped; it may be renamed meanwhile.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Locks a folder. Where folders cannot be locked nothing is, and readers go by the process instead.
    pub fn hold(folder: &Path) -> io::Result<Lock> {
        let opened = open(folder)?;
        // What fails here fails in `is_held` too, which says then that it cannot tell.
        let _ = retry_on_intr(|| flock(&opened, FlockOperation::LockExclusive));
        Ok(Lock(opened))
    }
}

impl Drop for Lock {
    /// Closing alone would leave it to a child that was forked and has not yet begun its own program.
    fn drop(&mut self) {
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

/// Whether somebody, in this process or another, holds a folder; `None` where that cannot be told.
pub fn is_held(folder: &Path) -> Option<bool> {
    let opened = open(folder).ok()?;
    match retry_on_intr(|| flock(&opened, FlockOperation::NonBlockingLockShared)) {
        Ok(()) => Some(false),
        Err(Errno::WOULDBLOCK) => Some(true),
        Err(_) => None,
    }
}

fn open(folder: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(OFlags::DIRECTORY.bits().cast_signed()).open(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_lock_stays_with_a_folder_that_is_renamed() {
        let parent = tempfile::tempdir().unwrap();
        let (old, new) = (parent.path().join("old"), parent.path().join("new"));
        fs::create_dir(&old).unwrap();
        let lock = Lock::hold(&old).unwrap();
        fs::rename(&old, &new).unwrap();
        assert_eq!(is_held(&new), Some(true));
        assert_eq!(is_held(&old), None, "what is not there tells nothing");
        drop(lock);
        assert_eq!((is_held(&new), is_held(&new)), (Some(false), Some(false)));
    }
}
