//! One call from record to verdict: on disk before it is sent, the body while it arrives, judged and settled at the end.
//!
//! The app and `unpeel send` share it. Nothing here is retried.

mod bundle;
mod compare;
mod copy;
mod curl;
mod fetch;
mod har;
mod prepare;
mod recall;
mod redact;
mod reread;
mod settle;
mod shelf;
mod support;
mod unpack;
mod witness;

pub use bundle::ExportError;
pub use compare::compare;
pub use copy::{Copied, copy, copy_into, keep_somewhere};
pub use curl::curl;
pub use fetch::{FetchedPicture, Wanted, fetch, hosted};
pub use prepare::{Prepared, Refused, body, prepare};
pub use recall::{judge, recall};
pub use reread::reread;
pub use settle::Settled;
pub use shelf::Shelf;
pub use support::Files;
pub use unpack::unpack;
pub use witness::note;

use crate::call::{Progress, Stage, Times};
use crate::catalog::Catalog;
use crate::client::{self, Event};
use crate::secret::Mask;
use crate::store::{Meta, Phase, Record, Store, StoreError, Timings};
use crate::wire::MOST_BODY;
use crate::wire::verdict::Ending;
use bytes::Bytes;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;
use tokio::task::block_in_place;

/// What a call needs besides what it asks for.
#[derive(Clone)]
pub struct Means {
    pub store: Option<Store>,
    pub catalog: Arc<Catalog>,
    pub limits: client::Limits,
    /// Variables that hold keys of any profile: kept from commands that are run for another one.
    pub key_names: Vec<String>,
    /// Saved copies get their history written into them too.
    pub captions: bool,
    /// Hosts that the guard of hosted links lets pass.
    pub fetch_allow: Vec<String>,
    /// Of every call it is looked up what the gateway booked.
    pub reconcile: bool,
    /// What may be booked beside what was expected, as a share of it.
    pub drift: f64,
}

/// A call while it runs.
struct Running {
    record: Option<Record>,
    meta: Meta,
    notes: Vec<String>,
    mask: Mask,
    masked_in_headers: usize,
    /// The body as received, echoes of the key masked.
    body: Vec<u8>,
    status: Option<u16>,
    headers: Vec<(String, String)>,
    started: Instant,
    times: Times,
    up: u64,
    down: u64,
    size: u64,
    /// The store did not take all of the body.
    torn: bool,
    /// What the store refused while the body arrived.
    refused: Option<String>,
    /// Bytes at the end of the stored body that the mask still holds back.
    early: Vec<u8>,
}

/// So few bytes of what may be a key are no secret.
const HARMLESS: usize = 7;

/// Runs a prepared call to its end. Cancelling closes the connection and is an outcome like any other.
///
/// # Errors
/// [`Refused::NotStored`] when there is a store that did not take the request; nothing was sent then.
pub async fn run(
    prepared: Prepared,
    means: &Means,
    cancel: oneshot::Receiver<()>,
    on: &mut (dyn FnMut(Progress) + Send),
) -> Result<Settled, Refused> {
    let mut running = block_in_place(|| begin(&prepared, means))?;
    on(Progress::Recorded { id: running.record.as_ref().map(|r| r.id().to_owned()).unwrap_or_default() });
    on(Progress::Moved { stage: Stage::Connecting, up: 0, down: 0 });
    let ending = {
        let mut take = |event: Event| running.take(event).map(&mut *on);
        tokio::select! {
            biased;
            ending = client::post(&prepared.post, &mut take) => ending,
            Ok(()) = cancel => Ending::Cancelled { sent: true },
        }
    };
    let ending = match ending {
        Ending::Cancelled { .. } => Ending::Cancelled { sent: running.up > 0 },
        other => other,
    };
    running.times.done = Some(running.elapsed());
    Ok(block_in_place(|| settle::settle(running, &prepared, means, ending)))
}

fn begin(prepared: &Prepared, means: &Means) -> Result<Running, Refused> {
    let now = Timestamp::now();
    let record = means.store.as_ref().map(|store| store.begin(now, &prepared.meta, &prepared.post.body)).transpose()?;
    Ok(Running {
        record,
        meta: prepared.meta.clone(),
        notes: prepared.notes.clone(),
        mask: Mask::new(prepared.post.key.as_ref()),
        masked_in_headers: 0,
        body: Vec::new(),
        status: None,
        headers: Vec::new(),
        started: Instant::now(),
        times: Times::default(),
        up: 0,
        down: 0,
        size: prepared.post.body.len() as u64,
        torn: false,
        refused: None,
        early: Vec::new(),
    })
}

