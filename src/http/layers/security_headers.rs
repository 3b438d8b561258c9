//! Headers of every answer: what browsers and caches may make of it.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// How browsers reach this listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// By TLS, which the proxy in front speaks.
    Https,
    /// Without it.
    Http,
}

/// Sets what the handler did not.
pub async fn set(State(transport): State<Transport>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
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
    // For pages that load an answer without asking by CORS, as an image or a script: none may.
    default(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    if transport == Transport::Https {
        // Two years, this host and what is below it (ASVS 3.4.1).
        default(
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=63072000; includeSubDomains",
        );
    }
    // What depends on who asks is nobody else's, and not the next person's at the same browser (ASVS 14.3.2).
    default(header::CACHE_CONTROL, "no-store");
    vary_by_origin(headers);
    response
}

/// Every answer, errors too, differs by origin in its CORS headers: a cache must not mix them.
fn vary_by_origin(headers: &mut HeaderMap) {
    let said = headers
        .get_all(header::VARY)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("origin"));
    if !said {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
}
