//! Signals: those that end the app, and those by which the terminal's owner changes or takes the window.

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The terminal went away.
    HungUp,
    Terminated,
    Interrupted,
    /// SIGQUIT: at once.
    Quit,
}

impl Stop {
    /// As a shell reports the signal.
    pub fn exit_code(self) -> u8 {
        match self {
            Stop::HungUp => 129,
            Stop::Terminated => 143,
            Stop::Interrupted => 130,
            Stop::Quit => 131,
        }
    }
}

pub struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
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
            quit: listen(SignalKind::quit())?,
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
            _ = self.quit.recv() => Stop::Quit,
        }
    }
}

/// What the terminal's owner does to the app: a window of another size, or a shell that wants the terminal for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    Resized,
    Suspended,
}

pub struct OutsideSignals {
    window: Signal,
    suspend: Signal,
}

impl OutsideSignals {
    pub fn new() -> anyhow::Result<OutsideSignals> {
        let listen = |kind| signal(kind).context("signals cannot be listened to");
        let suspend = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
        Ok(OutsideSignals { window: listen(SignalKind::window_change())?, suspend: listen(suspend)? })
    }

    pub async fn next(&mut self) -> Outside {
        tokio::select! {
            _ = self.window.recv() => Outside::Resized,
            _ = self.suspend.recv() => Outside::Suspended,
        }
    }
}

/// Stops this process until somebody continues it.
pub fn stop_here() {
    // Cannot fail for the own process.
    let _stopped = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}
