//! The client's end of a socket.

use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error as WebSocketError, error::ProtocolError};

use super::close::Close;

/// How long a client may take to answer the closing message. If the connection ended before the client has read it, the
/// client would not know the reason.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// The client's end of a socket.
pub struct Client {
    socket: WebSocket,
    write_timeout: Duration,
}

impl Client {
    /// Takes a socket that was accepted. A client that does not take a message within `write_timeout` is cut off.
    pub fn new(socket: WebSocket, write_timeout: Duration) -> Self {
        Self {
            socket,
            write_timeout,
        }
    }

    /// Returns the next message, or `None` for a sign of life.
    pub async fn receive(&mut self) -> Result<Option<Utf8Bytes>, Close> {
        match self.socket.recv().await {
            Some(Ok(Message::Text(text))) => Ok(Some(text)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            Some(Ok(Message::Binary(_))) => Err(Close::BadMessage),
            Some(Ok(Message::Close(_))) | None => Err(Close::Gone),
            Some(Err(failed)) => Err(match failed.into_inner().downcast_ref() {
                Some(WebSocketError::Capacity(_)) => Close::TooLarge,
                Some(WebSocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => {
                    Close::Gone
                }
                Some(WebSocketError::Utf8(_) | WebSocketError::Protocol(_)) => Close::BadMessage,
                _ => Close::Gone,
            }),
        }
    }

    /// Sends a message of the protocol.
    pub async fn send(&mut self, message: impl Into<Utf8Bytes>) -> Result<(), Close> {
        self.send_frame(Message::Text(message.into())).await
    }

    /// Sends a ping, which every client answers.
    pub async fn ping(&mut self) -> Result<(), Close> {
        self.send_frame(Message::Ping(vec![].into())).await
    }

    async fn send_frame(&mut self, message: Message) -> Result<(), Close> {
        match timeout(self.write_timeout, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Close::Gone),
        }
    }

    /// Sends the reason to the client, and ends the socket.
    pub async fn end(mut self, close: Close) {
        // A refusal may be an attack (ASVS 16.3.2).
        if close.is_refusal() {
            tracing::info!(reason = ?close, "a WebSocket is refused");
        } else {
            tracing::debug!(reason = ?close, "a WebSocket ends");
        }
        let Some(frame) = close.frame() else {
            return;
        };
        let closing = async {
            self.socket.send(Message::Close(Some(frame))).await?;
            // What the client has sent meanwhile is read. Otherwise the system would reset the connection, and the reason
            // would be lost.
            while let Some(Ok(_)) = self.socket.recv().await {}
            Ok::<_, axum::Error>(())
        };
        let _ = timeout(CLOSE_TIMEOUT, closing).await;
    }
}
