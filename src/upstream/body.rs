//! The body of an answer, with its time-outs. It is read only as fast as the client takes it.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{MergeSlot, UpstreamError, bounds::RequestPermit, client::broken};

/// The body of an answer. Dropping it ends the request to the service.
pub struct UpstreamBody {
    inner: Incoming,
    /// A stream has none: it is bounded elsewhere, and must not keep requests from the service.
    permit: Option<RequestPermit>,
    silence: Duration,
    /// When the whole answer must be there.
    deadline: Option<Instant>,
    /// Wakes when the service has been silent too long, or at the deadline. A body that is there at once needs no timer.
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the service is being waited for. A slow client is no silence of the service.
    is_waiting: bool,
    has_ended: bool,
}

impl UpstreamBody {
    pub(super) fn new(
        inner: Incoming,
        permit: RequestPermit,
        silence: Duration,
        deadline: Instant,
    ) -> Self {
        Self {
            inner,
            permit: Some(permit),
            silence,
            deadline: Some(deadline),
            timer: None,
            is_waiting: false,
            has_ended: false,
        }
    }

    /// Waits for permission to hold the whole answer, which is large.
    pub(super) async fn merge_slot(&self) -> Result<MergeSlot, UpstreamError> {
        match &self.permit {
            Some(permit) => permit.merge_slot().await,
            None => Err(UpstreamError::Busy),
        }
    }

    /// Removes the time-out of the whole answer. Streams end by their silence alone.
    #[must_use]
    pub fn unbounded(mut self) -> Self {
        self.deadline = None;
        self.permit = None;
        self.timer = None;
        self.is_waiting = false;
        self
    }

    /// Returns the next bytes. Trailers are dropped: a recipient may do that (RFC 9110, section 6.5.1).
    fn poll_data(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, UpstreamError>>> {
        loop {
            match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(broken(&error)))),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
            }
        }
    }

    /// Returns the time-out that has passed while the service is waited for.
    fn poll_timeout(&mut self, context: &mut Context<'_>) -> Poll<UpstreamError> {
        if !self.is_waiting {
            self.is_waiting = true;
            let silent = Instant::now() + self.silence;
            let at = self
                .deadline
                .map_or(silent, |deadline| deadline.min(silent));
            match &mut self.timer {
                Some(timer) => timer.as_mut().reset(at),
                None => self.timer = Some(Box::pin(sleep_until(at))),
            }
        }
        if let Some(timer) = &mut self.timer {
            ready!(timer.as_mut().poll(context));
        }
        Poll::Ready(if self.is_late() {
            UpstreamError::Timeout
        } else {
            UpstreamError::Silence
        })
    }

    fn is_late(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = UpstreamError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UpstreamError>>> {
        let this = self.get_mut();
        if this.has_ended {
            return Poll::Ready(None);
        }
        let result = match this.poll_data(context) {
            Poll::Pending => Some(Err(ready!(this.poll_timeout(context)))),
            // An endless answer that always has bytes ends too.
            Poll::Ready(Some(Ok(_))) if this.is_late() => Some(Err(UpstreamError::Timeout)),
            Poll::Ready(result) => result,
        };
        this.is_waiting = false;
        this.has_ended = !matches!(result, Some(Ok(_)));
        Poll::Ready(result.map(|result| result.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
