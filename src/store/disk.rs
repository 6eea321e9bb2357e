//! The few file operations that all of the store is made of: private, exclusive, durable.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::names;

/// Some file systems keep times no finer than this: what changed later may change again without another time.
const COARSE: Duration = Duration::from_secs(2);
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Creates one folder for the owner alone; `AlreadyExists` whatever stands there.
pub fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(FOLDER_MODE).create(path)?;
    // The umask may have taken bits away from the owner too.
    make_private(path)
}

/// Gives a folder of ours the mode it should have.
pub fn make_private(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(FOLDER_MODE))
}

/// Creates a folder and its missing parents. What exists keeps its mode: it may be the user's home.
pub fn ensure_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        ensure_folder(parent)?;
    }
    match create_folder(path) {
        // Another process may have been faster.
        Err(taken) if taken.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(taken) if taken.kind() == ErrorKind::AlreadyExists => Err(ErrorKind::NotADirectory.into()),
        other => other,
    }
}

/// Creates a file for the owner alone and opens it for writing; `AlreadyExists` whatever stands there, also a link.
pub fn create_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)?;
    file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    Ok(file)
}

/// Opens a file for appending, creating it for the owner alone; a link is refused.
pub fn append_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(FILE_MODE)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)?;
    file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    Ok(file)
}

/// Writes a new file through to the disk, and leaves none behind when that fails. The file stays open at its end.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = create_file(path)?;
    match file.write_all(bytes).and_then(|()| file.sync_all()) {
        Ok(()) => Ok(file),
        Err(cause) => {
            // The write's failure is the news; a failing clean-up adds nothing to it.
            let _ = fs::remove_file(path);
            Err(cause)
        }
    }
}

/// Puts `bytes` at `folder/name` in one step: a reader, or a power cut, finds the old content or the new, never a mix.
///
/// Several writers may be at it at once; the last one wins. The new file stays open at its end.
pub fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<File> {
    let making = folder.join(format!(".{name}.{}.new", names::random_letters()));
    let file = write_new(&making, bytes)?;
    if let Err(cause) = fs::rename(&making, folder.join(name)) {
        // As above: the first failure is the one to tell.
        let _ = fs::remove_file(&making);
        return Err(cause);
    }
    sync_folder(folder)?;
    Ok(file)
}

/// Gives a file or folder a name that nothing else has; [`is_taken`] tells that something has it.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system can do it in one step: look, then move.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match fs::symlink_metadata(to) {
            Ok(_) => Err(ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(from, to),
        },
        done => done.map_err(io::Error::from),
    }
}

/// Whether [`rename_new`] failed because of what stands there.
pub fn is_taken(cause: &io::Error) -> bool {
    matches!(cause.kind(), ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty)
}

/// Whether a change from now on is sure to show in the time that was read.
pub fn is_old(modified: SystemTime) -> bool {
    SystemTime::now().duration_since(modified).is_ok_and(|age| age > COARSE)
}

/// Whether a folder stands there, and not a link to one.
pub fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

/// Whether a plain file stands there, and not a link to one.
pub fn is_plain(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
}

/// Makes the names in a folder durable. File systems that cannot do that for folders are not an error.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(cause) if matches!(cause.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

/// Opens a plain file for reading; links, pipes and devices in a foreign folder are refused, not waited for.
pub fn open_plain(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
        .open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::new(ErrorKind::InvalidInput, "not a plain file")) }
}

/// No description of ours is longer: what is longer is somebody else's.
const MOST_WORDS: u64 = 64 << 20;

/// Bytes of a plain file; 0 for what is none.
pub fn size(path: &Path) -> u64 {
    fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file).map_or(0, |found| found.len())
}

/// Reads a small plain file of ours whole; a larger one is refused before it fills the memory.
pub fn read_words(path: &Path) -> io::Result<Vec<u8>> {
    let file = open_plain(path)?;
    if file.metadata()?.len() > MOST_WORDS {
        return Err(io::Error::new(ErrorKind::FileTooLarge, format!("it is longer than {MOST_WORDS} bytes")));
    }
    let mut bytes = Vec::new();
    file.take(MOST_WORDS).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a plain file whole.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_plain(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
