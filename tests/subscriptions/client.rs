//! A client of `graphql-transport-ws`, in a user's browser.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        self, Message, client::IntoClientRequest, http::Response,
        protocol::frame::coding::CloseCode,
    },
};

use crate::harness::Browser;

/// The time after which something counts as lost. Most of it is for busy machines.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client's socket.
pub struct Socket(pub WebSocketStream<TcpStream>);

impl Socket {
    /// Opens a socket.
    pub async fn open(browser: &Browser) -> Self {
        Self::try_open(browser, Some("graphql-transport-ws"))
            .await
            .unwrap_or_else(|response| panic!("no socket: {response:?}"))
    }

    /// Opens a socket with a protocol, or returns the refusal.
    pub async fn try_open(
        browser: &Browser,
        protocol: Option<&str>,
    ) -> Result<Self, Box<Response<Option<Vec<u8>>>>> {
        let url = format!("{}/graphql", browser.url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        let value = |text: &str| HeaderValue::from_str(text).unwrap();
        if let Some(protocol) = protocol {
            headers.insert("sec-websocket-protocol", value(protocol));
        }
        if let Some(origin) = &browser.origin {
            headers.insert("origin", value(origin));
        }
        let jar = browser.jar.lock().unwrap().clone();
        let cookies: Vec<_> = jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            headers.insert("cookie", value(&cookies.join("; ")));
        }
        let address = browser.url.strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tungstenite::Error::Http(response)) => Err(response),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a socket, and begins it.
    pub async fn begin(browser: &Browser) -> Self {
        let mut socket = Self::open(browser).await;
        socket.send(&json!({"type": "connection_init"})).await;
        assert_eq!(socket.next().await, json!({"type": "connection_ack"}));
        socket
    }

    /// Opens a socket with a subscription that has its first event.
    pub async fn subscribed(browser: &Browser) -> Self {
        let mut socket = Self::begin(browser).await;
        socket.subscribe("1", "subscription { ticks }").await;
        assert_eq!(socket.next().await["payload"]["data"]["ticks"], 0);
        socket
    }

    pub async fn send(&mut self, message: &Value) {
        self.send_text(message.to_string()).await;
    }

    pub async fn send_text(&mut self, text: impl Into<String>) {
        self.0.send(Message::text(text.into())).await.unwrap();
    }

    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(&json!({"type": "subscribe", "id": id, "payload": {"query": query}}))
            .await;
    }

    /// Returns the next message of the protocol.
    #[track_caller]
    pub fn next(&mut self) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            loop {
                match timeout(PATIENCE, self.0.next()).await {
                    Ok(Some(Ok(Message::Text(text)))) => {
                        return serde_json::from_str(&text).unwrap();
                    }
                    Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
                    other => panic!("no message, but {other:?} ({caller})"),
                }
            }
        }
    }

    /// Waits until the socket is closed, and returns the code.
    pub async fn closed(&mut self) -> u16 {
        loop {
            match timeout(PATIENCE, self.0.next())
                .await
                .expect("it is still open")
            {
                Some(Ok(Message::Close(frame))) => {
                    return frame.map_or(CloseCode::Status, |frame| frame.code).into();
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return CloseCode::Abnormal.into(),
            }
        }
    }
}
