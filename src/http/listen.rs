//! Accepting connections and serving them, until a stop that cuts nothing off.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, http::Request};
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
use tokio_util::sync::CancellationToken;

use tower::ServiceExt;

use super::client_address::Peer;
use crate::config::server::ServerConfig;

/// Bytes of a request's head, and of what is read ahead of a handler.
const BUFFER: usize = 64 * 1024;
/// How long accepting rests when the process has no file descriptor left for one more connection.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// Serves a listener until `stop`; then the requests that were accepted are answered, within the grace period.
///
/// Plain HTTP/1.1 only: TLS and HTTP/2 are the proxy's.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: &ServerConfig,
    stop: CancellationToken,
) {
    let server = Server {
        router,
        header_timeout: config.header_timeout,
        graceful: GracefulShutdown::new(),
    };
    let slots = Arc::new(Semaphore::new(config.max_connections as usize));
    loop {
        // What does not fit waits in the kernel's queue, where it costs no memory here.
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        if let Some((stream, peer, slot)) = accepted {
            server.connection(stream, peer, Some(slot));
        }
    }
    // A connection that the kernel has accepted for us may carry a request already: it is served, too.
    loop {
        tokio::select! {
            biased;
            Ok((stream, peer)) = listener.accept() => server.connection(stream, peer, None),
            () = std::future::ready(()) => break,
        }
    }
    drop(listener);

    let patience = tokio::time::timeout(config.shutdown_grace, server.graceful.shutdown());
    if patience.await.is_err() {
        tracing::warn!("the grace period is over: open connections are closed");
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
            tokio::time::sleep(EXHAUSTED).await;
            None
        }
    }
}

struct Server {
    router: Router,
    header_timeout: Duration,
    graceful: GracefulShutdown,
}

impl Server {
    /// Serves a connection in the background, for as long as its client has something to ask.
    fn connection(&self, stream: TcpStream, peer: SocketAddr, slot: Option<OwnedSemaphorePermit>) {
        let router = self.router.clone();
        let service = router.map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            request
        });
        // Answers are small and whole: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_buf_size(BUFFER)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = self.graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(slot);
        });
    }
}
