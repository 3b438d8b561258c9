//! WebSockets toward the service, by the protocol `graphql-transport-ws`.

use std::collections::BTreeMap;

use futures_util::{SinkExt, StreamExt};
use hyper::{
    HeaderMap, StatusCode, Uri,
    header::{self, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::timeout;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Message, Utf8Bytes,
        client::IntoClientRequest,
        protocol::{CloseFrame, WebSocketConfig},
    },
};
use tower::Service;

use super::{
    Upstream, UpstreamError,
    client::{ForwardedFor, own_headers},
    connection::{ConnectTimeout, Tracked},
    headers,
};
use crate::http_client::{self, Connector};

/// The protocol's name.
pub const PROTOCOL: &str = "graphql-transport-ws";
/// Bytes of the buffers of one socket. Thousands of sockets may be open.
pub const BUFFER: usize = 4096;

type Io = Tracked<<Connector as Service<Uri>>::Response>;

/// A socket toward the service, after `connection_ack`.
pub struct UpstreamSocket {
    stream: WebSocketStream<Io>,
    max_message: usize,
}

/// A request for a socket.
pub struct SocketRequest<'r> {
    /// The identity token, without `Bearer`. A stranger has none.
    pub token: Option<&'r SecretString>,
    /// The headers of the client's upgrade request, as they came.
    pub headers: &'r HeaderMap,
    /// The parts of the client's `connection_init` payload that may pass.
    pub params: BTreeMap<&'r str, &'r RawValue>,
    /// The request's id in the log.
    pub request_id: &'r str,
    /// Where the client is.
    pub forwarded: Option<ForwardedFor<'r>>,
}

/// The payload of `connection_init`. The token is here too, because many services read it only here.
#[derive(Serialize)]
struct Init<'r> {
    #[serde(rename = "type")]
    kind: &'static str,
    payload: Payload<'r>,
}

#[derive(Serialize)]
struct Payload<'r> {
    #[serde(flatten)]
    params: &'r BTreeMap<&'r str, &'r RawValue>,
    #[serde(rename = "Authorization", skip_serializing_if = "Option::is_none")]
    authorization: Option<String>,
}

#[derive(Deserialize)]
struct Kind<'m> {
    #[serde(rename = "type")]
    kind: &'m str,
}

impl Upstream {
    /// Opens a socket, and waits until the service acknowledges it. Dropping the socket closes it.
    pub async fn open_socket(
        &self,
        request: SocketRequest<'_>,
    ) -> Result<UpstreamSocket, UpstreamError> {
        let upgrade = self.upgrade_request(&request)?;
        let io = self.connector.clone().call(self.uri.clone()).await;
        let io = io.map_err(|error| {
            if error.is::<ConnectTimeout>() {
                UpstreamError::ConnectTimeout
            } else {
                UpstreamError::Unreachable(http_client::cause(&*error))
            }
        })?;
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(self.max_message))
            .max_frame_size(Some(self.max_message));
        let open = async {
            let opened = client_async_with_config(upgrade, io.into_inner(), Some(config)).await;
            let (stream, _) =
                opened.map_err(|error| UpstreamError::of_socket(error, self.max_message))?;
            let mut socket = UpstreamSocket {
                stream,
                max_message: self.max_message,
            };
            socket.init(&request).await?;
            Ok(socket)
        };
        timeout(self.first_byte, open)
            .await
            .map_err(|_| UpstreamError::FirstByteTimeout)?
    }

    fn upgrade_request(
        &self,
        request: &SocketRequest<'_>,
    ) -> Result<tungstenite::handshake::client::Request, UpstreamError> {
        let invalid = |error: &dyn std::fmt::Display| UpstreamError::Request(error.to_string());
        let mut parts = self.uri.clone().into_parts();
        let is_tls = self.uri.scheme_str() == Some("https");
        let scheme = if is_tls { "wss" } else { "ws" };
        parts.scheme = Some(scheme.parse().map_err(|error| invalid(&error))?);
        let uri = Uri::from_parts(parts).map_err(|error| invalid(&error))?;
        let mut upgrade = uri.into_client_request().map_err(|error| invalid(&error))?;
        let mut headers = headers::upward(request.headers);
        own_headers(
            &mut headers,
            request.token,
            request.request_id,
            request.forwarded.as_ref(),
        )?;
        headers.insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(PROTOCOL),
        );
        upgrade.headers_mut().extend(headers);
        Ok(upgrade)
    }
}

