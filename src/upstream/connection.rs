//! The connections of the pool: how they are made, and what is known of each when it breaks.

use std::{
    error::Error,
    fmt, io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use hyper::{
    Uri,
    rt::{Read, Write},
};
use hyper_util::{
    client::legacy::connect::{Connected, Connection},
    rt::TokioIo,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tower::Service;

use crate::http_client::Connector;

type BoxError = Box<dyn Error + Send + Sync>;

/// Connects to the service within a time, name resolution and TLS handshake included.
#[derive(Clone)]
pub struct TimedConnector {
    inner: Connector,
    timeout: Duration,
}

/// No connection was there in time.
#[derive(Debug)]
pub struct ConnectTimeout;

/// What is known of a connection.
#[derive(Clone, Default)]
pub struct ConnectionState(Arc<Flags>);

#[derive(Default)]
struct Flags {
    has_answered: AtomicBool,
    has_read_since_write: AtomicBool,
}

/// A connection that notes when bytes come in. It is around TLS, whose own records are no bytes of an answer.
pub struct Tracked<C> {
    inner: TokioIo<C>,
    state: ConnectionState,
}

impl TimedConnector {
    /// Creates it.
    pub fn new(inner: Connector, timeout: Duration) -> Self {
        Self { inner, timeout }
    }
}

impl ConnectionState {
    /// Notes that the head of an answer was read. The next request finds a reused connection.
    pub fn note_answer(&self) {
        self.0.has_answered.store(true, Ordering::Relaxed);
    }

    /// Returns whether a reused connection broke before a byte of the last request's answer came. The service has then
    /// most probably closed it while the request was on its way.
    pub fn broke_unanswered(&self) -> bool {
        self.0.has_answered.load(Ordering::Relaxed)
            && !self.0.has_read_since_write.load(Ordering::Relaxed)
    }

    fn note_bytes(&self, were_read: bool) {
        self.0
            .has_read_since_write
            .store(were_read, Ordering::Relaxed);
    }
}

impl Service<Uri> for TimedConnector {
    type Response = TokioIo<Tracked<<Connector as Service<Uri>>::Response>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connect = tokio::time::timeout(self.timeout, self.inner.call(uri));
        Box::pin(async move {
            let inner = connect.await.map_err(|_| ConnectTimeout)??;
            Ok(TokioIo::new(Tracked {
                inner: TokioIo::new(inner),
                state: ConnectionState::default(),
            }))
        })
    }
}

impl<C: Connection> Connection for Tracked<C> {
    fn connected(&self) -> Connected {
        self.inner.inner().connected().extra(self.state.clone())
    }
}

impl<C: Read + Unpin> AsyncRead for Tracked<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.inner).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.state.note_bytes(true);
        }
        result
    }
}

impl<C: Write + Unpin> AsyncWrite for Tracked<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.state.note_bytes(false);
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.state.note_bytes(false);
        Pin::new(&mut self.inner).poll_write_vectored(context, parts)
    }
}

impl fmt::Display for ConnectTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no connection in time")
    }
}

impl Error for ConnectTimeout {}
