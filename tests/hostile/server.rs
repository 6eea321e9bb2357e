//! Two ends of a connection: a server that answers as a test says, and a port that nobody may connect to.

use crate::support::LIMIT;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// Keeps the heads of all requests.
pub struct Server {
    pub port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers each request by its head and the server's own port. What is no HTTP has an empty head.
    pub fn start(answer: impl Fn(&str, u16) -> Vec<u8> + Send + 'static) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (heads, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (written, stopped) = (Arc::clone(&heads), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = stream.expect("a connection");
                let head = read_head(&mut stream);
                let reply = answer(&head, port);
                written.lock().expect("no panic before").push(head);
                // A client that left is seen in what it reports.
                let _left = stream.write_all(&reply);
            }
        });
        Server { port, heads, stop, thread: Some(thread) }
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic before").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread up.
        let _woken = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

/// The body is read too: closing before it came would cut the answer off.
fn read_head(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(LIMIT)).expect("a time limit");
    let mut reader = BufReader::new(stream);
    let first = reader.fill_buf().ok().and_then(|bytes| bytes.first().copied());
    if first.is_none_or(|byte| !byte.is_ascii_uppercase()) {
        return String::new();
    }
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && reader.read_until(b'\n', &mut head).is_ok_and(|count| count > 0) {}
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = |line: &str| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<u64>().ok();
    let length = head.lines().find_map(length).unwrap_or(0);
    let _cut = io::copy(&mut reader.take(length), &mut io::sink());
    head
}

/// A connection waits in its queue, so none can be missed.
pub struct Victim(TcpListener);

impl Victim {
    pub fn new() -> Victim {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        Victim(listener)
    }

    pub fn port(&self) -> u16 {
        self.0.local_addr().expect("an address").port()
    }

    /// Whether nobody ever connected.
    pub fn is_untouched(&self) -> bool {
        matches!(self.0.accept(), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }
}

#[test]
fn a_victim_sees_a_connection_that_is_over() {
    let victim = Victim::new();
    assert!(victim.is_untouched());
    drop(TcpStream::connect((Ipv4Addr::LOCALHOST, victim.port())).expect("it listens"));
    assert!(!victim.is_untouched());
}
