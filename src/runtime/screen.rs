//! The terminal: entered, drawn to through a writer thread, and always left as it was found.

use super::tty;
use super::writer::{self, Writer};
use crate::preview::{Step, cell_pixels, take_stdout};
use crate::text::Safe;
use anyhow::Context;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

const BEGIN_SYNC: &[u8] = b"\x1b[?2026h";
const END_SYNC: &[u8] = b"\x1b[?2026l";
/// A frame below this size cannot be seen half-drawn: the brackets would only cost bytes on every key.
const SMALL_FRAME: usize = 512;
/// Characters of a line of a panic's words, and lines.
const LONGEST_WORDS: usize = 4000;
const MOST_WORDS: usize = 300;

/// The terminal for the panic hook, and whether it has to be restored.
static TTY: OnceLock<File> = OnceLock::new();
static ENTERED: AtomicBool = AtomicBool::new(false);
/// What takes our pictures away, for whoever leaves the terminal.
static PICTURES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Collects what ratatui writes.
#[derive(Clone, Default)]
struct Collected(Rc<RefCell<Vec<u8>>>);

impl Write for Collected {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub struct Screen {
    terminal: Terminal<CrosstermBackend<Collected>>,
    collected: Collected,
    writer: Writer,
    size: (u16, u16),
}

impl Screen {
    /// Takes the terminal over: raw mode, alternate screen, bracketed paste.
    pub fn enter() -> anyhow::Result<Screen> {
        let tty = take_stdout()?;
        let size = size_of(&tty);
        restore_on_panic(tty.try_clone()?);
        tty::raw().context("raw mode")?;
        ENTERED.store(true, Ordering::SeqCst);
        let collected = Collected::default();
        let mut screen =
            Screen { terminal: terminal(&collected, size)?, writer: Writer::start(tty, &ENTERED), collected, size };
        screen.opening()?;
        Ok(screen)
    }

    fn opening(&mut self) -> io::Result<()> {
        queue!(self.collected, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)
    }

    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Asks the terminal for its size; everything is drawn anew with the next frame, which `clear` has to come before.
    pub fn resize(&mut self) -> (u16, u16) {
        self.size = size_of(self.writer.tty());
        // Never `Terminal::clear`: it asks the terminal where the cursor is.
        if let Ok(terminal) = terminal(&self.collected, self.size) {
            self.terminal = terminal;
        }
        self.size
    }

    /// Pixels of a cell, where the terminal's driver knows them.
    pub fn cell_pixels(&self) -> Option<(u16, u16)> {
        cell_pixels(self.writer.tty())
    }

    /// Draws one frame, with what its picture needs before and after the text, and hands it to the writer.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame) -> Step) -> anyhow::Result<()> {
        let mut step = Step::default();
        let before = std::mem::take(&mut *self.collected.0.borrow_mut());
        self.terminal.draw(|frame| step = render(frame))?;
        let text = std::mem::take(&mut *self.collected.0.borrow_mut());
        self.send([before, step.before, text, step.after].concat());
        Ok(())
    }

    /// Writes bytes on their own, between two frames.
    pub fn write(&mut self, bytes: Vec<u8>) {
        self.writer.write(bytes);
    }

    /// Notes what takes our pictures away, should the terminal be left now.
    pub fn note_pictures(&self, leave: Vec<u8>) {
        if let Ok(mut pictures) = PICTURES.lock() {
            *pictures = leave;
        }
    }

    /// Bytes to go out with the next frame.
    pub fn append(&mut self, bytes: &[u8]) {
        self.collected.0.borrow_mut().extend_from_slice(bytes);
    }

    fn send(&mut self, bytes: Vec<u8>) {
        let frame = if bytes.len() < SMALL_FRAME { bytes } else { [BEGIN_SYNC, &bytes, END_SYNC].concat() };
        self.writer.write(frame);
    }

    /// Whether the last frame is still being written.
    pub fn is_busy(&self) -> bool {
        self.writer.is_busy()
    }

    /// Waits until it is written.
    pub async fn written(&self) {
        self.writer.written().await;
    }

    /// Gives the terminal to another program for a while.
    pub fn suspended<T>(&mut self, run: impl FnOnce(&File) -> T) -> T {
        self.give_back();
        let result = run(self.writer.tty());
        // A terminal that refuses raw mode now is gone; the next read says so.
        let _gone = tty::raw();
        ENTERED.store(true, Ordering::SeqCst);
        let _memory = self.opening();
        result
    }

    /// Restores the terminal; more than once does no harm.
    pub fn leave(&mut self) {
        self.give_back();
    }

