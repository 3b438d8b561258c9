//! The client toward the service, against a service that speaks bytes: most of its answers no library would send.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::http::{HeaderMap, HeaderValue, header::HeaderName};
use gatelodge::{
    config::upstream::UpstreamConfig,
    upstream::{Upstream, UpstreamError, UpstreamRequest, UpstreamResponse},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

mod answers;
mod bodies;
mod connections;
mod leaving;
mod requests;
mod timeouts;

/// What every request of these tests asks.
const QUERY: &str = r#"{"query":"{ tasks { id } }"}"#;
/// What a service answers that has nothing special.
const DATA: &str = r#"{"data":{"tasks":[]}}"#;

/// A service on a free port.
pub struct Service {
    address: SocketAddr,
    /// Each request as it came: on which connection, and its bytes.
    requests: Arc<Mutex<Vec<(usize, String)>>>,
    accepting: tokio::task::JoinHandle<()>,
}

/// A connection of a client.
pub struct Connection {
    stream: TcpStream,
    number: usize,
    requests: Arc<Mutex<Vec<(usize, String)>>>,
}

impl Service {
    /// Starts a service that runs a script on each connection. Connections are numbered from 0.
    pub async fn start<F, R>(script: F) -> Self
    where
        F: Fn(Connection) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<_>>> = Arc::default();
        let noted = Arc::clone(&requests);
        let accepting = tokio::spawn(async move {
            for number in 0.. {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                let requests = Arc::clone(&noted);
                tokio::spawn(script(Connection {
                    stream,
                    number,
                    requests,
                }));
            }
        });
        Self {
            address,
            requests,
            accepting,
        }
    }

    /// Starts a service that gives each request the same answer, and then keeps the connection open.
    async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |mut connection| {
            let answer = answer.clone();
            async move {
                while connection.request().await.is_some() {
                    connection.send(&answer).await;
                }
            }
        })
        .await
    }

    pub fn config(&self) -> UpstreamConfig {
        UpstreamConfig::at(format!("http://{}/graphql", self.address).parse().unwrap())
    }

    fn client(&self) -> Upstream {
        self.client_with(|_| {})
    }

    fn client_with(&self, change: impl FnOnce(&mut UpstreamConfig)) -> Upstream {
        let mut config = self.config();
        change(&mut config);
        Upstream::new(&config).unwrap()
    }

    /// Returns the connection and the bytes of each request.
    pub fn received(&self) -> Vec<(usize, String)> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the connections that the requests came on.
    fn connections(&self) -> Vec<usize> {
        let received = self.received();
        received.into_iter().map(|(number, _)| number).collect()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Connection {
    /// Reads a request, and notes it. `None` if the client has closed the connection.
    pub async fn request(&mut self) -> Option<String> {
        let mut bytes = vec![];
        loop {
            let text = String::from_utf8_lossy(&bytes);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .filter_map(|line| line.split_once(": "))
                    .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
                let length: usize = length.map_or(0, |(_, length)| length.parse().unwrap());
                if body.len() >= length {
                    let request = text.into_owned();
                    let mut requests = self.requests.lock().unwrap();
                    requests.push((self.number, request.clone()));
                    return Some(request);
                }
            }
            if self.stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // A client may have left.
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Waits until the client closes the connection.
    async fn closed(&mut self) {
        let mut bytes = [0; 1024];
        while self.stream.read(&mut bytes).await.unwrap_or(0) > 0 {}
    }

    /// Keeps the connection open and silent, until the client closes it.
    pub async fn silent(mut self) {
        self.closed().await;
    }
}

/// Returns an answer with status 200 and a JSON body.
pub fn json(body: &str) -> String {
    with_head("200 OK", "content-type: application/json\r\n", body)
}

/// Returns an answer with its length.
pub fn with_head(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let lines = lines.iter().map(|(name, value)| {
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    });
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name, value);
    }
    headers
}

/// A request without anything special.
fn request(headers: &HeaderMap) -> UpstreamRequest<'_> {
    UpstreamRequest {
        body: QUERY.into(),
        token: None,
        headers,
        accept: HeaderValue::from_static("application/graphql-response+json"),
        may_retry: false,
        request_id: "request-1",
        forwarded: None,
    }
}

/// Sends a mutation: a request that is never sent twice.
async fn send(client: &Upstream) -> Result<UpstreamResponse, UpstreamError> {
    client.send(request(&HeaderMap::new())).await
}

async fn send_query(client: &Upstream) -> Result<UpstreamResponse, UpstreamError> {
    let headers = HeaderMap::new();
    let query = UpstreamRequest {
        may_retry: true,
        ..request(&headers)
    };
    client.send(query).await
}

/// Sends a request, and returns the body of the answer.
async fn body(client: &Upstream) -> Result<String, UpstreamError> {
    let answer = send(client).await?;
    let body = answer.collect(1 << 20).await?;
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

/// Returns why there is no answer.
async fn failure(client: &Upstream) -> UpstreamError {
    match body(client).await {
        Ok(body) => panic!("an answer: {body}"),
        Err(error) => error,
    }
}

/// Waits for something that must not take long.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(20);
    let result = tokio::time::timeout(limit, what).await;
    result.expect("it takes too long")
}
