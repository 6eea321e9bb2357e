//! The app on a real terminal: one loop over keys, finished work, signals and a tick that runs only while something does.
//!
//! Architecture invariant: nothing that can take over 5 ms runs on the loop. Work goes to tasks and comes back as
//! messages; bytes for the terminal go to a writer thread, and nothing is drawn while it is still writing.

mod clipboard;
mod editor;
mod history;
mod input;
mod jobs;
mod keys;
mod mend;
mod picture;
mod save;
mod screen;
mod signals;
mod tty;
mod writer;

use crate::app::{Effect, Msg, Setup, State, update};
use crate::call::Recalled;
use crate::config::Protocol;
use crate::exchange::{self, Means};
use crate::preview::{Reply, Surroundings};
use crate::theme::{self, Depth, Styles};
use crate::view::view;
use anyhow::Context;
use crossterm::event::Event;
use input::{Heard, Input};
use jiff::Timestamp;
use jobs::Jobs;
use picture::{Pictures, Wishes};
use screen::Screen;
use signals::{Outside, OutsideSignals, Signals, Stop};
use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Between two frames that no key asked for.
const FRAME: Duration = Duration::from_millis(16);
/// How long the end waits for answers of the terminal.
const ANSWERS: Duration = Duration::from_millis(300);
/// After this much work in one go the screen is drawn before more is taken.
const BATCH: Duration = Duration::from_millis(8);

/// What the app starts from.
pub struct Start {
    pub setup: Setup,
    pub means: Means,
    pub profile: String,
    pub theme: String,
    pub depth: Depth,
    /// How pictures are to be drawn.
    pub protocol: Protocol,
    /// Bytes that one picture may send to the terminal.
    pub picture_budget: usize,
    pub notice: Option<String>,
    /// A saved reply to show.
    pub offline: Option<Recalled>,
    /// When that call was made, where it is known.
    pub begun: Option<Timestamp>,
    /// How long calls may go on after the terminal went away, and after SIGTERM.
    pub hangup: Duration,
    pub terminate: Duration,
    /// How often free probes run by themselves.
    pub probe_every: Option<Duration>,
    /// Serves the demo while the app runs.
    pub demo: Option<crate::demo::Demo>,
}

/// Runs the app until it is quit.
pub fn run(start: Start, runtime: tokio::runtime::Runtime) -> anyhow::Result<u8> {
    let mut screen = Screen::enter().context("the terminal cannot be set up")?;
    let ended = runtime.block_on(async { App::new(start, &mut screen)?.run().await });
    screen.leave();
    // Blocking work that is still about (a key command, say) must not hold the exit up.
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended
}

struct App<'a> {
    state: State,
    styles: Styles,
    depth: Depth,
    screen: &'a mut Screen,
    /// `None` once the terminal is gone.
    input: Option<Input>,
    messages: mpsc::UnboundedReceiver<Msg>,
    jobs: Jobs,
    pictures: Pictures,
    signals: Signals,
    outside: OutsideSignals,
    hangup: Duration,
    terminate: Duration,
    dirty: bool,
    drawn_at: Instant,
    quit: bool,
}

/// Why the loop woke up.
enum Woken {
    Heard(Option<Heard>),
    Overdue,
    Outside(Outside),
    Message(Msg),
    Picture,
    Written,
    Tick,
    FrameDue,
    Stop(Stop),
}

impl<'a> App<'a> {
    fn new(start: Start, screen: &'a mut Screen) -> anyhow::Result<Self> {
        let styles = theme::styles(&start.theme, start.depth)?;
        let mut state = State::new(start.setup, Timestamp::now(), screen.size(), &start.profile, &start.theme);
        state.protocol = start.protocol;
        crate::app::routes::expect_all(&mut state);
        if let Some(notice) = start.notice {
            state.complain(notice);
        }
        if let Some(Recalled { ask, outcome, reading, .. }) = start.offline {
            let begun = start.begun.unwrap_or_else(Timestamp::now);
            let number = state.log.put(ask, begun, outcome, Arc::clone(&reading));
            state.shown = Some(crate::app::state::Shown::new(number, reading));
            state.focus(crate::layout::Pane::Preview);
        }
        let (tell, messages) = mpsc::unbounded_channel();
        let jobs = Jobs::new(start.means, tell);
        jobs.follow_history();
        if let Some(pause) = start.probe_every {
            jobs.probe_every(pause);
        }
        if let Some(demo) = start.demo {
            tokio::spawn(demo.serve());
        }
        let wishes = Wishes {
            protocol: start.protocol,
            enabled: start.depth != Depth::None,
            truecolor: start.depth == Depth::True,
            budget: start.picture_budget,
        };
        let around = Surroundings::of(&|name| std::env::var(name).ok());
        let mut pictures = Pictures::new(wishes, around, screen.cell_pixels());
        screen.append(&pictures.question());
        Ok(App {
            pictures,
            state,
            styles,
            depth: start.depth,
            screen,
            input: None,
            messages,
            jobs,
            signals: Signals::new()?,
            outside: OutsideSignals::new()?,
            hangup: start.hangup,
            terminate: start.terminate,
            dirty: true,
            drawn_at: Instant::now(),
            quit: false,
        })
    }