    fn give_back(&self) {
        let takes_bytes = self.writer.wait();
        restore(self.writer.tty(), if takes_bytes { writer::STUCK } else { Duration::ZERO });
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

fn terminal(collected: &Collected, (width, height): (u16, u16)) -> io::Result<Terminal<CrosstermBackend<Collected>>> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
    Terminal::with_options(CrosstermBackend::new(collected.clone()), TerminalOptions { viewport })
}

fn size_of(tty: &File) -> (u16, u16) {
    let size = rustix::termios::tcgetwinsize(tty).map(|size| (size.ws_col, size.ws_row));
    // A terminal that does not know its size says 0×0.
    size.ok().filter(|(width, height)| *width > 0 && *height > 0).unwrap_or((80, 24))
}

/// A terminal that takes no bytes within `bound` gets none: writing to it would block for ever.
fn restore(tty: &File, bound: Duration) {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let line = writer::hold(bound);
    if line.is_none() {
        let _gone = rustix::termios::tcflush(tty, rustix::termios::QueueSelector::OFlush);
        tty::restore();
        return;
    }
    let mut bytes = END_SYNC.to_vec();
    bytes.extend(PICTURES.lock().map(|pictures| pictures.clone()).unwrap_or_default());
    let queued = queue!(bytes, DisableBracketedPaste, cursor::Show, LeaveAlternateScreen);
    // The terminal may be gone, and then there is nobody to tell.
    let _gone = queued.and_then(|()| (&*tty).write_all(&bytes));
    tty::restore();
}

/// A panic of the main thread leaves the terminal first, so that its message can be read. Tasks report theirs as a failure.
fn restore_on_panic(tty: File) {
    let main = std::thread::current().id();
    let _first = TTY.set(tty);
    std::panic::set_hook(Box::new(move |info| {
        let message = Safe::head_of(info, LONGEST_WORDS);
        if std::thread::current().id() != main {
            tracing::error!(info = %message, "a task panicked");
            return;
        }
        tracing::error!(info = %message, "the main thread panicked");
        if let Some(tty) = TTY.get() {
            restore(tty, writer::STUCK);
        }
        // Not by a macro, which would panic where nobody reads.
        let _unread = io::stderr().write_all(last_words(info).as_bytes());
    }));
}

/// What a panic says, and the way there where `RUST_BACKTRACE` asks for it. A message may quote foreign text.
fn last_words(info: &PanicHookInfo) -> String {
    let trace = Backtrace::capture();
    let way = match trace.status() {
        BacktraceStatus::Captured => trace.to_string(),
        _ => "note: RUST_BACKTRACE=1 shows the way there".to_owned(),
    };
    let words = format!("the main thread {info}\n{way}");
    let lines = words.lines().take(MOST_WORDS);
    lines.map(|line| format!("{}\n", Safe::head(line, LONGEST_WORDS))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Key;
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use std::io::Read;

    const NAME: &str = "runtime::screen::tests::a_panic_leaves_the_terminal_as_it_was_and_shows_no_key";
    /// Set in the process that this test starts of itself, in a terminal of its own.
    const INSIDE: &str = "UNPEEL_TEST_PANIC";
    const KEY: &str = "sk-ThisMustNotBeSeen0123456789";

    fn enter_and_panic() {
        let key = Key::new(KEY).expect("a key");
        let mut screen = Screen::enter().expect("a terminal");
        let drawn = screen.draw(|frame| {
            frame.render_widget("in the app", frame.area());
            Step::default()
        });
        drawn.expect("drawn");
        screen.note_pictures(b"<pictures away>".to_vec());
        // A frame is on its way, and must not come after the terminal is left.
        panic!("on purpose, with {key:?}\nand foreign text: \u{1b}]0;owned\u{7} \u{202e}");
    }

    #[test]
    fn a_panic_leaves_the_terminal_as_it_was_and_shows_no_key() {
        if std::env::var_os(INSIDE).is_some() {
            return enter_and_panic();
        }
        let pair = native_pty_system().openpty(PtySize::default()).expect("a pseudo-terminal");
        let modes = || format!("{:?}", pair.master.get_termios().expect("modes"));
        let before = modes();
        let mut command = CommandBuilder::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", NAME, "--nocapture", "--test-threads=1"]);
        command.env(INSIDE, "1");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let mut child = pair.slave.spawn_command(command).expect("started");
        let read = std::thread::spawn(move || {
            let mut all = Vec::new();
            // An error is the end of the terminal.
            let _end = reader.read_to_end(&mut all);
            String::from_utf8_lossy(&all).into_owned()
        });
        assert!(!child.wait().expect("ended").success());
        assert_eq!(modes(), before);
        drop(pair.slave);
        let written = read.join().expect("read");
        let (inside, after) = written.split_once("\x1b[?1049l").unwrap_or_else(|| panic!("never left: {written:?}"));
        assert!(inside.contains("<pictures away>"), "{inside:?}");
        assert!(!after.contains("\x1b[?1049h"), "{after:?}");
        assert!(after.contains("src/runtime/screen.rs:"), "the place can be read: {after:?}");
        assert!(after.contains("on purpose, with "), "the message can be read: {after:?}");
        assert!(after.contains("\r\nand foreign text: ␛]0;owned␇ ⟨U+202E⟩\r\n"), "and is harmless: {after:?}");
        assert!(!written.contains("\u{1b}]0;") && !written.contains('\u{202e}'), "{written:?}");
        assert!(!written.contains(&KEY[..12]), "{written:?}");
    }
}
