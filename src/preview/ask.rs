//! The questions to the terminal for a command that waits for the answer; the app hears it beside the keys instead.

use super::probe::{Found, Sieve, Surroundings, further, query};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::getpgrp;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How many times the limit the whole conversation may take.
const IN_ALL: u32 = 4;

/// What a terminal answered.
#[derive(Debug, Default)]
pub struct Asked {
    pub found: Found,
    /// Keys that were pressed meanwhile; nobody else gets them.
    pub typed: Vec<u8>,
    /// From the first question to the end of its answer.
    pub round_trip: Option<Duration>,
}

/// Asks the terminal, which has to be open for reading and writing, what it can do.
///
/// Waits at most `limit` for the next byte of an answer, and in all at most four times as long. Until then keys are
/// not echoed; afterwards the terminal is set as it was before. What is no terminal, is gone, or has another program in
/// its foreground, is asked nothing, and then nothing is found.
pub fn ask(tty: &File, around: &Surroundings, limit: Duration) -> Asked {
    let first = query(around);
    let mut asked = Asked::default();
    let Some(_raw) = (!first.is_empty()).then(|| Raw::enter(tty).ok()).flatten() else { return asked };
    let start = Instant::now();
    let mut talk = Talk { tty, limit, end: start + limit * IN_ALL, sieve: Sieve::default(), asked: &mut asked };
    // A terminal that fails on the way has said what it has said.
    let _failed = talk.all(&first, around, start);
    talk.sieve.give_up(&mut talk.asked.typed);
    asked
}

/// Width and height of a cell in pixels, as the terminal told its driver; `None` where it did not.
pub fn cell_pixels(tty: impl AsFd) -> Option<(u16, u16)> {
    let size = tcgetwinsize(tty).ok()?;
    let cell = (size.ws_xpixel.checked_div(size.ws_col)?, size.ws_ypixel.checked_div(size.ws_row)?);
    (cell.0 > 0 && cell.1 > 0).then_some(cell)
}

struct Talk<'a> {
    tty: &'a File,
    limit: Duration,
    end: Instant,
    sieve: Sieve,
    asked: &'a mut Asked,
}

impl Talk<'_> {
    fn all(&mut self, first: &[u8], around: &Surroundings, start: Instant) -> io::Result<()> {
        self.say(first)?;
        while !self.asked.found.answered && self.ready(PollFlags::IN)? {
            self.hear()?;
        }
        if !self.asked.found.answered {
            return Ok(());
        }
        self.asked.round_trip = Some(start.elapsed());
        let Some(second) = further(around, &self.asked.found) else { return Ok(()) };
        self.say(&second)?;
        while !self.asked.found.complete && self.ready(PollFlags::IN)? {
            self.hear()?;
        }
        Ok(())
    }

    /// A terminal that was stopped by Ctrl-S takes nothing: it is not waited for.
    fn say(&self, question: &[u8]) -> io::Result<()> {
        if !self.ready(PollFlags::OUT)? {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let mut tty = self.tty;
        tty.write_all(question)
    }

    fn hear(&mut self) -> io::Result<()> {
        let mut bytes = [0; 1024];
        let count = match rustix::io::read(self.tty, &mut bytes) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => count,
            Err(Errno::INTR | Errno::AGAIN) => 0,
            Err(error) => return Err(error.into()),
        };
        for reply in self.sieve.push(&bytes[..count], &mut self.asked.typed) {
            self.asked.found.take(&reply);
        }
        Ok(())
    }

    /// Waits until the terminal can be read or written; false when that takes too long.
    fn ready(&self, flags: PollFlags) -> io::Result<bool> {
        let until = self.end.min(Instant::now() + self.limit);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let left = Timespec::try_from(left).map_err(io::Error::other)?;
            match poll(&mut [PollFd::new(self.tty, flags)], Some(&left)) {
                Ok(count) => return Ok(count > 0),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Keys byte by byte and without echo; everything as before when it is dropped.
struct Raw<'a> {
    tty: &'a File,
    before: Termios,
}

impl Raw<'_> {
    fn enter(tty: &File) -> io::Result<Raw<'_>> {
        // Changing the settings from the background would stop this process.
        if tcgetpgrp(tty).is_ok_and(|group| group != getpgrp()) {
            return Err(io::Error::other("another program has the terminal"));
        }
        let before = tcgetattr(tty)?;
        let mut raw = before.clone();
        raw.make_raw();
        // What is printed meanwhile keeps its line ends.
        raw.output_modes = before.output_modes;
        tcsetattr(tty, OptionalActions::Now, &raw)?;
        Ok(Raw { tty, before })
    }
}

