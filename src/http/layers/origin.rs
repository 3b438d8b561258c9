//! The origins whose pages may run operations. CORS decides which pages may read a response; this check decides which
//! pages may cause one.

use std::{collections::HashSet, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    config::values::origin::Origin,
    graphql::error_code::ErrorCode,
    http::{ErrorResponse, graphql::media_type::wants_page},
};

/// Maximum bytes of an origin in a message: at most 253 for a host name, and some for a scheme and a port.
const MAX_SHOWN: usize = 270;

/// The origins whose pages may run operations.
pub struct OriginPolicy(HashSet<Vec<u8>>);

impl OriginPolicy {
    /// Allows only these origins.
    pub fn new(origins: &[Origin]) -> Self {
        Self(
            origins
                .iter()
                .map(|origin| origin.as_str().as_bytes().to_vec())
                .collect(),
        )
    }

    /// Returns whether an origin may run operations.
    pub fn contains(&self, origin: &HeaderValue) -> bool {
        self.0.contains(origin.as_bytes())
    }

    /// Checks Origin and Sec-Fetch-Site, which browsers send and no page can forge.
    ///
    /// Other programs send neither header and carry no user's cookies, so they are allowed.
    pub fn allows(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (Some(origin), None) => self.contains(origin),
            (Some(_), Some(_)) => false,
            // Same-site is not enough: the browser sends the cookie also from a page on another port or subdomain.
            (None, _) => headers
                .get_all("sec-fetch-site")
                .iter()
                .all(|site| matches!(site.as_bytes(), b"same-origin" | b"none")),
        }
    }
}

/// Refuses a page of another origin with 403, before any other check of the request's content (ASVS 3.5.1).
pub async fn check(
    State(policy): State<Arc<OriginPolicy>>,
    request: Request,
    next: Next,
) -> Response {
    if policy.allows(request.headers()) || runs_nothing(&request) {
        return next.run(request).await;
    }
    ErrorResponse::new(ErrorCode::Forbidden, message(request.headers())).into_response()
}

/// Returns the error message. It names the refused origin and the setting to change, for developers whose frontend is
/// not on the list.
pub fn message(headers: &HeaderMap) -> String {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) => format!(
            "This origin is not allowed: {}. The gateway's setting GATELODGE_ALLOWED_ORIGINS lists the origins of \
             frontends",
            shown(origin)
        ),
        (Some(_), Some(_)) => "This origin is not allowed: there are two Origin headers".to_owned(),
        (None, _) => "This origin is not allowed: the request has no Origin, and its Sec-Fetch-Site is of another \
                      site's page. Call from a page whose origin is in the gateway's setting \
                      GATELODGE_ALLOWED_ORIGINS"
            .to_owned(),
    }
}

/// Returns an origin in a form that is safe to log: short and printable ASCII (ASVS 16.4.1).
fn shown(origin: &HeaderValue) -> &str {
    match origin.to_str() {
        Ok("") => "an empty value",
        Ok(text) if text.len() <= MAX_SHOWN => text,
        _ => "an invalid value",
    }
}

/// Returns whether a request runs no operation and gets the same response for every user: GraphiQL's page and assets,
/// and health checks.
fn runs_nothing(request: &Request) -> bool {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return false;
    }
    let uri = request.uri();
    match uri.path() {
        // Other sites may link to the page: a navigation has no Origin. With any query string it is not the page.
        "/graphql" => {
            uri.query().is_none()
                && wants_page(request.headers())
                && !request.headers().contains_key(header::ORIGIN)
        }
        "/healthz" | "/readyz" => true,
        path => path.starts_with("/graphql/assets/"),
    }
}
