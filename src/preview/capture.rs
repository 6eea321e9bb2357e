//! Standard output as a scratch file, so that what viuer prints can be read back instead of seen.
//!
//! viuer keeps its answers about kitty, iTerm2 and sixel for ever, and finds two of them by asking the terminal. It
//! looks at each only after the matching `use_…` flag: the first two are never set here, and sixel is answered by
//! [`seed`](super::seed()) beforehand.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::sync::OnceLock;

use super::PreviewError;

/// What file descriptor 1 leads to once it was taken.
static SCRATCH: OnceLock<File> = OnceLock::new();

/// Takes standard output away for good and returns the terminal (or whatever it was) as a file of its own.
///
/// To be called once, before other threads start. From then on `println!`, also a dependency's, ends in an
/// unlinked scratch file, and a child process that shall be seen must be given the returned file as its stdout.
///
/// # Errors
/// When it was taken before, or when the scratch file or the duplicate cannot be made; stdout is then unchanged.
pub fn take_stdout() -> io::Result<File> {
    if SCRATCH.get().is_some() {
        return Err(taken());
    }
    io::stdout().flush()?;
    let scratch = tempfile::tempfile()?;
    // At least 3: a duplicate must not slip into the place of a standard stream that was closed.
    let terminal = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
    rustix::stdio::dup2_stdout(&scratch)?;
    SCRATCH.set(scratch).map_err(|_| taken())?;
    Ok(File::from(terminal))
}

/// Everything that `print` writes to standard output; needs [`take_stdout`] first.
pub fn printed(print: impl FnOnce() -> Result<(), PreviewError>) -> Result<Vec<u8>, PreviewError> {
    let mut scratch = SCRATCH.get().ok_or(PreviewError::NotCaptured)?;
    // Held throughout, and re-entrant: `print` passes, other threads' pictures and stray lines wait.
    let mut stdout = io::stdout().lock();
    stdout.flush()?;
    // The descriptor shares its position with the file, so both start anew together.
    scratch.set_len(0)?;
    scratch.rewind()?;
    print()?;
    stdout.flush()?;
    scratch.rewind()?;
    let mut bytes = Vec::new();
    scratch.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn taken() -> io::Error {
    io::Error::other("standard output was already taken over")
}
