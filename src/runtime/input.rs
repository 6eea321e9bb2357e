//! The thread that reads the terminal: events go to the loop in the order in which they were typed.
//!
//! crossterm's own stream wakes once for every event, which makes 5,000 keys 5,000 frames, and its blocking read cannot be
//! interrupted for the editor. So this thread waits for bytes itself, and asks crossterm only when there are some.

use crossterm::event::{self, Event};
use jiff::Timestamp;
use rustix::event::{PollFd, PollFlags, poll};
use std::fs::File;
use std::io::{self, IsTerminal, PipeReader, PipeWriter, Read as _, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long the rest of a sequence may take to be read. With no time at all crossterm does not read.
const MORE: Duration = Duration::from_millis(1);

/// An event and when it was read: how fast keys followed each other is lost once they wait in a queue.
pub type Read = (Event, Timestamp);

pub struct Input {
    events: UnboundedReceiver<Read>,
    knock: PipeWriter,
    parked: Receiver<()>,
    resume: Sender<()>,
}

impl Input {
    pub fn start() -> io::Result<Input> {
        let (tell, events) = unbounded_channel();
        let (listen, knock) = io::pipe()?;
        let (park, parked) = channel();
        let (resume, resumed) = channel();
        let tty = terminal()?;
        thread::spawn(move || read(&tty, listen, &tell, &park, &resumed));
        Ok(Input { events, knock, parked, resume })
    }

    /// The next event; `None` when the terminal is gone.
    pub async fn next(&mut self) -> Option<Read> {
        self.events.recv().await
    }

    /// The next event if it is there already.
    pub fn at_hand(&mut self) -> Option<Read> {
        self.events.try_recv().ok()
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

/// What crossterm reads: standard input, or the controlling terminal when that is something else.
fn terminal() -> io::Result<OwnedFd> {
    match io::stdin().is_terminal() {
        true => io::stdin().as_fd().try_clone_to_owned(),
        false => File::open("/dev/tty").map(OwnedFd::from),
    }
}

fn read(
    tty: &OwnedFd,
    mut knocks: PipeReader,
    tell: &UnboundedSender<Read>,
    park: &Sender<()>,
    resumed: &Receiver<()>,
) {
    loop {
        let mut ready = [PollFd::new(tty, PollFlags::IN), PollFd::new(&knocks, PollFlags::IN)];
        match poll(&mut ready, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return,
        }
        let (keys, knocked) = (ready[0].revents(), ready[1].revents());
        if !knocked.is_empty() {
            let paused = knocks.read(&mut [0]).is_ok_and(|bytes| bytes > 0) && park.send(()).is_ok();
            if !paused || resumed.recv().is_err() {
                return;
            }
            continue;
        }
        // A terminal that hung up stays "ready" for ever: reading on would spin.
        if keys.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) || !take(tell) {
            return;
        }
    }
}

/// Takes what is there; false when nobody listens or the terminal is gone.
fn take(tell: &UnboundedSender<Read>) -> bool {
    loop {
        match event::poll(MORE) {
            Ok(false) => return true,
            Ok(true) => match event::read() {
                Ok(event) => {
                    if tell.send((event, Timestamp::now())).is_err() {
                        return false;
                    }
                }
                Err(error) => return error.kind() == io::ErrorKind::Interrupted,
            },
            Err(error) => return error.kind() == io::ErrorKind::Interrupted,
        }
    }
}