impl UpstreamSocket {
    async fn init(&mut self, request: &SocketRequest<'_>) -> Result<(), UpstreamError> {
        let bearer = |token: &SecretString| format!("Bearer {}", token.expose_secret());
        let init = serde_json::to_string(&Init {
            kind: "connection_init",
            payload: Payload {
                params: &request.params,
                authorization: request.token.map(bearer),
            },
        });
        let init = init.map_err(|error| UpstreamError::Request(error.to_string()))?;
        self.send(init.into()).await?;
        loop {
            let message = self.receive().await?;
            match serde_json::from_str(&message).map(|Kind { kind }| kind) {
                Ok("connection_ack") => return Ok(()),
                Ok("ping") => self.send(Utf8Bytes::from_static(PONG)).await?,
                _ => {
                    return Err(UpstreamError::NotGraphql(
                        "its WebSocket does not begin with connection_ack",
                    ));
                }
            }
        }
    }

    /// Sends a message.
    pub async fn send(&mut self, message: Utf8Bytes) -> Result<(), UpstreamError> {
        let sent = self.stream.send(Message::Text(message)).await;
        sent.map_err(|error| UpstreamError::of_socket(error, self.max_message))
    }

    /// Sends a ping, which the service must answer.
    pub async fn ping(&mut self) -> Result<(), UpstreamError> {
        let sent = self.stream.send(Message::Ping(vec![].into())).await;
        sent.map_err(|error| UpstreamError::of_socket(error, self.max_message))
    }

    /// Returns the next message. An answer to a ping is the empty text.
    pub async fn receive(&mut self) -> Result<Utf8Bytes, UpstreamError> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Ping(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Pong(_))) => return Ok(Utf8Bytes::from_static("")),
                Some(Ok(Message::Binary(_))) => {
                    return Err(UpstreamError::NotGraphql("it is a binary message"));
                }
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(1005, |frame| frame.code.into());
                    return Err(UpstreamError::SocketClosed(code));
                }
                Some(Err(error)) => return Err(UpstreamError::of_socket(error, self.max_message)),
                None => return Err(UpstreamError::SocketClosed(1006)),
            }
        }
    }

    /// Closes the socket: nobody needs it any more.
    pub async fn close(mut self) {
        let frame = CloseFrame {
            code: 1000.into(),
            reason: Utf8Bytes::from_static(""),
        };
        // A service that does not take the message is cut off when this is dropped.
        let _ = timeout(CLOSE_TIMEOUT, self.stream.close(Some(frame))).await;
    }
}

/// The answer to a `ping` message of the service.
pub const PONG: &str = r#"{"type":"pong"}"#;
/// Timeout for sending the last message.
const CLOSE_TIMEOUT: std::time::Duration = std::time::Duration::from_millis(500);

impl UpstreamError {
    fn of_socket(error: tungstenite::Error, max_message: usize) -> Self {
        match error {
            tungstenite::Error::Http(response) => {
                let status = response.status();
                if status == StatusCode::SWITCHING_PROTOCOLS {
                    Self::NotGraphql("its answer to the upgrade is not one of a WebSocket")
                } else {
                    Self::Status(status)
                }
            }
            tungstenite::Error::Capacity(_) => Self::TooLarge(max_message),
            error => Self::Broken(http_client::cause(&error)),
        }
    }
}
