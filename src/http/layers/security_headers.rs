//! Security headers of every response, for browsers and caches.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// The protocol by which browsers reach this listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TLS, which the reverse proxy terminates.
    Https,
    /// Plain HTTP.
    Http,
}

/// Sets the headers that the handler did not set.
pub async fn set(State(transport): State<Transport>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // No page of another origin may load a response without CORS, for example as an image or a script.
    add(headers, transport, "same-origin");
    vary_by_origin(headers);
    response
}

/// Sets the headers of responses that are public, and the same for every origin.
pub async fn set_public(
    State(transport): State<Transport>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    add(response.headers_mut(), transport, "cross-origin");
    response
}

/// Adds the headers that a response lacks. The resource policy says which pages may load the response without CORS.
pub fn add(headers: &mut HeaderMap, transport: Transport, resource_policy: &'static str) {
    let mut default = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "no-referrer");
    default(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    default(
        HeaderName::from_static("cross-origin-resource-policy"),
        resource_policy,
    );
    if transport == Transport::Https {
        // Two years, for this host and its subdomains (ASVS 3.4.1).
        default(
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=63072000; includeSubDomains",
        );
    }
    // A response depends on the user. It must not reach another user, also not one at the same browser (ASVS 14.3.2).
    default(header::CACHE_CONTROL, "no-store");
}

/// Adds `Vary: origin`. The CORS headers of every response, also of errors, depend on the origin, so a cache must keep
/// them apart.
fn vary_by_origin(headers: &mut HeaderMap) {
    let has_origin = headers
        .get_all(header::VARY)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("origin"));
    if !has_origin {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
}
