//! What the gateway remembers: requests counted and logged, money spent.

use super::auth::{self, Trace};
use super::journal::{Booking, Journal};
use super::knock::Knock;
use super::query;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Counters and the request log of one running demo.
#[derive(Debug)]
pub struct Ledger {
    started: Instant,
    requests: AtomicU64,
    journal: Mutex<Journal>,
    log: Option<Mutex<File>>,
}

/// A request, as a line of the log.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Arrival<'a> {
    n: u64,
    t: f64,
    method: &'a str,
    path: &'a str,
    query: String,
    headers: BTreeMap<String, String>,
    key: Option<Trace>,
    body_bytes: usize,
    body_sha256: String,
    scene: Option<&'a str>,
    /// The client left before its request was whole: there is no answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
}

/// A reply whose last byte was written, as a line of the log.
#[derive(Debug, Serialize)]
pub struct Receipt {
    pub n: u64,
    pub done: bool,
    pub bytes: u64,
    pub sha256: String,
}

impl Ledger {
    /// Starts to count, and to log when there is a path: onto the end of a file that exists.
    pub fn open(path: Option<&Path>) -> io::Result<Ledger> {
        let log = path.map(|path| File::options().create(true).append(true).open(path)).transpose()?;
        Ok(Ledger {
            started: Instant::now(),
            requests: AtomicU64::new(0),
            journal: Mutex::default(),
            log: log.map(Mutex::new),
        })
    }

    /// The number of the next request, from 1.
    pub fn next_number(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Whether anybody reads receipts.
    pub fn logs(&self) -> bool {
        self.log.is_some()
    }

    /// Books a call.
    pub fn book(&self, booking: Booking) {
        self.journal().book(booking);
    }

    /// What was booked; not to be held for long.
    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs a request. `cut` says that only a part of it came.
    pub fn arrived(&self, knock: &Knock, scene: Option<&str>, cut: bool) {
        if !self.logs() {
            return;
        }
        self.write(&Arrival {
            n: knock.number,
            t: self.started.elapsed().as_secs_f64(),
            method: knock.method.as_str(),
            path: knock.path,
            query: query::without(knock.query, "key"),
            headers: auth::harmless(knock.headers),
            key: auth::find(knock.headers, knock.query).map(|credential| credential.trace()),
            body_bytes: knock.body.len(),
            body_sha256: format!("{:x}", Sha256::digest(knock.body)),
            scene,
            cut,
        });
    }

    /// Logs that a reply went out whole.
    pub fn sent(&self, receipt: &Receipt) {
        self.write(receipt);
    }

    fn write(&self, entry: &impl Serialize) {
        let (Some(log), Ok(mut line)) = (&self.log, serde_json::to_vec(entry)) else { return };
        line.push(b'\n');
        let mut file = log.lock().unwrap_or_else(PoisonError::into_inner);
        // One write a line, so that a reader never sees half of one; a full disk must not stop the gateway.
        if let Err(error) = file.write_all(&line).and_then(|()| file.flush()) {
            tracing::warn!(%error, "the request log cannot be written");
        }
    }
}
