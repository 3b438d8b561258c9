//! CORS with credentials for exact origins. It decides which pages may read a response.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowCredentials, AllowHeaders, AllowOrigin, CorsLayer};

use crate::config::values::origin::Origin;

/// How long browsers may cache a preflight's response. A removed origin loses access after this time.
const MAX_AGE: Duration = Duration::from_mins(10);

/// The response headers that pages may read.
pub const EXPOSED: [HeaderName; 3] = [
    header::RETRY_AFTER,
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("gatelodge-identity"),
];

/// Returns the layer. The `origin` check, which runs before it, has already refused all other origins.
pub fn layer(origins: &[Origin]) -> CorsLayer {
    let origins = origins
        .iter()
        .filter_map(|origin| HeaderValue::from_str(origin.as_str()).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_credentials(AllowCredentials::predicate(|_, _| true))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(EXPOSED)
        .max_age(MAX_AGE)
}

/// Lets pages of an allowed origin read a response that does not pass the layer.
pub fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        HeaderValue::from_static("true"),
    );
    for name in EXPOSED {
        headers.append(header::ACCESS_CONTROL_EXPOSE_HEADERS, name.into());
    }
}
