//! A request body of known length that asks before its first byte leaves, and tells how much of it was taken.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

/// Small enough to see progress on a slow line, large enough to cost nothing on a fast one.
const FRAME: usize = 64 * 1024;

pub struct Upload {
    rest: Bytes,
    taken: u64,
    tell: UnboundedSender<Step>,
    leave: Option<oneshot::Receiver<()>>,
    /// Leave was given.
    free: bool,
}

/// What a body tells of itself.
#[derive(Debug)]
pub enum Step {
    /// The connection stands and the first byte is about to leave, once this is answered.
    Leaving(oneshot::Sender<()>),
    /// Bytes taken so far.
    Taken(u64),
}

impl Upload {
    pub fn new(body: Bytes, tell: UnboundedSender<Step>) -> Self {
        Upload { rest: body, taken: 0, tell, leave: None, free: false }
    }

    fn poll_leave(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.free {
            return Poll::Ready(());
        }
        let tell = &self.tell;
        let leave = self.leave.get_or_insert_with(|| {
            let (give, leave) = oneshot::channel();
            let _gone = tell.send(Step::Leaving(give));
            leave
        });
        match Pin::new(leave).poll(context) {
            Poll::Ready(Ok(())) => {
                self.free = true;
                Poll::Ready(())
            }
            // Refused: the caller drops this body, and until then nothing leaves.
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Pending,
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if self.poll_leave(context).is_pending() {
            return Poll::Pending;
        }
        let size = self.rest.len().min(FRAME);
        let piece = self.rest.split_to(size);
        self.taken += size as u64;
        // The caller may be gone when a call is cancelled; then nobody wants to know.
        let _gone = self.tell.send(Step::Taken(self.taken));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
