//! Ends a key command that would outlive this process.

use super::command::shell;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

/// What it runs: it waits until its input ends, then ends its whole process group, itself with it. What the terminal sends
/// to the group must not take it away, nor stop it.
const WATCH: &str = "trap '' HUP INT TERM TTIN TTOU TSTP; read -r _; kill -9 0";

/// A second process in a command's group, on a pipe that nothing is written to. The system closes the pipe with this
/// process, however that ends.
pub struct Watch(Child);

impl Watch {
    /// Watches over the leader of a process group, which nobody has waited for yet. `hidden` as for the command.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn over(leader: &Child, hidden: &[String]) -> io::Result<Watch> {
        let group = i32::try_from(leader.id()).map_err(io::Error::other)?;
        let mut watch = shell(WATCH, hidden);
        watch.process_group(group).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        watch.spawn().map(Watch)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Before its input is closed: what the command left running in the background is not its business then.
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_command_started_ends_with_the_pipe() {
        let mut command = shell("sleep 60 | cat", &[]).spawn().expect("it starts");
        let mut watch = Watch::over(&command, &[]).expect("it starts");
        // As when this process ends.
        drop(watch.0.stdin.take());
        assert!(!command.wait().expect("waited for").success());
    }

    #[test]
    fn it_ends_nothing_when_it_is_dropped() {
        let mut command = shell("sleep 0.1; exit 7", &[]).spawn().expect("it starts");
        drop(Watch::over(&command, &[]).expect("it starts"));
        assert_eq!(command.wait().expect("waited for").code(), Some(7));
    }
}
