//! An id for every request, in its log lines and its response. Users can quote it to the operators.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use uuid::Uuid;

use super::client_address::{ClientAddress, Peer};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// A request's id.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Uses a trusted proxy's id if it is safe to log, or creates one. Other clients cannot choose an id: they could make
/// their log lines look like those of another client's request.
#[expect(
    clippy::disallowed_methods,
    reason = "an id for log lines proves nothing and is never compared"
)]
pub async fn set(
    State(addresses): State<Arc<ClientAddress>>,
    mut request: Request,
    next: Next,
) -> Response {
    let is_trusted = request
        .extensions()
        .get::<Peer>()
        .is_some_and(|peer| addresses.trusts(*peer));
    let id = request
        .headers()
        .get(&HEADER)
        .filter(|_| is_trusted)
        .and_then(|value| value.to_str().ok())
        .filter(|id| is_loggable(id))
        .map_or_else(|| Uuid::now_v7().simple().to_string(), str::to_owned);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// Returns whether an id is short and plain. Any other id could inject text into the log (ASVS 16.4.1).
fn is_loggable(id: &str) -> bool {
    (8..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
