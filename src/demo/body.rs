//! Reply bodies that count, and that stop where their scene says.

use super::bulk::Bulk;
use super::ledger::Receipt;
use super::line::Line;
use super::scene::Ending;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use sha2::{Digest, Sha256};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use thiserror::Error;

const CHUNK: u64 = 64 * 1024;

/// The connection is to be closed as it is.
#[derive(Debug, Error)]
#[error("this connection ends here")]
pub struct Hangup;

/// A body on its way out.
#[derive(Debug)]
pub struct Body {
    /// The number of the request.
    number: u64,
    bulk: Bulk,
    /// Bytes of it that are still to be sent.
    left: u64,
    /// Bytes that the client was told of and that have not been handed over.
    announced: Option<u64>,
    ending: Ending,
    sent: u64,
    /// Of what was sent; nobody asks for it without a request log.
    hash: Option<Sha256>,
    line: Arc<Line>,
}

impl Body {
    /// Sends the bytes, or as many of them as the ending allows. An `announced` length is always the whole one.
    pub fn new(number: u64, bulk: Bulk, announced: bool, ending: Ending, line: Arc<Line>) -> Body {
        let whole = bulk.length();
        let left = match ending {
            Ending::Whole => whole,
            Ending::Stall => whole / 3,
            Ending::Cut => whole / 3 * 2,
            Ending::Drop => 0,
        };
        let hash = line.ledger.logs().then(Sha256::new);
        Body { number, bulk, left, announced: announced.then_some(whole), ending, sent: 0, hash, line }
    }

    fn next_chunk(&mut self) -> Option<Bytes> {
        let chunk = self.bulk.next_bytes(self.left.min(CHUNK) as usize)?;
        let length = chunk.len() as u64;
        self.left -= length;
        self.sent += length;
        self.announced = self.announced.map(|left| left.saturating_sub(length));
        if let Some(hash) = &mut self.hash {
            hash.update(&chunk);
        }
        self.line.handed_over();
        Some(chunk)
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Hangup;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Hangup>>> {
        let this = self.get_mut();
        if let Some(chunk) = this.next_chunk() {
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        match this.ending {
            Ending::Whole => Poll::Ready(None),
            // Nobody will wake this task: it ends when the client leaves.
            Ending::Stall => Poll::Pending,
            // An error drops what the connection has buffered, so what was to arrive must be out first.
            Ending::Cut | Ending::Drop => this.line.poll_flushed(cx).map(|()| Some(Err(Hangup))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0 && self.ending == Ending::Whole
    }

    fn size_hint(&self) -> SizeHint {
        self.announced.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for Body {
    /// The connection lets go of a body when its last byte was handed over; only then is there a receipt.
    fn drop(&mut self) {
        if !hyper::body::Body::is_end_stream(self) {
            return;
        }
        if let Some(hash) = self.hash.take() {
            let sha256 = format!("{:x}", hash.finalize());
            self.line.hold(Receipt { n: self.number, done: true, bytes: self.sent, sha256 });
        }
    }
}
