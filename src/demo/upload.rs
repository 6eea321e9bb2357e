//! Reading request bodies: bounded, and slowly where a scene wants that.

use super::scene;
use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::io::{self, Read};
use std::time::Duration;

/// More than any call needs.
const LIMIT: usize = 128 * 1024 * 1024;
/// No `[scene:ID]` is longer, so this much of what came before may hold the start of one.
const OVERLAP: usize = 64;

/// A request body, as far as it came.
#[derive(Debug)]
pub struct Upload {
    pub bytes: Vec<u8>,
    pub end: End,
}

/// Why reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Whole,
    /// The client broke off.
    Cut,
    TooLarge,
}

/// Reads a body at `rate` bytes a second, or at the rate of a scene that it turns out to ask for, or at once.
pub async fn read(mut incoming: Incoming, mut rate: Option<u64>) -> Upload {
    let mut bytes = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let Ok(frame) = frame else { return Upload { bytes, end: End::Cut } };
        let Ok(data) = frame.into_data() else { continue };
        let from = bytes.len().saturating_sub(OVERLAP);
        bytes.extend_from_slice(&data);
        if bytes.len() > LIMIT {
            return Upload { bytes, end: End::TooLarge };
        }
        rate = rate.or_else(|| rate_asked(&bytes[from..]));
        if let Some(rate) = rate {
            tokio::time::sleep(Duration::from_secs_f64(data.len() as f64 / rate.max(1) as f64)).await;
        }
    }
    Upload { bytes, end: End::Whole }
}

/// The rate of a slow scene whose directive stands in these bytes.
fn rate_asked(bytes: &[u8]) -> Option<u64> {
    let mut slow = scene::scenes().iter().filter(|scene| scene.read_rate.is_some());
    slow.find(|scene| memchr::memmem::find(bytes, format!("[scene:{}]", scene.id).as_bytes()).is_some())?.read_rate
}

/// Undoes gzip, up to the size that a plain body may have.
pub fn inflate(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(body).take(LIMIT as u64).read_to_end(&mut plain)?;
    Ok(plain)
}
