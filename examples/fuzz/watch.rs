//! The input under execution stands in a file, so that a hang, a full stack or a lack of memory leaves it behind.

use crate::trial;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// An execution that takes longer does not end.
const HANG: Duration = Duration::from_secs(20);

/// Writes inputs down before they are executed, and ends the process when one hangs. Its end removes the file.
pub struct Watch {
    file: File,
    path: PathBuf,
    clock: Arc<Clock>,
}

struct Clock {
    start: Instant,
    /// When the execution began, in milliseconds after `start`; 0 between executions.
    began: AtomicU64,
}

impl Clock {
    fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64 + 1
    }
}

impl Watch {
    /// The file is `{target}-{process}.running` in `out`.
    pub fn start(target: &'static str, out: &Path) -> io::Result<Watch> {
        let path = out.join(format!("{target}-{}.running", std::process::id()));
        let clock = Arc::new(Clock { start: Instant::now(), began: AtomicU64::new(0) });
        let (watched, running) = (Arc::downgrade(&clock), path.clone());
        thread::Builder::new().name("watch".to_owned()).spawn(move || guard(&watched, target, &running))?;
        Ok(Watch { file: File::create(&path)?, path, clock })
    }

    pub fn begin(&mut self, input: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(input)?;
        self.file.set_len(input.len() as u64)?;
        self.clock.began.store(self.clock.now(), Ordering::Relaxed);
        Ok(())
    }

    pub fn end(&self) {
        self.clock.began.store(0, Ordering::Relaxed);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Where it cannot be removed, it is an input like any other.
        let _left = fs::remove_file(&self.path);
    }
}

/// Looks at the clock until nobody else has it. What counts is the processor's time, where it is told: a process that does
/// not get its turn hangs in nothing.
fn guard(watched: &Weak<Clock>, target: &str, running: &Path) {
    let mut execution = (0, None);
    while let Some(clock) = watched.upgrade() {
        let began = clock.began.load(Ordering::Relaxed);
        if execution.0 != began {
            execution = (began, trial::processor_time());
        }
        let waited = Duration::from_millis(clock.now().saturating_sub(began));
        let used = trial::processor_time().zip(execution.1).map_or(waited, |(now, then)| now - then);
        if began > 0 && waited > HANG && used > HANG {
            let kept = running.with_extension("hang.bin");
            let path = if fs::rename(running, &kept).is_ok() { kept.as_path() } else { running };
            println!("{target}: FINDING, no end after {} s", HANG.as_secs());
            println!("  {}", trial::replay(target, path));
            std::process::exit(1);
        }
        drop(clock);
        thread::sleep(Duration::from_secs(1));
    }
}
