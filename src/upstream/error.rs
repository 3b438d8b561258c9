//! What can go wrong between the gate and the service. The texts are for the log, never for a client.

use hyper::StatusCode;
use thiserror::Error;

/// Why a client for the service could not be made.
#[derive(Debug, Error)]
pub enum UpstreamSetupError {
    /// The certificate roots cannot be used.
    #[error("the client toward the GraphQL upstream cannot use TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The address is not one that HTTP allows.
    #[error("the GraphQL upstream's URL cannot be used: {0}")]
    Url(#[from] hyper::http::uri::InvalidUri),
}

/// Why there is no answer of the service, or why it ended early.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UpstreamError {
    /// No connection could be made.
    #[error("the upstream cannot be reached: {0}")]
    Unreachable(String),
    /// No connection was there in time.
    #[error("the upstream did not accept a connection in time (connect-timeout)")]
    ConnectTimeout,
    /// The answer did not begin in time.
    #[error("the upstream did not begin to answer in time (first-byte-timeout)")]
    FirstByteTimeout,
    /// The answer stopped.
    #[error("the upstream stopped in the middle of an answer (silence-timeout)")]
    Silence,
    /// The answer did not end in time.
    #[error("the upstream did not end its answer in time (timeout)")]
    Timeout,
    /// The connection broke, or the answer is no valid HTTP.
    #[error("the connection to the upstream broke: {0}")]
    Broken(String),
    /// The status is none of a GraphQL answer. 401 and 403 belong here, because the token is ours.
    #[error("the upstream answered with status {0}")]
    Status(StatusCode),
    /// The answer is neither GraphQL in JSON nor a stream of it.
    #[error("the upstream's answer is not GraphQL: {0}")]
    NotGraphql(&'static str),
    /// The answer is larger than what can be merged.
    #[error("the upstream's answer is larger than {0} bytes (max-merge)")]
    TooLarge(usize),
    /// Too many requests run.
    #[error(
        "too many requests to the upstream run at once (max-requests), or too many large answers are merged"
    )]
    Busy,
    /// The service closed its WebSocket.
    #[error("the upstream closed its WebSocket with code {0}")]
    SocketClosed(u16),
    /// The request could not be built.
    #[error("the request for the upstream could not be built: {0}")]
    Request(String),
}

impl UpstreamError {
    /// Returns whether the service took too long: `GATEWAY_TIMEOUT`. Everything else is `BAD_GATEWAY`.
    pub fn is_timeout(&self) -> bool {
        matches!(
            self,
            Self::ConnectTimeout | Self::FirstByteTimeout | Self::Silence | Self::Timeout
        )
    }
}
