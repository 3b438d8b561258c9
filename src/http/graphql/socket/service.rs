//! The service's end of a socket. It is opened at the first subscription.

use std::{pin::Pin, time::Duration};

use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{
    graphql::execute::SocketError,
    upstream::{UpstreamError, UpstreamSocket},
};

/// Maximum bytes of messages that wait until the socket is open. The next message waits in the client's connection.
const MAX_WAITING: usize = 64 * 1024;

/// The opening of a socket toward the service.
pub type Opening = Pin<Box<dyn Future<Output = Result<UpstreamSocket, SocketError>> + Send>>;

/// The service's end of a socket.
pub enum Service {
    /// There is none yet, or it was lost.
    None,
    /// It is being opened.
    Opening {
        /// The opening.
        opening: Opening,
        /// Messages to send when it is open.
        waiting: Vec<String>,
    },
    /// It is open.
    Open(Box<UpstreamSocket>),
}

/// What comes from the service.
pub enum ServiceEvent {
    /// The socket is open. These messages have waited for it.
    Opened(Vec<String>),
    /// It could not be opened, because the client may not use the service, or the token could not be made.
    Denied,
    /// It failed.
    Failed(UpstreamError),
    /// A message came.
    Message(Utf8Bytes),
}

impl Service {
    /// Whether no more messages may wait.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Opening { waiting, .. } => {
                waiting.iter().map(String::len).sum::<usize>() > MAX_WAITING
            }
            _ => false,
        }
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// Waits for what comes next. Nothing is lost if this is dropped.
    pub async fn next(&mut self) -> ServiceEvent {
        let result = match self {
            Self::None => std::future::pending().await,
            Self::Opening { opening, .. } => opening.await,
            Self::Open(socket) => {
                return match socket.receive().await {
                    Ok(message) => ServiceEvent::Message(message),
                    Err(failed) => ServiceEvent::Failed(failed),
                };
            }
        };
        match result {
            Ok(socket) => {
                let opening = std::mem::replace(self, Self::Open(Box::new(socket)));
                ServiceEvent::Opened(match opening {
                    Self::Opening { waiting, .. } => waiting,
                    _ => vec![],
                })
            }
            Err(SocketError::Denied(_)) => ServiceEvent::Denied,
            Err(SocketError::Upstream(failed)) => ServiceEvent::Failed(failed),
        }
    }

    /// Sends a ping, which the service must answer.
    pub async fn ping(&mut self, limit: Duration) -> Result<(), UpstreamError> {
        let Self::Open(socket) = self else {
            return Ok(());
        };
        let sent = timeout(limit, socket.ping()).await;
        sent.unwrap_or(Err(UpstreamError::Silence))
    }

    /// Closes it. What it still sends is not read.
    pub fn close(&mut self) {
        if let Self::Open(socket) = std::mem::replace(self, Self::None) {
            tokio::spawn(socket.close());
        }
    }
}
