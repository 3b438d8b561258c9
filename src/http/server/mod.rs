//! Accepts and serves connections, and shuts down without cutting off requests.

pub(crate) mod small_reads;
pub(crate) mod source_limit;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderValue, Request, header},
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

use tower::ServiceExt;

use self::{
    small_reads::SmallReads,
    source_limit::{SourceLimit, SourcePermit},
};
use super::layers::client_address::Peer;
use crate::{config::server::ServerConfig, domain::clock::Clock};

/// Maximum bytes of a request's head, and of the data that is read ahead of a handler: nginx's default. A connection can
/// hold both, and a body (see docs/operation.md).
const BUFFER: usize = 32 * 1024;
/// How long to wait before accepting again when the process has no file descriptor left.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// Serves a listener until `stop`. After that, accepted requests are answered within the grace period.
///
/// Serves only plain HTTP/1.1. The reverse proxy provides TLS and HTTP/2.
///
/// A connection above its source's limit is accepted and closed at once, before any read. A response would need a buffer,
/// and would wait for a client that may never send its request. In the kernel's queue, the connection would block those
/// after it.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: &ServerConfig,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let server = Server {
        router,
        io_timeout: config.header_timeout,
        stop: stop.clone(),
        graceful: GracefulShutdown::new(),
    };
    let slots = Arc::new(Semaphore::new(config.max_connections as usize));
    let sources = SourceLimit::new(
        config.max_connections_per_source() as usize,
        config.trusted_proxies.clone(),
        clock,
    );
    // After `stop`, the server accepts requests for a moment longer, and every response has `Connection: close`.
    // Otherwise a request on its way, or unread in a socket, would be cut off.
    let end = async {
        stop.cancelled().await;
        tokio::time::sleep(config.shutdown_linger).await;
    };
    tokio::pin!(end);
    loop {
        // Further connections wait in the kernel's queue, where they use no memory of this process.
        let accepted = tokio::select! {
            () = &mut end => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        if let Some((stream, peer, slot)) = accepted {
            match sources.admit(peer.ip()) {
                Some(source) => server.connection(stream, peer, (slot, source)),
                // A reset frees the socket at once. An orderly close would wait for the client.
                None => drop(stream.set_zero_linger()),
            }
        }
    }
    drop(listener);

    let shutdown = tokio::time::timeout(config.shutdown_grace, server.graceful.shutdown());
    if shutdown.await.is_err() {
        tracing::warn!("the grace period is over: the open connections are closed");
    }
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, slot)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            None
        }
    }
}

struct Server {
    router: Router,
    io_timeout: Duration,
    stop: CancellationToken,
    graceful: GracefulShutdown,
}

impl Server {
    /// Serves a connection in the background until it ends.
    fn connection(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        permits: (OwnedSemaphorePermit, SourcePermit),
    ) {
        // Responses are small and written at once: waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        // Without a timeout, a client that sends and never reads would keep its slot permanently.
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.io_timeout));

        let stop = self.stop.clone();
        let service = self
            .router
            .clone()
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(Peer(peer));
                request
            })
            .map_response(move |mut response: Response| {
                if stop.is_cancelled() {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(header::CONNECTION, close);
                }
                response
            });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.io_timeout)
            .max_buf_size(BUFFER)
            .serve_connection(
                TokioIo::new(SmallReads(Box::pin(stream))),
                TowerToHyperService::new(service),
            );
        let connection = self.graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(permits);
        });
    }
}