    async fn run(mut self) -> anyhow::Result<u8> {
        // The first frame before anything is waited for.
        self.draw()?;
        self.input = Some(Input::start().context("the terminal cannot be read")?);
        while !self.quit {
            let woken = self.wait().await;
            let urgent = self.take(woken);
            let urgent = self.drain() || urgent;
            if let Some(stop) = self.signals.pending.take() {
                return self.stop(stop).await;
            }
            self.draw_when_due(urgent)?;
            self.pump();
        }
        self.jobs.finish(Duration::ZERO, std::future::pending::<Duration>).await;
        self.take_answers().await;
        Ok(0)
    }

    /// Takes answers of the terminal that are still under way, for a moment: they are not for the shell.
    async fn take_answers(&mut self) {
        let moment = tokio::time::Instant::now() + ANSWERS;
        while self.pictures.awaits_answer()
            && let Some(input) = &mut self.input
            && let Ok(Some(heard)) = tokio::time::timeout_at(moment, input.next()).await
        {
            if let Heard::Reply(reply) = heard {
                self.pictures.heard(&reply, self.screen.size());
            }
        }
    }

    async fn wait(&mut self) -> Woken {
        let ticking = self.state.log.in_flight().next().is_some();
        let frame_due = self.dirty && !self.screen.is_busy();
        let next_frame = tokio::time::Instant::from_std(self.drawn_at + FRAME);
        let overdue = self.pictures.deadline();
        let input = &mut self.input;
        tokio::select! {
            biased;
            event = async { match input { Some(input) => input.next().await, None => std::future::pending().await } } => Woken::Heard(event),
            Some(msg) = self.messages.recv() => Woken::Message(msg),
            () = self.pictures.ready() => Woken::Picture,
            () = self.screen.written(), if self.screen.is_busy() => Woken::Written,
            () = until(overdue) => Woken::Overdue,
            stop = self.signals.next() => Woken::Stop(stop),
            outside = self.outside.next() => Woken::Outside(outside),
            () = tokio::time::sleep_until(next_frame), if frame_due => Woken::FrameDue,
            () = tokio::time::sleep(to_next_second()), if ticking => Woken::Tick,
        }
    }

    /// Takes what woke the loop; true when a key asks for a frame at once.
    fn take(&mut self, woken: Woken) -> bool {
        match woken {
            Woken::Heard(Some(Heard::Event(event, at))) => return self.event(event, at),
            Woken::Heard(Some(Heard::Reply(reply))) => self.reply(&reply),
            // The terminal is gone; SIGHUP follows and decides.
            Woken::Heard(None) => self.input = None,
            Woken::Overdue => self.pictures.overdue(),
            Woken::Outside(Outside::Resized) => self.resized(),
            Woken::Outside(Outside::Suspended) => self.lend(|_| signals::stop_here()),
            Woken::Message(msg) => self.apply(msg),
            Woken::Picture => self.dirty = true,
            Woken::Written | Woken::FrameDue => {}
            Woken::Tick => self.apply(Msg::Ticked),
            Woken::Stop(stop) => self.signals.pending = Some(stop),
        }
        false
    }

    /// Takes everything else that is ready, for a few milliseconds at most.
    fn drain(&mut self) -> bool {
        let began = Instant::now();
        let mut urgent = false;
        let mut typed = keys::Typed::default();
        while began.elapsed() < BATCH && !self.quit {
            let heard = self.input.as_mut().and_then(Input::at_hand);
            if let Some(Heard::Reply(reply)) = &heard {
                self.reply(reply);
            } else if let Some(Heard::Event(event, at)) = heard {
                urgent = true;
                if let Some(event) = typed.gather(event, at, &self.state) {
                    self.flush(&mut typed);
                    self.event(event, at);
                }
            } else if let Ok(msg) = self.messages.try_recv() {
                self.apply(msg);
            } else {
                break;
            }
        }
        self.flush(&mut typed);
        urgent
    }

    fn flush(&mut self, typed: &mut keys::Typed) {
        if let Some((text, at)) = typed.take() {
            self.apply_at(at, Msg::Typed(text));
        }
    }

    fn event(&mut self, event: Event, at: Timestamp) -> bool {
        match event {
            Event::Key(key) => match keys::press(key) {
                Some(press) => {
                    self.apply_at(at, Msg::Pressed(press));
                    true
                }
                None => false,
            },
            Event::Paste(text) => {
                self.apply(Msg::Pasted(text));
                true
            }
            // SIGWINCH is listened to by the loop itself.
            Event::Resize(..) | Event::FocusGained | Event::FocusLost | Event::Mouse(_) => false,
        }
    }

    /// The terminal answered a question about pictures.
    fn reply(&mut self, reply: &Reply) {
        self.dirty |= self.pictures.heard(reply, self.screen.size());
        // ssh does not pass COLORTERM on, but the terminal itself can tell.
        if self.depth == Depth::Indexed
            && self.pictures.has_truecolor()
            && let Ok(styles) = theme::styles(&self.state.theme, Depth::True)
        {
            (self.styles, self.depth) = (styles, Depth::True);
        }
    }

