//! HTTP as bytes, for requests that no well-behaved client sends.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Bytes received until the server closed the connection.
#[derive(Debug)]
pub struct RawReply(pub String);

impl RawReply {
    /// The status, or 0 when the connection was closed without one.
    pub fn status(&self) -> u16 {
        let status = self.0.split(' ').nth(1).unwrap_or_default();
        status.parse().unwrap_or(0)
    }

    pub fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

/// Sends bytes and reads until the server closes the connection.
pub async fn raw(address: SocketAddr, request: impl AsRef<[u8]>) -> RawReply {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server may answer and close before everything is sent.
    let _ = stream.write_all(request.as_ref()).await;
    let mut reply = Vec::new();
    let read = stream.read_to_end(&mut reply);
    let _ = tokio::time::timeout(Duration::from_mins(1), read)
        .await
        .expect("the server neither answered nor closed the connection");
    RawReply(String::from_utf8_lossy(&reply).into_owned())
}
