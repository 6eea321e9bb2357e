//! A command that prints a key: run without a terminal's input, for a limited time, its messages kept apart from the key.

use super::watch::Watch;
use crate::secret::{Key, Mask};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::zeroize::Zeroizing;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Bytes that are kept of what a command prints; the rest is read and dropped, so that it never waits for a reader.
const KEPT: usize = 64 << 10;

/// Characters of a command's messages that are shown.
const SHOWN: usize = 400;

/// How often a command is looked at that neither prints nor ends.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };

/// What a command printed that ended well.
#[derive(Debug)]
pub struct Said {
    /// The first line of its standard output.
    pub key: Key,
    /// The first lines of its standard error, without the key; not yet safe for a terminal.
    pub aside: Option<String>,
}

/// Runs a command through `sh`, without the variables in `hidden`. It fails with a sentence, and gives no key then: when
/// it cannot be started, takes longer than `limit`, ends with another status than 0, or prints no usable first line.
///
/// It has a process group of its own, so that all it started can be ended with it. For the terminal that is a background
/// job: what asks there for a passphrase is stopped until the limit ends it. Agents that ask in a window are fine. Neither
/// Ctrl+C nor the end of this process reaches it by itself: a [`Watch`] sees to that.
pub fn run(command: &str, hidden: &[String], limit: Duration) -> Result<Said, String> {
    let mut child = shell(command, hidden).spawn().map_err(|error| format!("sh cannot be started: {error}"))?;
    // It runs all the same where there is no room for a second process.
    let _watch = Watch::over(&child, hidden);
    let mut out = Pipe::new(child.stdout.take()).map_err(|error| error.to_string());
    let mut err = Pipe::new(child.stderr.take()).map_err(|error| error.to_string());
    let ended = match (&mut out, &mut err) {
        (Ok(out), Ok(err)) => wait(&mut child, out, err, limit),
        (Err(why), _) | (_, Err(why)) => Err(why.clone()),
    };
    if ended.is_err() {
        end(&mut child);
    }
    let (out, err) = (out?, err?);
    let torn = out.kept.len() == KEPT && !out.kept.contains(&b'\n');
    let line = first_line(&out.kept).filter(|_| !torn);
    let key = line.and_then(Key::new);
    let aside = aside(&err.kept, key.as_ref());
    let status = ended.map_err(|why| match &aside {
        Some(aside) => format!("{why}; {aside}"),
        None => why,
    })?;
    if !status.success() {
        return Err(format!("{status}; {}", aside.unwrap_or_else(|| "it said nothing".to_owned())));
    }
    key.map(|key| Said { key, aside }).ok_or_else(|| match line {
        _ if torn => format!("the first line that it printed is longer than {KEPT} bytes"),
        Some("") => "the first line that it printed is empty".to_owned(),
        _ => "the first line that it printed is no text, or holds control characters".to_owned(),
    })
}

/// The first line, without white space around it; `None` when it is no text.
pub fn first_line(bytes: &[u8]) -> Option<&str> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(line).ok().map(str::trim)
}

/// A command of `sh` with its output to be read.
pub fn shell(command: &str, hidden: &[String]) -> Command {
    let mut shell = Command::new("sh");
    for name in hidden {
        shell.env_remove(name);
    }
    shell.arg("-c").arg(command).process_group(0);
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell
}

/// Waits for the command itself: what it left running in the background may hold its pipes open for ever.
fn wait(
    child: &mut Child,
    out: &mut Pipe<impl Read + AsFd>,
    err: &mut Pipe<impl Read + AsFd>,
    limit: Duration,
) -> Result<ExitStatus, String> {
    let failed = |error: io::Error| error.to_string();
    let begun = Instant::now();
    loop {
        let ended = child.try_wait().map_err(failed)?;
        // After the end, since the last words may have come just before it.
        out.take().and_then(|()| err.take()).map_err(failed)?;
        if let Some(status) = ended {
            return Ok(status);
        }
        if begun.elapsed() >= limit {
            return Err(format!("it took longer than {} s and was ended", limit.as_secs_f32()));
        }
        let mut open: Vec<PollFd<'_>> = [out.fd(), err.fd()].into_iter().flatten().collect();
        // Interrupted, it is only looked at sooner.
        let _ready = poll(&mut open, Some(&TICK));
    }
}

fn end(child: &mut Child) {
    // Fails when it has just ended by itself.
    let _gone = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _status = child.wait();
}

