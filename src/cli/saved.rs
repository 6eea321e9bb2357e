//! A reply that was saved: a plain body, what `curl -i` wrote, an exchange folder, or stdin.

use crate::call::Reading;
use crate::exchange;
use crate::store;
use crate::wire::MOST_BODY;
use crate::wire::verdict::{self, Ending, Verdict};
use anyhow::{Context, bail};
use std::io::Read;
use std::path::Path;

/// A saved reply, ready to be read.
pub struct SavedReply {
    /// Unpacked where it was packed.
    pub body: Vec<u8>,
    pub notes: Vec<String>,
    pub origin: Origin,
}

/// What is known of a reply besides its body.
pub struct Origin {
    /// From an exchange's record or from `curl -i`.
    pub status: Option<u16>,
    pub headers: Vec<(String, String)>,
    /// The record, when it is an exchange folder.
    pub stored: Option<store::Stored>,
}

impl Origin {
    /// Judges the reply. How the transfer ended only the record knows: a body cannot tell that it was cancelled.
    pub fn judge(&self, reading: &Reading) -> Verdict {
        match &self.stored {
            Some(stored) => exchange::judge(stored, reading),
            None => verdict::judge(&reading.reply, reading.body.bytes(), self.status, &Ending::Complete),
        }
    }
}

/// Reads it.
pub fn load(path: &Path) -> anyhow::Result<SavedReply> {
    if path.is_dir() {
        return from_folder(path);
    }
    let bytes = match path.to_str() {
        Some("-") => {
            let mut bytes = Vec::new();
            let bound = std::io::stdin().lock().take(MOST_BODY as u64 + 1).read_to_end(&mut bytes);
            bound.context("stdin cannot be read")?;
            bytes
        }
        _ => {
            let size = std::fs::metadata(path).map_or(0, |file| file.len());
            if size > MOST_BODY as u64 {
                bail!("{} has {size} bytes; replies of up to {MOST_BODY} bytes are read", path.display());
            }
            std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?
        }
    };
    if bytes.len() > MOST_BODY {
        bail!("the reply is longer than {MOST_BODY} bytes, the most that is read");
    }
    let (status, headers, body) = split_head(bytes);
    let mut notes = Vec::new();
    let body = exchange::unpack(body, &headers, &mut notes);
    Ok(SavedReply { body, notes, origin: Origin { status, headers, stored: None } })
}

fn from_folder(path: &Path) -> anyhow::Result<SavedReply> {
    let stored = store::read_folder(path)?;
    let body = stored.body().with_context(|| format!("the body in {} cannot be read", path.display()))?;
    let mut notes = stored.meta.notes.clone();
    let headers = stored.meta.headers.clone();
    let body = exchange::unpack(body, &headers, &mut notes);
    Ok(SavedReply { body, notes, origin: Origin { status: stored.meta.status, headers, stored: Some(stored) } })
}

/// What `curl -i` writes begins with `HTTP/…`, perhaps several times (100 Continue, proxies).
fn split_head(bytes: Vec<u8>) -> (Option<u16>, Vec<(String, String)>, Vec<u8>) {
    let mut rest = &bytes[..];
    let mut status = None;
    let mut headers = Vec::new();
    // curl follows a few redirects and proxies; a body that goes on in this way is no head.
    for _ in 0..8 {
        if !rest.starts_with(b"HTTP/") {
            break;
        }
        let (end, gap) = match (find(rest, b"\r\n\r\n"), find(rest, b"\n\n")) {
            (Some(end), other) if other.is_none_or(|o| end < o) => (end, 4),
            (_, Some(end)) => (end, 2),
            _ => break,
        };
        let head = String::from_utf8_lossy(&rest[..end]).into_owned();
        status = head.split_whitespace().nth(1).and_then(|word| word.parse().ok());
        let pair = |line: &str| {
            line.split_once(':').map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        };
        headers = head.lines().skip(1).filter_map(pair).collect();
        rest = &rest[end + gap..];
    }
    let start = bytes.len() - rest.len();
    let body = if start == 0 { bytes } else { bytes[start..].to_vec() };
    (status, headers, body)
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_curl_are_taken_off() {
        let (status, headers, body) =
            split_head(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/2 503\r\nX-Id: 7\r\n\r\n{}".to_vec());
        assert_eq!((status, body.as_slice()), (Some(503), &b"{}"[..]));
        assert_eq!(headers, [("x-id".to_owned(), "7".to_owned())]);
        assert_eq!(split_head(b"{\"a\":1}".to_vec()).0, None);
        assert_eq!(split_head(b"HTTP/1.1 200 OK".to_vec()).2, b"HTTP/1.1 200 OK");
    }
}
