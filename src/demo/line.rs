//! The socket of one connection, watched: it knows when the kernel has taken all that was written.

use super::ledger::{Ledger, Receipt};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What the socket and the bodies that go through it tell each other.
#[derive(Debug)]
pub struct Line {
    pub ledger: Arc<Ledger>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Nothing that was handed over is still on its way to the kernel.
    flushed: bool,
    waiting: Option<Waker>,
    /// Of bodies that were handed over whole.
    receipts: Vec<Receipt>,
}

impl Line {
    pub fn new(ledger: Arc<Ledger>) -> Line {
        Line { ledger, state: Mutex::default() }
    }

    /// Bytes were handed over.
    pub fn handed_over(&self) {
        self.state().flushed = false;
    }

    /// Ready once all that was handed over has reached the kernel.
    pub fn poll_flushed(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.flushed {
            return Poll::Ready(());
        }
        state.waiting = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Keeps a receipt until the last byte it speaks of has reached the kernel.
    pub fn hold(&self, receipt: Receipt) {
        self.state().receipts.push(receipt);
    }

    fn flushed(&self) {
        let mut state = self.state();
        state.flushed = true;
        let (receipts, waiting) = (std::mem::take(&mut state.receipts), state.waiting.take());
        drop(state);
        receipts.iter().for_each(|receipt| self.ledger.sent(receipt));
        if let Some(waker) = waiting {
            waker.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket that reports to its line. The HTTP library flushes it when its own buffer is empty, and only then.
#[derive(Debug)]
pub struct Watched {
    stream: TcpStream,
    line: Arc<Line>,
}

impl Watched {
    pub fn new(stream: TcpStream, line: Arc<Line>) -> Watched {
        Watched { stream, line }
    }
}

impl AsyncRead for Watched {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_flush(cx))?;
        this.line.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, bufs)
    }
}