impl Running {
    fn elapsed(&self) -> f64 {
        self.started.elapsed().as_secs_f64() * 1000.0
    }

    fn take(&mut self, event: Event) -> Result<Progress, String> {
        let stage = match event {
            Event::Leaving => {
                let now = self.elapsed();
                self.times.connect.get_or_insert(now);
                // From here on a crash leaves an exchange that may be billed, and the record has to say so.
                self.note_phase(Phase::Sent)
                    .map_err(|error| format!("the record cannot say that it is sent: {error}"))?;
                Stage::Sending
            }
            Event::Up(bytes) => {
                self.up = bytes;
                if bytes >= self.size {
                    self.times.sent = Some(self.elapsed());
                    Stage::Waiting
                } else {
                    Stage::Sending
                }
            }
            Event::Head { status, headers } => {
                self.times.first_byte = Some(self.elapsed());
                self.status = Some(status);
                self.take_headers(headers);
                Stage::Receiving
            }
            Event::Down(bytes) => {
                if self.body.len() + bytes.len() > MOST_BODY {
                    return Err(format!(
                        "the reply is longer than {MOST_BODY} bytes, the most that is read; its beginning is stored"
                    ));
                }
                self.take_bytes(&bytes);
                Stage::Receiving
            }
        };
        Ok(Progress::Moved { stage, up: self.up, down: self.down })
    }

    fn take_headers(&mut self, headers: Vec<(String, String)>) {
        let length = headers
            .iter()
            .find(|(name, _)| name == "content-length")
            .and_then(|(_, value)| value.parse::<usize>().ok());
        // A hint only: a server may promise anything.
        self.body.reserve(length.unwrap_or(0).min(64 << 20));
        let masked = headers.into_iter().map(|(name, value)| (self.mask.text(&name), self.mask.text(&value)));
        self.headers = masked.collect();
        self.masked_in_headers = self.mask.found();
        if self.masked_in_headers > 0 {
            self.meta.masked.push("headers".to_owned());
        }
        self.meta.status = self.status;
        self.meta.headers.clone_from(&self.headers);
        if let Err(error) = self.note_phase(Phase::Receiving) {
            self.notes.push(error.to_string());
        }
    }

    fn note_phase(&mut self, phase: Phase) -> Result<(), StoreError> {
        let times = self.times;
        self.meta.phase = phase;
        self.meta.timings_ms =
            Timings { connect: times.connect, sent: times.sent, first_byte: times.first_byte, done: times.done };
        let (record, meta) = (&mut self.record, &self.meta);
        block_in_place(|| record.as_mut().map_or(Ok(()), |record| record.update(meta)))
    }

    fn take_bytes(&mut self, bytes: &Bytes) {
        self.down += bytes.len() as u64;
        let safe = self.mask.push(bytes);
        self.keep(&safe);
    }

    /// Takes the rest that the mask held back.
    fn take_last(&mut self) {
        let rest = self.mask.finish();
        self.keep(&rest);
    }

    /// Appends to the store and to memory; a full disk costs the stored copy, never the picture.
    fn keep(&mut self, safe: &[u8]) {
        self.body.extend_from_slice(safe);
        let stored = self.keep_stored(safe);
        if let Err(error) = stored {
            // The first says why; the end of the call says what became of the stored copy.
            self.torn = true;
            self.refused.get_or_insert(error.to_string());
        }
    }

    /// Appends what is new, and the few bytes that the mask holds back because a key might begin there: a reply that
    /// stalls at such a place is on disk whole. When it was a key after all, the stored body is written anew.
    fn keep_stored(&mut self, safe: &[u8]) -> Result<(), StoreError> {
        let Some(record) = &mut self.record else { return Ok(()) };
        let held = self.mask.held();
        let known = self.early.len().min(safe.len());
        if self.early[..known] != safe[..known] || !held.starts_with(&self.early[known..]) {
            self.early.clear();
            return record.replace_body(&self.body);
        }
        let mut news = safe[known..].to_vec();
        self.early.drain(..known);
        if held.len() <= HARMLESS {
            news.extend_from_slice(&held[self.early.len()..]);
            self.early = held.to_vec();
        }
        if news.is_empty() { Ok(()) } else { record.append(&news) }
    }
}
