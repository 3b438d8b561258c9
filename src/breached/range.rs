//! A breached-password service with k-anonymity: it receives the first five characters of a hash, which thousands of
//! passwords share, and returns all known hashes with that prefix.

use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode, Uri, body::Bytes, header};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use thiserror::Error;

use super::HASH_DIGITS;
use crate::{
    config::password::RangeUrl,
    http_client::{self, Connector},
};

/// The longest wait for the service. Then the registration continues without it.
const TIMEOUT: Duration = Duration::from_secs(1);
/// The maximum size of a response in bytes: the largest real ones have about 50 KiB.
const MAX_BYTES: usize = 512 * 1024;
/// The characters of a hash that are sent.
const PREFIX: usize = 5;

/// A client of the service.
pub struct RangeClient {
    client: Client<Connector, Empty<Bytes>>,
    /// The URL without the five characters.
    base: RangeUrl,
}

/// Why a lookup failed.
#[derive(Debug, Error)]
pub enum RangeError {
    /// The response took too long.
    #[error("no answer within {} s", TIMEOUT.as_secs())]
    TimedOut,
    /// The service could not be reached, or the connection broke.
    #[error("the service cannot be reached: {0}")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The service answered with an error status.
    #[error("the service answered {0}")]
    Status(StatusCode),
    /// The response is not a list of hashes.
    #[error("the service's response is not a list of hashes")]
    Malformed,
}

fn unreachable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RangeError {
    RangeError::Unreachable(error.into())
}

impl RangeClient {
    /// Uses the service at a URL, to which the five characters are added.
    pub fn new(url: &RangeUrl) -> Result<Self, rustls::Error> {
        let connector = http_client::connector(None)?;
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            base: url.clone(),
        })
    }

    /// Returns whether the service knows a hash.
    pub async fn contains(&self, hash: &str) -> Result<bool, RangeError> {
        let (prefix, suffix) = hash.split_at(PREFIX);
        tokio::time::timeout(TIMEOUT, self.request_range(prefix, suffix))
            .await
            .map_err(|_| RangeError::TimedOut)?
    }

    async fn request_range(&self, prefix: &str, suffix: &str) -> Result<bool, RangeError> {
        let uri: Uri = self.base.of(prefix).parse().map_err(unreachable)?;
        let request = Request::get(uri)
            .header(header::USER_AGENT, "gatelodge")
            // Asks for padded responses: otherwise their length reveals the range to an eavesdropper.
            .header("add-padding", "true")
            .body(Empty::new())
            .map_err(unreachable)?;
        let response = self.client.request(request).await.map_err(unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(RangeError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), MAX_BYTES);
        let body = body.collect().await.map_err(unreachable)?.to_bytes();
        find(&body, suffix).ok_or(RangeError::Malformed)
    }
}

/// Returns whether a suffix is among the lines; `None` if a line is not `suffix:count`.
fn find(body: &[u8], suffix: &str) -> Option<bool> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let mut found = false;
    for line in text.lines() {
        let (known, count) = line.trim().split_once(':')?;
        let is_hash =
            known.len() == HASH_DIGITS - PREFIX && known.bytes().all(|b| b.is_ascii_hexdigit());
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