/// One end of a pipe, and the beginning of what came through; wiped when it is dropped.
struct Pipe<R> {
    from: Option<R>,
    kept: Zeroizing<Vec<u8>>,
}

impl<R: Read + AsFd> Pipe<R> {
    fn new(from: Option<R>) -> io::Result<Pipe<R>> {
        if let Some(from) = &from {
            rustix::io::ioctl_fionbio(from, true)?;
        }
        // All at once: a buffer that grows leaves copies behind.
        Ok(Pipe { from, kept: Zeroizing::new(Vec::with_capacity(KEPT)) })
    }

    /// Takes what is there, and no more than a pipe holds: who prints without end must meet the limit.
    fn take(&mut self) -> io::Result<()> {
        let mut chunk = Zeroizing::new([0_u8; 4096]);
        for _ in 0..KEPT / chunk.len() {
            let Some(from) = &mut self.from else { break };
            match from.read(&mut chunk[..]) {
                Ok(0) => self.from = None,
                Ok(count) => {
                    let room = KEPT - self.kept.len();
                    self.kept.extend_from_slice(&chunk[..count.min(room)]);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn fd(&self) -> Option<PollFd<'_>> {
        self.from.as_ref().map(|from| PollFd::new(from, PollFlags::IN))
    }
}

/// The first lines of the messages as one, without the key.
fn aside(messages: &[u8], key: Option<&Key>) -> Option<String> {
    let text = Mask::new(key).text(&String::from_utf8_lossy(messages));
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let all = lines.join("; ");
    let shown: String = all.chars().take(SHOWN).collect();
    let more = if shown.len() < all.len() { "…" } else { "" };
    (!all.is_empty()).then(|| format!("{shown}{more}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    fn failure(command: &str, limit: Duration) -> String {
        run(command, &[], limit).expect_err("it fails")
    }

    #[test]
    fn the_first_line_is_the_key_and_the_rest_is_dropped() {
        for command in [
            "echo ' sk-12345678 '; echo more",
            "printf sk-12345678",
            "echo sk-12345678; head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2",
            "sleep 3 & echo sk-12345678",
        ] {
            assert_eq!(run(command, &[], LONG).expect("it works").key.expose(), "sk-12345678", "{command}");
        }
        let said = run("echo 'agent: sk-12345678 is old' >&2; echo sk-12345678", &[], LONG).expect("it works");
        assert_eq!(said.aside.as_deref(), Some("agent: *********** is old"));
    }

    #[test]
    fn a_failure_gives_a_reason_and_no_key() {
        for (command, part) in [
            ("echo locked >&2; echo >&2; echo ' ask again' >&2; exit 3", "exit status: 3; locked; ask again"),
            ("echo sk-12345678; echo 'no sk-12345678' >&2; exit 1", "no ***********"),
            ("kill -9 $$", "signal: 9"),
            ("exit 2", "it said nothing"),
            ("echo; echo sk-12345678", "is empty"),
            ("true", "is empty"),
            (r"printf 'a\tb\n'", "control characters"),
            (r"printf '\377\n'", "no text"),
            ("head -c 70000 /dev/zero | tr '\\0' a", "longer than 65536 bytes"),
        ] {
            let why = failure(command, LONG);
            assert!(why.contains(part) && !why.contains("sk-12345678"), "{command}: {why}");
        }
        let long = failure("head -c 9000 /dev/zero | tr '\\0' x >&2; exit 1", LONG);
        assert!(long.chars().count() < 500 && long.ends_with('…'), "{long}");
    }

    #[test]
    fn a_command_that_does_not_end_is_ended() {
        let limit = Duration::from_millis(200);
        for command in ["sleep 60", "sleep 60; echo sk-12345678", "echo sk-12345678; yes", "yes >&2", "sleep 60 | cat"]
        {
            let why = failure(command, limit);
            assert!(why.contains("longer than 0.2 s"), "{command}: {why}");
        }
        let why =
            failure("echo sk-12345678; echo 'touch the card, not sk-12345678' >&2; sleep 60", Duration::from_secs(1));
        assert!(why.ends_with("was ended; touch the card, not ***********"), "{why}");
    }

    #[test]
    fn other_keys_are_no_part_of_its_environment() {
        let name = "CARGO_MANIFEST_DIR";
        let seen = |hidden: &[String]| {
            let said = run(&format!("echo key-${{{name}-none}}"), hidden, LONG).expect("it works");
            said.key.expose() != "key-none"
        };
        assert!(!seen(&[name.to_owned()]));
        assert_eq!(seen(&[]), std::env::var_os(name).is_some());
    }
}