    /// Sends the next piece of a picture, when nothing else is on its way to the terminal.
    fn pump(&mut self) {
        if !self.screen.is_busy()
            && let Some(piece) = self.pictures.piece()
        {
            self.screen.write(piece);
        }
        self.dirty |= self.pictures.wants_frame();
        if let Some(drawing) = self.pictures.news() {
            self.apply(Msg::Drawing(drawing));
        }
    }

    /// Several changes may be behind one signal; the terminal knows its size now.
    fn resized(&mut self) {
        let (width, height) = self.screen.resize();
        let clear = self.pictures.resized((width, height), self.screen.cell_pixels());
        self.screen.append(&clear);
        self.apply(Msg::Resized(width, height));
    }

    fn apply(&mut self, msg: Msg) {
        self.apply_at(Timestamp::now(), msg);
    }

    fn apply_at(&mut self, at: Timestamp, msg: Msg) {
        self.dirty = true;
        for effect in update(&mut self.state, at, msg) {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Quit => self.quit = true,
            Effect::Restyle(name) => match theme::styles(&name, self.depth) {
                Ok(styles) => self.styles = styles,
                Err(error) => self.state.complain(error.to_string()),
            },
            Effect::Draw(protocol) => {
                let screen = self.screen.resize();
                let clear = self.pictures.draw_by(protocol, screen);
                self.screen.append(&clear);
            }
            Effect::Edit(text) => self.edit(&text),
            Effect::Copy { text, what } => self.copy(&text, what),
            Effect::CopyCurl { ask, folder } => {
                match exchange::curl(&ask, folder.as_deref(), &self.state.setup.catalog) {
                    Ok(command) => self.copy(&command, "the curl command"),
                    Err(why) => self.state.complain(why),
                }
            }
            other => self.jobs.start(other, &self.state),
        }
    }

    fn copy(&mut self, text: &str, what: &str) {
        match clipboard::sequence(text) {
            Ok(bytes) => {
                self.screen.append(&bytes);
                self.state.say(format!("{what} was sent to the terminal's clipboard"));
            }
            Err(why) => self.state.complain(why),
        }
    }

    /// Hands the terminal to the editor. Calls in flight go on meanwhile.
    fn edit(&mut self, text: &str) {
        let hidden = self.jobs.key_names().to_vec();
        let edited = self.lend(|tty| editor::edit(text, tty, &hidden));
        // Ctrl+C in the editor reaches the whole foreground group; it was not meant for the calls in flight.
        self.signals.forget_interrupts();
        match edited {
            Ok(Some(text)) => self.apply(Msg::Edited(text)),
            Ok(None) => {}
            Err(why) => self.apply(Msg::Failed(why)),
        }
    }

    /// Gives the terminal away for a while, and draws everything anew after.
    fn lend<T>(&mut self, run: impl FnOnce(&File) -> T) -> T {
        if let Some(input) = &mut self.input {
            input.pause();
        }
        let result = self.screen.suspended(run);
        self.pictures.lost();
        if let Some(input) = &mut self.input {
            input.resume();
        }
        self.resized();
        result
    }

    /// A key is drawn at once, everything else at most every [`FRAME`].
    fn draw_when_due(&mut self, urgent: bool) -> anyhow::Result<()> {
        if self.dirty && !self.screen.is_busy() && (urgent || self.drawn_at.elapsed() >= FRAME) {
            self.draw()?;
        }
        Ok(())
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        let App { state, styles, pictures, screen, .. } = self;
        screen.draw(|frame| {
            let slot = view(state, styles, frame);
            pictures.place(slot, state, styles, frame.buffer_mut())
        })?;
        screen.note_pictures(pictures.leave());
        self.dirty = false;
        self.drawn_at = Instant::now();
        Ok(())
    }

    /// SIGHUP, SIGTERM, SIGINT: drawing ends, what is in flight may finish within a bound and is stored.
    async fn stop(mut self, stop: Stop) -> anyhow::Result<u8> {
        self.input = None;
        let (hangup, terminate) = (self.hangup, self.terminate);
        let bound = |stop| match stop {
            Stop::HungUp => hangup,
            Stop::Terminated => terminate,
            Stop::Interrupted | Stop::Quit => Duration::ZERO,
        };
        self.screen.leave();
        let signals = &mut self.signals;
        self.jobs.finish(bound(stop), async || bound(signals.next().await)).await;
        while let Ok(msg) = self.messages.try_recv() {
            // Work that would follow is not begun any more.
            let _effects = update(&mut self.state, Timestamp::now(), msg);
        }
        save::rescue(&self.state);
        Ok(stop.exit_code())
    }
}

/// Never, without a time.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// Running seconds change on the second, not somewhere in it.
fn to_next_second() -> Duration {
    let millis = Timestamp::now().as_millisecond().rem_euclid(1000) as u64;
    Duration::from_millis(1000 - millis)
}
