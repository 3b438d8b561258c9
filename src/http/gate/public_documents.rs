//! The public documents: the key set and the issuer's metadata, by which services verify identity tokens.
//!
//! Everybody may read them, pages of every origin too. They are the same for all users, and caches may keep them.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{Any, CorsLayer},
};

use crate::{
    graphql::{error_code::ErrorCode, execute::error},
    http::{
        ErrorResponse, error_response,
        layers::{self, security_headers::Transport},
    },
    identity::{Issuer, PublicDocument},
};

/// The key set's path (RFC 8615).
const JWKS: &str = "/.well-known/jwks.json";
/// The metadata's path (`OpenID` Connect Discovery 1.0, section 4).
const METADATA: &str = "/.well-known/openid-configuration";
/// The paths of the documents.
pub const PATHS: [&str; 2] = [JWKS, METADATA];
/// The media type of both documents. RFC 7517 has `application/jwk-set+json` for a key set, but some verifiers refuse
/// everything except JSON, for example `KrakenD`, and no verifier is known that needs the exact type.
const JSON: &str = "application/json";
/// How long caches may keep a document. A scheduled key is published 20 minutes before it signs.
const CACHING: &str = "public, max-age=300";
/// How long browsers may cache a preflight's response.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_hours(1);

/// Returns the stack of the public documents. It has neither an origin check nor a CSRF layer: it reads no cookie and
/// changes nothing.
pub fn stack(issuer: Arc<Issuer>, transport: Transport) -> Router {
    routes(issuer)
        .layer(CatchPanicLayer::custom(error_response::panicked))
        .layer(from_fn(layers::host::check))
        .layer(from_fn(error_response::adapt))
        .layer(from_fn_with_state(
            transport,
            layers::security_headers::set_public,
        ))
}

/// Returns the routes with their CORS headers, for a listener that has layers of its own.
pub fn routes(issuer: Arc<Issuer>) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers(Any)
        .max_age(PREFLIGHT_MAX_AGE)
        .vary([]);
    Router::new()
        .route(JWKS, get(jwks))
        .route(METADATA, get(metadata))
        .with_state(issuer)
        .method_not_allowed_fallback(async || ErrorResponse::method_not_allowed("GET, HEAD"))
        .layer(cors)
}

async fn jwks(State(issuer): State<Arc<Issuer>>, headers: HeaderMap) -> Response {
    if let Some(document) = issuer.jwks() {
        return send(&document, &headers);
    }
    let code = ErrorCode::ServiceUnavailable;
    let message = "The keys are not available at the moment";
    error_response::unavailable(code, vec![error(code, message)])
}

async fn metadata(State(issuer): State<Arc<Issuer>>, headers: HeaderMap) -> Response {
    send(&issuer.metadata(), &headers)
}

/// Returns a document, or 304 if the client has it already (RFC 9110, section 13.1.2).
fn send(document: &PublicDocument, headers: &HeaderMap) -> Response {
    let mut response = if has_tag(headers, &document.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = document.body.to_string();
        ([(header::CONTENT_TYPE, JSON)], body).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&document.etag) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHING));
    response
}

/// Returns whether If-None-Match contains a tag, by the weak comparison (RFC 9110, section 8.8.3.2).
fn has_tag(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|wanted| wanted == "*" || wanted.strip_prefix("W/").unwrap_or(wanted) == tag)
}
