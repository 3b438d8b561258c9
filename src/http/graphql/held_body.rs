//! A body in memory that holds something until the client has taken it.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// Bytes that are given to the connection at once. It takes the next ones when it has sent most of them.
const PIECE: usize = 64 * 1024;

/// The bytes of a response, and what is held for them, for example a permit.
pub struct HeldBody<T> {
    rest: Bytes,
    _held: T,
}

impl<T> HeldBody<T> {
    /// Creates a body.
    pub fn new(bytes: Bytes, held: T) -> Self {
        Self {
            rest: bytes,
            _held: held,
        }
    }
}

impl<T: Unpin> Body for HeldBody<T> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
