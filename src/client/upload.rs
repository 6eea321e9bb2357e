//! A request body of known length that tells how much of it was taken.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::UnboundedSender;

/// Small enough to see progress on a slow line, large enough to cost nothing on a fast one.
const FRAME: usize = 64 * 1024;

pub struct Upload {
    rest: Bytes,
    taken: u64,
    tell: UnboundedSender<u64>,
}

impl Upload {
    pub fn new(body: Bytes, tell: UnboundedSender<u64>) -> Self {
        Upload { rest: body, taken: 0, tell }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let size = self.rest.len().min(FRAME);
        let piece = self.rest.split_to(size);
        self.taken += size as u64;
        // The caller may be gone when a call is cancelled; then nobody wants to know.
        let _gone = self.tell.send(self.taken);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
