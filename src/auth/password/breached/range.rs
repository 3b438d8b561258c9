//! A service of breached passwords that is asked by k-anonymity: it learns five characters of a hash that thousands
//! of passwords share, and answers with all it knows that begin so.

use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode, Uri, body::Bytes, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use thiserror::Error;

use super::HEX;
use crate::config::password::RangeUrl;

/// How long a registration waits for the service: it goes on without it.
const TIMEOUT: Duration = Duration::from_secs(1);
/// Bytes of an answer, at most: the largest real ones have some 50 KiB.
const MAX_BYTES: usize = 512 * 1024;
/// Characters of a hash that are sent.
const PREFIX: usize = 5;

type Connector = HttpsConnector<HttpConnector>;

/// Asks the service.
pub struct RangeClient {
    client: Client<Connector, Empty<Bytes>>,
    /// Less the five characters.
    base: RangeUrl,
}

/// Why the service gave no answer.
#[derive(Debug, Error)]
pub enum RangeError {
    /// It took too long.
    #[error("no answer within {} s", TIMEOUT.as_secs())]
    TimedOut,
    /// It could not be reached, or broke off.
    #[error("the service cannot be reached: {0}")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It said that it does not answer.
    #[error("the service answered {0}")]
    Status(StatusCode),
    /// It said something else than hashes.
    #[error("the service's answer is no list of hashes")]
    Junk,
}

fn unreachable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RangeError {
    RangeError::Unreachable(error.into())
}

impl RangeClient {
    /// Asks at an address, to which the five characters are added.
    pub fn new(url: &RangeUrl) -> Result<Self, rustls::Error> {
        // The provider by name: without it, a second one anywhere in the tree would be a panic.
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            base: url.clone(),
        })
    }

    /// Whether the service knows a hash.
    pub async fn contains(&self, hash: &str) -> Result<bool, RangeError> {
        let (prefix, suffix) = hash.split_at(PREFIX);
        tokio::time::timeout(TIMEOUT, self.ask(prefix, suffix))
            .await
            .map_err(|_| RangeError::TimedOut)?
    }

    async fn ask(&self, prefix: &str, suffix: &str) -> Result<bool, RangeError> {
        let uri: Uri = self.base.of(prefix).parse().map_err(unreachable)?;
        let request = Request::get(uri)
            .header(header::USER_AGENT, "gatelodge")
            // Answers padded to one length: else it tells a listener which range was asked for.
            .header("add-padding", "true")
            .body(Empty::new())
            .map_err(unreachable)?;
        let response = self.client.request(request).await.map_err(unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(RangeError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), MAX_BYTES);
        let body = body.collect().await.map_err(unreachable)?.to_bytes();
        find(&body, suffix).ok_or(RangeError::Junk)
    }
}

/// Whether a suffix is among the lines; `None` when they are no `suffix:count`.
fn find(body: &[u8], suffix: &str) -> Option<bool> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let mut found = false;
    for line in text.lines() {
        let (known, count) = line.trim().split_once(':')?;
        let is_hash = known.len() == HEX - PREFIX && known.bytes().all(|b| b.is_ascii_hexdigit());
        let count: u64 = count.parse().ok()?;
        if !is_hash {
            return None;
        }
        // Padding has the count 0.
        found |= count > 0 && known.eq_ignore_ascii_case(suffix);
    }
    // Every range of the corpus has lines.
    (!text.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";

    #[test]
    fn a_hash_is_found_among_others_and_not_among_padding() {
        let other = "0".repeat(35);
        for (body, found) in [
            (format!("{KNOWN}:10437277\r\n{other}:1"), Some(true)),
            (
                format!("{other}:1\n{}:2\n", KNOWN.to_lowercase()),
                Some(true),
            ),
            (format!("{other}:1\r\n"), Some(false)),
            (format!("{other}:1\r\n{KNOWN}:0\r\n"), Some(false)),
            (String::new(), None),
            ("<html>".to_owned(), None),
            (format!("{KNOWN}:many"), None),
            (format!("{KNOWN}:5\nshort:1"), None),
        ] {
            assert_eq!(find(body.as_bytes(), KNOWN), found, "{body}");
        }
        assert_eq!(find(&[0xff, 0xfe], KNOWN), None);
    }
}
