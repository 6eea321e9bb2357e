//! What tests of the real program share: a home of its own for every run, a demo, a listener, and waiting for a condition.

use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use unpeel::wire::blob::Data;

pub const UNPEEL: &str = env!("CARGO_BIN_EXE_unpeel");
/// Long enough for any machine: it only ends tests that would hang.
pub const LIMIT: Duration = Duration::from_secs(20);

/// Looks until there is something to see; fails the test when there never is.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(began.elapsed() < LIMIT, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Lower-case hex of the bytes' SHA-256.
pub fn sha256(bytes: &[u8]) -> String {
    Data::of(bytes).sha256
}

/// Folders of its own, and an environment that holds nothing else.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Home {
        Home(tempfile::Builder::new().prefix("unpeel-test-").tempdir().expect("a temporary folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// Writes the user's configuration.
    pub fn configure(&self, toml: &str) -> PathBuf {
        let folder = self.path("config/unpeel");
        fs::create_dir_all(&folder).expect("a new folder");
        let file = folder.join("config.toml");
        fs::write(&file, toml).expect("a new file");
        file
    }

    pub fn env(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("PATH", std::env::var_os("PATH").unwrap_or_default()),
            ("TERM", "xterm-256color".into()),
            ("LANG", "C.UTF-8".into()),
            ("HOME", self.path("").into()),
            ("XDG_CONFIG_HOME", self.path("config").into()),
            ("UNPEEL_STATE_DIR", self.state().into()),
        ]
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(UNPEEL);
        command.args(args).env_clear().envs(self.env()).current_dir(self.path(""));
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[], b"")
    }

    /// Runs the program to its end, with more variables and something on stdin.
    pub fn run_with(&self, args: &[&str], env: &[(&str, &str)], stdin: &[u8]) -> Ran {
        let mut command = assert_cmd::Command::from_std(self.command(args));
        command.envs(env.iter().copied()).write_stdin(stdin.to_vec()).timeout(3 * LIMIT);
        let output = command.output().expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Folders of the exchanges, oldest first.
    pub fn exchanges(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.state().join("exchanges")) else { return vec![] };
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        folders.retain(|folder| folder.is_dir());
        folders.sort();
        folders
    }
}

/// How a run ended; `code` is `None` when it had to be killed.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The one JSON object on stdout.
    pub fn json(&self) -> Value {
        assert_eq!(self.stdout.matches('\n').count(), 1, "one line: {self:?}");
        let value: Value = serde_json::from_str(&self.stdout).expect("JSON on stdout");
        assert!(value.is_object(), "{value}");
        value
    }

    pub fn last_line(&self) -> &str {
        self.stderr.lines().last().unwrap_or_default()
    }
}

/// A demo gateway in a process of its own, with a request log.
pub struct DemoChild {
    pub base: String,
    home: Home,
    child: Child,
}

impl DemoChild {
    pub fn start(more: &[&str]) -> DemoChild {
        let home = Home::new();
        let mut command = home.command(&["demo", "--port", "0", "--request-log", "requests.jsonl"]);
        command.args(more).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn().expect("the demo starts");
        let mut demo = DemoChild { base: String::new(), home, child };
        let mut line = String::new();
        let stdout = demo.child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("a first line");
        demo.base = line.trim_end().strip_prefix("listening ").expect("where it listens").to_owned();
        demo
    }

    /// The lines of the request log; one that is being written is left out.
    fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.home.path("requests.jsonl")).expect("a request log");
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Every request that came.
    pub fn requests(&self) -> Vec<Value> {
        self.log().into_iter().filter(|line| line["method"].is_string()).collect()
    }

    pub fn posts(&self) -> Vec<Value> {
        self.log().into_iter().filter(|line| line["method"] == "POST").collect()
    }

    /// The `done` line of a request's reply.
    pub fn receipt(&self, request: &Value) -> Value {
        let is_it = |line: &Value| line["n"] == request["n"] && line["done"] == true;
        wait_for("the reply's receipt", || self.log().into_iter().find(is_it))
    }
}

impl Drop for DemoChild {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// One request as it came over the wire.
#[derive(Debug, Clone)]
pub struct Seen {
    pub head: String,
    pub body: Vec<u8>,
}

impl Seen {
    /// `POST /path HTTP/1.1`
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut pairs = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        pairs.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

/// A socket on loopback that writes down every connection and answers it with the given bytes.
pub struct Listener {
    pub base: String,
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    pub fn answering(answer: Vec<u8>) -> Listener {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (seen, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (written, stopped) = (Arc::clone(&seen), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = stream.expect("a connection");
                let request = read_request(&mut stream);
                written.lock().expect("no panic before").push(request);
                // A client that left is seen in what it reports.
                let _left = stream.write_all(&answer);
            }
        });
        Listener { base: format!("http://{address}"), address, seen, stop, thread: Some(thread) }
    }

    /// Answers 200 with a JSON body.
    pub fn with_body(body: &str) -> Listener {
        Listener::answering(http("200 OK", "content-type: application/json\r\n", body))
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic before").clone()
    }

    /// The only connection there was.
    pub fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread up.
        let _woken = TcpStream::connect(self.address);
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

/// A reply as bytes; `headers` end with a line end each.
pub fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}").into_bytes()
}

fn read_request(stream: &mut TcpStream) -> Seen {
    stream.set_read_timeout(Some(LIMIT)).expect("a time limit");
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).expect("a line of the head") > 0 {}
    let mut seen = Seen { head, body: Vec::new() };
    let length = seen.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    seen.body.resize(length, 0);
    reader.read_exact(&mut seen.body).expect("the whole body");
    seen
}

/// Every file below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}
