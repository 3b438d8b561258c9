//! The client that sends requests through the proxy.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use url::Url;

use crate::http_client::{self, Connector};

/// The longest wait for one response.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The client. It follows no redirect and reads no body.
pub struct ProxyClient {
    client: Client<Connector, Empty<Bytes>>,
    url: Url,
}

impl ProxyClient {
    /// Sends requests to a URL.
    pub fn new(url: &Url) -> Result<Self, rustls::Error> {
        let connector = http_client::connector(None)?;
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            url: url.clone(),
        })
    }

    /// Sends a GET request with a query string and headers, and returns the status.
    pub async fn get(&self, query: &str, headers: &HeaderMap) -> Result<StatusCode, String> {
        let mut url = self.url.clone();
        url.set_query(Some(query));
        let mut request = Request::get(url.as_str())
            .body(Empty::new())
            .map_err(|error| error.to_string())?;
        *request.headers_mut() = headers.clone();
        let agent = HeaderValue::from_static("gatelodge-doctor");
        request.headers_mut().insert(header::USER_AGENT, agent);
        match tokio::time::timeout(TIMEOUT, self.client.request(request)).await {
            Ok(Ok(response)) => Ok(response.status()),
            // The outer error only says "client error".
            Ok(Err(error)) => Err(std::error::Error::source(&error)
                .map_or_else(|| error.to_string(), ToString::to_string)),
            Err(_) => Err(format!("no answer within {} s", TIMEOUT.as_secs())),
        }
    }
}
