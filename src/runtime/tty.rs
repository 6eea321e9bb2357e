//! The terminal's own settings: raw while the app has it, and after that exactly what they were.

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::OnceLock;

/// The keyboard's side of the terminal, and its settings before the app came.
static FOUND: OnceLock<(OwnedFd, Termios)> = OnceLock::new();

/// What keys come from: standard input, or the controlling terminal when that is something else.
pub fn keyboard() -> io::Result<&'static OwnedFd> {
    if FOUND.get().is_none() {
        let tty = match io::stdin().is_terminal() {
            // At least 3: standard input itself is replaced later.
            true => rustix::io::fcntl_dupfd_cloexec(io::stdin().as_fd(), 3)?,
            false => OwnedFd::from(File::open("/dev/tty")?),
        };
        let settings = tcgetattr(&tty)?;
        // Only one thread gets here before the app runs; a second one would find the same.
        let _first = FOUND.set((tty, settings));
    }
    FOUND.get().map(|(tty, _)| tty).ok_or_else(|| io::Error::other("there is no terminal"))
}

/// Keys come one by one and unread, from now on.
pub fn raw() -> io::Result<()> {
    let tty = keyboard()?;
    let mut settings = tcgetattr(tty)?;
    settings.make_raw();
    Ok(tcsetattr(tty, OptionalActions::Now, &settings)?)
}

/// As it was found. Does nothing when it never was raw, or is gone.
pub fn restore() {
    if let Some((tty, settings)) = FOUND.get() {
        let _gone = tcsetattr(tty, OptionalActions::Now, settings);
    }
}
