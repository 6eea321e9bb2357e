//! Tells viuer that it may draw sixels, before it asks the terminal.
//!
//! viuer asks on its first sixel picture: it writes a question to standard output, reads keys from standard input for
//! as long as it takes, and keeps the answer for ever. A pressed key would be lost in it, a terminal that is silent
//! would hang it. So it is made to ask once, early, in a pseudo-terminal that has the answer ready. Whether the real
//! terminal can show sixels is found out elsewhere.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::sync::OnceLock;
use std::thread;

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::OptionalActions;

/// The attributes of a terminal that shows sixels (4), as an answer to DA1.
const ANSWER: &[u8] = b"\x1b[?62;4c";

/// What viuer made of the answer.
static SIXEL: OnceLock<bool> = OnceLock::new();

/// Lets viuer ask its question where it is answered at once; later calls do nothing.
///
/// Standard input and output lead elsewhere meanwhile, for less than a millisecond: to be called while no other
/// thread uses them.
///
/// # Errors
/// When there is no pseudo-terminal to be had; input and output are then unchanged.
pub fn seed() -> io::Result<()> {
    if SIXEL.get().is_none() {
        let sixel = asked()?;
        // Who was first does not matter: viuer has one answer for all.
        SIXEL.get_or_init(|| sixel);
    }
    Ok(())
}

/// Whether viuer can be given pictures to draw as sixels without asking the terminal.
pub fn is_seeded() -> bool {
    SIXEL.get().copied().unwrap_or(false)
}

fn asked() -> io::Result<bool> {
    let mut controller = File::from(rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?);
    rustix::pty::grantpt(&controller)?;
    rustix::pty::unlockpt(&controller)?;
    let name = rustix::pty::ptsname(&controller, Vec::new())?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let terminal = rustix::fs::open(name.as_c_str(), flags, Mode::empty())?;
    // Neither echoed nor held back until a line is complete.
    let mut modes = rustix::termios::tcgetattr(&terminal)?;
    modes.make_raw();
    rustix::termios::tcsetattr(&terminal, OptionalActions::Now, &modes)?;
    controller.write_all(ANSWER)?;
    thread::scope(|scope| {
        // Before viuer reads a key it waits until its question has gone, which on some systems means: was read. Ends
        // when nobody has the terminal open any more.
        scope.spawn(|| io::copy(&mut &controller, &mut io::sink()));
        let lent = Lent::to(terminal)?;
        let sixel = viuer::is_sixel_supported();
        drop(lent);
        Ok(sixel)
    })
}

/// Standard input and output while they lead elsewhere; they come back when it is dropped.
struct Lent {
    stdin: OwnedFd,
    stdout: OwnedFd,
}

impl Lent {
    fn to(terminal: OwnedFd) -> io::Result<Self> {
        io::stdout().flush()?;
        // At least 3: a duplicate must not slip into the place of a standard stream that was closed.
        let stdin = rustix::io::fcntl_dupfd_cloexec(io::stdin(), 3)?;
        let stdout = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
        let lent = Self { stdin, stdout };
        rustix::stdio::dup2_stdin(&terminal)?;
        rustix::stdio::dup2_stdout(&terminal)?;
        Ok(lent)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // Both were open a moment ago and can only fail to come back when they are closed under our feet.
        let _restored = rustix::stdio::dup2_stdin(&self.stdin);
        let _restored = rustix::stdio::dup2_stdout(&self.stdout);
    }
}
