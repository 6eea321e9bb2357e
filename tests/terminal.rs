//! The real program in a pseudo-terminal: everything it writes goes to a VT parser, and nothing is ever answered.

use super::support::{Home, UNPEEL, wait_for};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::thread;

pub struct Terminal {
    pub home: Home,
    /// The terminal's modes when the program was not yet there.
    pub before: String,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    parser: Arc<Mutex<vt100::Parser>>,
    /// All that the program wrote.
    raw: Arc<Mutex<Vec<u8>>>,
    /// Kept open, so that the terminal outlives the program and can be looked at.
    _slave: Box<dyn SlavePty + Send>,
}

impl Terminal {
    /// Starts the program at columns × rows.
    pub fn start(home: Home, (columns, rows): (u16, u16), args: &[&str], env: &[(&str, &str)]) -> Terminal {
        let pair = native_pty_system().openpty(size(columns, rows)).expect("a pseudo-terminal");
        let before = modes(&*pair.master);
        let mut command = CommandBuilder::new(UNPEEL);
        command.args(args);
        command.env_clear();
        command.cwd(home.path(""));
        for (name, value) in home.env() {
            command.env(name, value);
        }
        for (name, value) in env {
            command.env(name, value);
        }
        let parser = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let screen = Arc::clone(&parser);
        let raw = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&raw);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // An error is the end of the terminal.
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                written.lock().expect("no panic before").extend_from_slice(&bytes[..count]);
                screen.lock().expect("no panic before").process(&bytes[..count]);
            }
        });
        let writer = pair.master.take_writer().expect("a writer");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        Terminal { home, before, master: pair.master, child, writer, parser, raw, _slave: pair.slave }
    }

    /// The app with no key configured, once it is drawn.
    pub fn app(size: (u16, u16), config: &str) -> Terminal {
        let home = Home::new();
        home.configure(config);
        let terminal = Terminal::start(home, size, &[], &[]);
        terminal.wait_text("demo http://127.0.0.1:");
        terminal
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).expect("the terminal takes keys");
        self.writer.flush().expect("the terminal takes keys");
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.parser.lock().expect("no panic before").screen_mut().set_size(rows, columns);
        self.master.resize(size(columns, rows)).expect("a new size");
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("it runs");
    }

    fn pid(&self) -> Pid {
        let pid = self.child.process_id().and_then(|pid| i32::try_from(pid).ok());
        pid.and_then(Pid::from_raw).expect("a process id")
    }

    /// The terminal's modes (echo, line by line, …) now.
    pub fn modes(&self) -> String {
        modes(&*self.master)
    }

    /// Every byte that arrived so far.
    pub fn raw(&self) -> Vec<u8> {
        self.raw.lock().expect("no panic before").clone()
    }

    pub fn text(&self) -> String {
        self.look(vt100::Screen::contents)
    }

    pub fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.parser.lock().expect("no panic before").screen())
    }

    pub fn wait_text(&self, wanted: &str) {
        let what = format!("{wanted:?} on the screen");
        wait_for(&what, || self.text().contains(wanted).then_some(()));
    }

    /// Waits for the program's end and for what it wrote last.
    pub fn exit_code(&mut self) -> u32 {
        let status = wait_for("the end of the program", || self.child.try_wait().expect("a child"));
        status.exit_code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Only while it is ours: the id of a program that was waited for may belong to another.
        if let Ok(None) = self.child.try_wait() {
            let _ended = kill_process(self.pid(), Signal::KILL);
            let _reaped = self.child.wait();
        }
    }
}

fn modes(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().expect("a terminal has modes"))
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}
