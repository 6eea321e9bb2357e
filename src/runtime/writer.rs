//! The thread that writes to the terminal: a slow line holds it up, never the loop.

use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use tokio::sync::Notify;

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
    pub fn start(tty: File) -> Writer {
        let (frames, next) = channel::<Vec<u8>>();
        let tty = Arc::new(tty);
        let done = Arc::new(Done::default());
        let (out, told) = (Arc::clone(&tty), Arc::clone(&done));
        thread::spawn(move || {
            while let Ok(frame) = next.recv() {
                // A terminal that went away is told by SIGHUP; until then its frames are dropped.
                let _gone = (&*out).write_all(&frame);
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

    /// Blocks until the frame is written, two seconds at most: a stuck terminal must not hold the end up. Returns whether
    /// the terminal takes bytes.
    pub fn wait(&self) -> bool {
        let Ok(guard) = self.done.lock.lock() else { return false };
        let limit = std::time::Duration::from_secs(2);
        let waited = self.done.idle.wait_timeout_while(guard, limit, |()| self.is_busy());
        waited.is_ok_and(|(_, late)| !late.timed_out())
    }
}
