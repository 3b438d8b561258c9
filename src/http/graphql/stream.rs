//! Streams of the service: event streams and multipart answers. They end with their session, as WebSockets do.
//!
//! A task reads the service, and holds one part at a time. So a stream ends in time for the service although its client does not
//! read: the connection asks for a part only when the client has taken the one before.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use futures_util::stream::poll_fn;
use http_body_util::BodyExt;
use tokio::{
    sync::mpsc::{self, Sender},
    time::{Instant, sleep_until, timeout},
};

use super::socket::{SessionPermit, SocketPermit, life::Life};
use crate::{
    config::socket::SocketConfig,
    upstream::{MediaType, UpstreamBody, UpstreamResponse},
};

/// A comment of an event stream, which clients ignore.
const COMMENT: &[u8] = b":\n\n";

/// What a stream needs to live.
pub struct StreamLife {
    /// When it ends.
    pub life: Life,
    /// Its permission.
    pub permit: (SocketPermit, Option<SessionPermit>),
    /// The settings.
    pub config: SocketConfig,
}

/// The stream ended early: its life is over, the service failed, or the client did not read.
#[derive(Debug, thiserror::Error)]
#[error("the stream is cut")]
pub struct Cut;

/// Passes a stream on, part by part, until its life ends. No proxy may hold parts back.
pub fn stream(answer: UpstreamResponse, life: StreamLife) -> Response {
    let content_type = answer.content_type().clone();
    let is_events = answer.media_type() == MediaType::EventStream;
    let (sender, mut receiver) = mpsc::channel(1);
    let (is_complete, is_cut) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
    let (completes, cuts) = (Arc::clone(&is_complete), Arc::clone(&is_cut));
    tokio::spawn(async move {
        match pass(answer.body.unbounded(), life, is_events, &sender).await {
            Ok(()) => completes.store(true, Ordering::Release),
            Err(why) => {
                cuts.store(true, Ordering::Release);
                tracing::debug!(why, "a stream is cut");
            }
        }
        // Only now does the body end.
        drop(sender);
    });
    // A stream that is cut ends without the last chunk. Clients see that it is not complete, and connect again.
    let parts = poll_fn(move |context| {
        let part = ready!(receiver.poll_recv(context));
        // A part that has waited for a slow client comes too late after the cut.
        let is_cut = is_cut.load(Ordering::Acquire);
        if is_cut || part.is_none() && !is_complete.load(Ordering::Acquire) {
            return Poll::Ready(Some(Err(Cut)));
        }
        Poll::Ready(part.map(Ok))
    });
    let mut response = Response::new(Body::from_stream(parts));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}

/// Passes the parts of a stream until the service ends it. Fails with the reason if it ends before.
async fn pass(
    mut body: UpstreamBody,
    StreamLife {
        mut life,
        permit: _permit,
        config,
    }: StreamLife,
    is_events: bool,
    sender: &Sender<Bytes>,
) -> Result<(), String> {
    let mut comments = is_events.then(|| Comments::new(config.socket_keep_alive));
    loop {
        let part = tokio::select! {
            event = life.event() => return Err(format!("{event:?}")),
            () = sender.closed() => return Err("the client has left".to_owned()),
            () = Comments::due(comments.as_ref()) => Bytes::from_static(COMMENT),
            frame = body.frame() => match frame {
                None => return Ok(()),
                Some(frame) => {
                    let frame = frame.map_err(|failed| failed.to_string())?;
                    frame.into_data().unwrap_or_default()
                }
            },
        };
        if let Some(comments) = &mut comments {
            comments.pass(&part);
        }
        let sending = timeout(config.socket_write_timeout, sender.send(part));
        tokio::select! {
            event = life.event() => return Err(format!("{event:?}")),
            sent = sending => if !matches!(sent, Ok(Ok(()))) {
                return Err("the client does not read".to_owned());
            },
        }
    }
}

/// Comments in an event stream that is quiet, so that proxies do not close it.
struct Comments {
    interval: Duration,
    next: Instant,
    /// The last bytes that have passed. A comment may follow a complete event alone, which ends with an empty line.
    last: [u8; 2],
}

impl Comments {
    fn new(interval: Duration) -> Self {
        Self {
            interval,
            next: Instant::now() + interval,
            last: *b"\n\n",
        }
    }

    /// Waits until a comment is due.
    async fn due(comments: Option<&Self>) {
        match comments {
            Some(comments) if comments.is_between_events() => sleep_until(comments.next).await,
            _ => std::future::pending().await,
        }
    }

    /// Whether an event is complete. Lines end with `\n`, `\r` or `\r\n` (HTML, section 9.2.5).
    fn is_between_events(&self) -> bool {
        matches!(&self.last, b"\n\n" | b"\r\r" | b"\n\r")
    }

    /// Notes bytes that pass.
    fn pass(&mut self, data: &[u8]) {
        self.next = Instant::now() + self.interval;
        // `\r\n` counts as `\n`.
        for &byte in data
            .iter()
            .rev()
            .take(4)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            let [_, before] = self.last;
            self.last = match (before, byte) {
                (b'\r', b'\n') => [self.last[0], b'\n'],
                _ => [before, byte],
            };
        }
    }
}