impl Drop for Raw<'_> {
    fn drop(&mut self) {
        // It fails only for a terminal that is gone.
        let _gone = tcsetattr(self.tty, OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{Mode, OFlags};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};
    use std::io::Read;
    use std::thread;

    /// Both ends of a pseudo-terminal: the terminal's and the program's.
    fn pair() -> (File, File) {
        let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&near).expect("granted");
        unlockpt(&near).expect("unlocked");
        let name = ptsname(&near, Vec::new()).expect("a name");
        let far =
            rustix::fs::open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("the other end");
        (File::from(near), File::from(far))
    }

    fn settings(tty: &File) -> String {
        format!("{:?}", tcgetattr(tty).expect("settings"))
    }

    /// Answers each question, recognised by its end, with the next of `answers`.
    fn answering(mut near: File, answers: &'static [&'static [u8]]) -> thread::JoinHandle<()> {
        thread::spawn(move || {
            for answer in answers {
                let mut question = Vec::new();
                while !question.ends_with(b"\x1b[c") {
                    let mut byte = [0];
                    near.read_exact(&mut byte).expect("a question");
                    question.extend_from_slice(&byte);
                }
                near.write_all(answer).expect("answered");
            }
        })
    }

    #[test]
    fn a_terminal_is_asked_twice_and_left_as_it_was() {
        let (near, far) = pair();
        let before = settings(&far);
        let terminal = answering(
            near.try_clone().expect("a second handle"),
            &[b"a\x1bP>|kitty(0.26.5)\x1b\\\x1b[6;18;9t\x1b[?62;c", b"\x1b_Gi=31;OKb\x1b\\\x03\x1b[?62;c"],
        );
        let asked = ask(&far, &Surroundings::default(), Duration::from_secs(20));
        terminal.join().expect("the terminal");
        assert!(asked.found.kitty && asked.found.complete && asked.round_trip.is_some(), "{asked:?}");
        assert_eq!(asked.typed, b"a\x03");
        assert_eq!(settings(&far), before);
    }

    #[test]
    fn tmux_is_asked_once() {
        let (near, far) = pair();
        let terminal = answering(near.try_clone().expect("a second handle"), &[b"\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c"]);
        let asked = ask(&far, &Surroundings::default(), Duration::from_secs(20));
        terminal.join().expect("the terminal");
        assert!(asked.found.answered && !asked.found.complete, "{asked:?}");
    }

    #[test]
    fn silence_and_other_files_change_nothing() {
        let (_near, far) = pair();
        let before = settings(&far);
        assert!(!ask(&far, &Surroundings::default(), Duration::ZERO).found.answered);
        assert_eq!(settings(&far), before);
        let file = tempfile::tempfile().expect("a file");
        assert_eq!(ask(&file, &Surroundings::default(), Duration::ZERO).found, Found::default());
        assert_eq!(cell_pixels(&file), None);
    }

    #[test]
    fn the_driver_knows_cells_only_when_it_was_told() {
        let (near, far) = pair();
        for (ws_xpixel, ws_col, expected) in [(900, 100, Some((9, 18))), (0, 100, None), (900, 0, None)] {
            tcsetwinsize(&near, Winsize { ws_row: 50, ws_col, ws_xpixel, ws_ypixel: 900 }).expect("a size");
            assert_eq!(cell_pixels(&far), expected);
        }
    }
}
