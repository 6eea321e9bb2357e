//! The thread that reads the terminal: replies of the terminal itself are taken out, everything else becomes events.
//!
//! crossterm reads keys, and takes a terminal's late or broken reply for typed text. So it does not get the terminal: its
//! standard input is a private pseudo-terminal that this thread feeds with what the [`Sieve`] lets through.
//!
//! crossterm's own stream wakes once for every event, which makes 5,000 keys 5,000 frames, and its blocking read cannot be
//! interrupted for the editor. So this thread waits for bytes itself, and asks crossterm only when there are some.

use super::tty;
use crate::preview::{Reply, Sieve};
use crossterm::event::{self, Event};
use jiff::Timestamp;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read as _, Write};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long the rest of a sequence may take to be read. With no time at all crossterm does not read.
const MORE: Duration = Duration::from_millis(1);
/// A pseudo-terminal holds 4096 bytes; more at once would block the only thread that empties it.
const FEED: usize = 1024;

/// What the terminal sent.
pub enum Heard {
    /// With the time at which it was read: how fast keys followed each other is lost once they wait in a queue.
    Event(Event, Timestamp),
    /// An answer to a question of ours.
    Reply(Reply),
}

pub struct Input {
    heard: UnboundedReceiver<Heard>,
    knock: PipeWriter,
    parked: Receiver<()>,
    resume: Sender<()>,
}

impl Input {
    /// Takes standard input over, for good.
    pub fn start() -> io::Result<Input> {
        let (tell, heard) = unbounded_channel();
        let (listen, knock) = io::pipe()?;
        let (park, parked) = channel();
        let (resume, resumed) = channel();
        let tty = tty::keyboard()?;
        let (feed, fed) = private_terminal()?;
        rustix::stdio::dup2_stdin(&fed)?;
        let mut reader = Reader { tty, feed, fed, sieve: Sieve::default(), tell, waiting: Vec::new() };
        thread::spawn(move || reader.run(listen, &park, &resumed));
        Ok(Input { heard, knock, parked, resume })
    }

    /// The next thing; `None` when the terminal is gone.
    pub async fn next(&mut self) -> Option<Heard> {
        self.heard.recv().await
    }

    /// The next thing if it is there already.
    pub fn at_hand(&mut self) -> Option<Heard> {
        self.heard.try_recv().ok()
    }

    /// Leaves the terminal to another program until [`Input::resume`]. Returns once nothing is read any more.
    pub fn pause(&mut self) {
        // Both fail only when the thread has ended, and then nothing is read either.
        let _ended = self.knock.write_all(b"p");
        let _ended = self.parked.recv();
    }

    pub fn resume(&mut self) {
        let _ended = self.resume.send(());
    }
}

/// The end to write to, and the end that crossterm reads, which passes every byte as it is.
fn private_terminal() -> io::Result<(File, OwnedFd)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let near = openpt(flags)?;
    grantpt(&near)?;
    unlockpt(&near)?;
    let name = ptsname(&near, Vec::new())?;
    // crossterm reads until nothing is left, and in the middle of a paste it would wait there for what this thread has.
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let far = rustix::fs::open(name.as_c_str(), flags, Mode::empty())?;
    let mut settings = tcgetattr(&far)?;
    settings.make_raw();
    tcsetattr(&far, OptionalActions::Now, &settings)?;
    Ok((File::from(near), far))
}

struct Reader {
    tty: &'static OwnedFd,
    feed: File,
    fed: OwnedFd,
    sieve: Sieve,
    tell: UnboundedSender<Heard>,
    /// Keys that crossterm has not been given yet.
    waiting: Vec<u8>,
}

impl Reader {
    fn run(&mut self, mut knocks: PipeReader, park: &Sender<()>, resumed: &Receiver<()>) {
        loop {
            let limit = self.sieve.waits().and_then(|wait| Timespec::try_from(wait).ok());
            let mut ready = [
                PollFd::new(self.tty, PollFlags::IN),
                PollFd::new(&knocks, PollFlags::IN),
                PollFd::new(&self.fed, PollFlags::IN),
            ];
            match poll(&mut ready, limit.as_ref()) {
                Ok(0) => self.sieve.give_up(&mut self.waiting),
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => return,
            }
            let (keys, knocked, fed) = (ready[0].revents(), ready[1].revents(), ready[2].revents());
            if !knocked.is_empty() {
                let paused = knocks.read(&mut [0]).is_ok_and(|bytes| bytes > 0) && park.send(()).is_ok();
                if !paused || resumed.recv().is_err() {
                    return;
                }
                continue;
            }
            // What was written arrives a moment later, so it is waited for like everything else.
            if fed.contains(PollFlags::IN) && !self.take() {
                return;
            }
            // A terminal that hung up stays "ready" for ever: reading on would spin.
            if keys.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
                return;
            }
            if keys.contains(PollFlags::IN) && !self.read() {
                return;
            }
            if !self.feed() {
                return;
            }
        }
    }

    /// Reads what the terminal has and sorts it; false when it is gone.
    fn read(&mut self) -> bool {
        let mut bytes = [0; FEED];
        let count = match rustix::io::read(self.tty, &mut bytes) {
            Ok(0) => return false,
            Ok(count) => count,
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => return true,
            Err(_) => return false,
        };
        let replies = self.sieve.push(&bytes[..count], &mut self.waiting);
        replies.into_iter().all(|reply| self.tell.send(Heard::Reply(reply)).is_ok())
    }

    /// Gives crossterm what waits for it, and takes what it makes of that; false when nobody listens.
    fn feed(&mut self) -> bool {
        while !self.waiting.is_empty() {
            let some = self.waiting.len().min(FEED);
            if self.feed.write_all(&self.waiting[..some]).is_err() {
                return false;
            }
            self.waiting.drain(..some);
            let arrived = [PollFd::new(&self.fed, PollFlags::IN)];
            let limit = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
            // Later than that, the loop finds it.
            if poll(&mut { arrived }, Some(&limit)).is_ok_and(|ready| ready > 0) && !self.take() {
                return false;
            }
        }
        true
    }

    /// Takes what is there; false when nobody listens or the terminal is gone.
    fn take(&self) -> bool {
        loop {
            match event::poll(MORE) {
                Ok(false) => return true,
                Ok(true) => match event::read() {
                    Ok(event) => {
                        if self.tell.send(Heard::Event(event, Timestamp::now())).is_err() {
                            return false;
                        }
                    }
                    Err(error) => return error.kind() == io::ErrorKind::Interrupted,
                },
                Err(error) => return error.kind() == io::ErrorKind::Interrupted,
            }
        }
    }
}
