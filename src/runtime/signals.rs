//! Signals: those that end the app, and the one that says that the window changed.

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The terminal went away.
    HungUp,
    Terminated,
    Interrupted,
}

impl Stop {
    /// As a shell reports the signal.
    pub fn exit_code(self) -> u8 {
        match self {
            Stop::HungUp => 129,
            Stop::Terminated => 143,
            Stop::Interrupted => 130,
        }
    }
}

pub struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    /// Came in and is to be acted on.
    pub pending: Option<Stop>,
}

impl Signals {
    pub fn new() -> anyhow::Result<Signals> {
        let listen = |kind| signal(kind).context("signals cannot be listened to");
        Ok(Signals {
            hangup: listen(SignalKind::hangup())?,
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            pending: None,
        })
    }

    /// Drops interrupts that came while another program had the terminal.
    pub fn forget_interrupts(&mut self) {
        // The old listener goes on when no new one can be had.
        if let Ok(fresh) = signal(SignalKind::interrupt()) {
            self.interrupt = fresh;
        }
    }

    pub async fn next(&mut self) -> Stop {
        tokio::select! {
            _ = self.hangup.recv() => Stop::HungUp,
            _ = self.terminate.recv() => Stop::Terminated,
            _ = self.interrupt.recv() => Stop::Interrupted,
        }
    }
}

/// SIGWINCH.
pub struct Resizes(Signal);

impl Resizes {
    pub fn new() -> anyhow::Result<Resizes> {
        Ok(Resizes(signal(SignalKind::window_change()).context("signals cannot be listened to")?))
    }

    pub async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending().await
        }
    }
}
