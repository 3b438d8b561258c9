//! Accepts and serves connections, and shuts down without cutting off requests.

pub(crate) mod small_reads;
pub(crate) mod source_limit;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderValue, Request, StatusCode, header},
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

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
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(config.header_timeout)
        .max_buf_size(BUFFER);
    let server = Server {
        router,
        protocol,
        io_timeout: config.header_timeout,
        stop: stop.clone(),
        connections: TaskTracker::new(),
        shutdown: CancellationToken::new(),
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

    server.shutdown.cancel();
    server.connections.close();
    let ended = tokio::time::timeout(config.shutdown_grace, server.connections.wait());
    if ended.await.is_err() {
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

/// A connection's share of the limits on connections. A WebSocket keeps it after the HTTP connection is over.
#[derive(Clone)]
pub struct ConnectionPermit {
    _permits: Arc<(OwnedSemaphorePermit, SourcePermit)>,
}

struct Server {
    router: Router,
    protocol: http1::Builder,
    io_timeout: Duration,
    stop: CancellationToken,
    connections: TaskTracker,
    /// Makes open connections end after their current request.
    shutdown: CancellationToken,
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
        let permit = ConnectionPermit {
            _permits: Arc::new(permits),
        };
        let service = self
            .router
            .clone()
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(Peer(peer));
                request.extensions_mut().insert(permit.clone());
                request
            })
            .map_response(move |mut response: Response| {
                let is_upgrade = response.status() == StatusCode::SWITCHING_PROTOCOLS;
                if stop.is_cancelled() && !is_upgrade {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(header::CONNECTION, close);
                }
                response
            });
        let connection = self.protocol.serve_connection(
            TokioIo::new(SmallReads(Box::pin(stream))),
            TowerToHyperService::new(service),
        );
        let connection = connection.with_upgrades();
        let shutdown = self.shutdown.clone();
        self.connections.spawn(async move {
            tokio::pin!(connection);
            let result = tokio::select! {
                result = &mut connection => result,
                () = shutdown.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = result {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
}
