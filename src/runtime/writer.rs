//! The thread that writes to the terminal: a slow line holds it up, never the loop.

use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, TryLockError};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Held while a frame is written.
static LINE: Mutex<()> = Mutex::new(());
/// A terminal that takes no bytes for so long is stuck.
pub const STUCK: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(2);

pub struct Writer {
    tty: Arc<File>,
    frames: Sender<Vec<u8>>,
    done: Arc<Done>,
}

#[derive(Default)]
struct Done {
    busy: AtomicBool,
    notify: Notify,
    idle: Condvar,
    lock: Mutex<()>,
}

impl Done {
    fn set_idle(&self) {
        let guard = self.lock.lock();
        self.busy.store(false, Ordering::SeqCst);
        drop(guard);
        self.idle.notify_all();
        self.notify.notify_one();
    }
}

impl Writer {
    /// Frames go out only while `open`: one that waits when the terminal is left in a hurry must not come after that.
    pub fn start(tty: File, open: &'static AtomicBool) -> Writer {
        let (frames, next) = channel::<Vec<u8>>();
        let tty = Arc::new(tty);
        let done = Arc::new(Done::default());
        let (out, told) = (Arc::clone(&tty), Arc::clone(&done));
        thread::spawn(move || {
            while let Ok(frame) = next.recv() {
                let line = LINE.lock();
                if open.load(Ordering::SeqCst) {
                    // A terminal that went away is told by SIGHUP; until then its frames are dropped.
                    let _gone = (&*out).write_all(&frame);
                }
                drop(line);
                told.set_idle();
            }
        });
        Writer { tty, frames, done }
    }

    pub fn tty(&self) -> &File {
        &self.tty
    }

    pub fn write(&mut self, frame: Vec<u8>) {
        if frame.is_empty() {
            return;
        }
        self.done.busy.store(true, Ordering::SeqCst);
        if self.frames.send(frame).is_err() {
            self.done.set_idle();
        }
    }

    pub fn is_busy(&self) -> bool {
        self.done.busy.load(Ordering::SeqCst)
    }

    /// Resolves when the frame is written.
    pub async fn written(&self) {
        while self.is_busy() {
            self.done.notify.notified().await;
        }
    }

    /// Blocks until the frame is written, for [`STUCK`] at most: a stuck terminal must not hold the end up. Returns whether
    /// the terminal takes bytes.
    pub fn wait(&self) -> bool {
        let Ok(guard) = self.done.lock.lock() else { return false };
        let limit = STUCK;
        let waited = self.done.idle.wait_timeout_while(guard, limit, |()| self.is_busy());
        waited.is_ok_and(|(_, late)| !late.timed_out())
    }
}

/// Keeps frames from being written for as long as the guard lives; `None` when one still was after `bound`.
pub fn hold(bound: Duration) -> Option<MutexGuard<'static, ()>> {
    let until = Instant::now() + bound;
    loop {
        match LINE.try_lock() {
            Ok(line) => return Some(line),
            Err(TryLockError::Poisoned(line)) => return Some(line.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return None,
            Err(TryLockError::WouldBlock) => thread::sleep(LOOK_AGAIN),
        }
    }
}
