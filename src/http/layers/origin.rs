//! From which pages something may run. CORS decides who may read an answer; this decides who may cause one.

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

/// Maximum bytes of an origin that is shown: a host name has 253 at most, and a scheme and a port come to it.
const MAX_SHOWN: usize = 270;

/// The origins whose pages may run something.
pub struct OriginPolicy(HashSet<Vec<u8>>);

impl OriginPolicy {
    /// Allows just these.
    pub fn new(origins: &[Origin]) -> Self {
        Self(
            origins
                .iter()
                .map(|origin| origin.as_str().as_bytes().to_vec())
                .collect(),
        )
    }

    /// Judges by what browsers say of themselves, and no page can forge: Origin and Sec-Fetch-Site.
    ///
    /// Neither is sent by programs, which carry no visitor's cookies: they are served.
    fn allows(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (Some(origin), None) => self.0.contains(origin.as_bytes()),
            (Some(_), Some(_)) => false,
            // Same-site is not enough: a neighbour's page on another port or subdomain has the cookie sent along.
            (None, _) => headers
                .get_all("sec-fetch-site")
                .iter()
                .all(|site| matches!(site.as_bytes(), b"same-origin" | b"none")),
        }
    }
}

/// Answers 403 to a page of another origin, before anything else is judged (ASVS 3.5.1).
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

/// Says which page is refused, and what lets it in: a developer whose frontend is not on the list reads it first.
fn message(headers: &HeaderMap) -> String {
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

/// Returns an origin as the log may have it: printable ASCII, and not long (ASVS 16.4.1).
fn shown(origin: &HeaderValue) -> &str {
    match origin.to_str() {
        Ok("") => "an empty one",
        Ok(text) if text.len() <= MAX_SHOWN => text,
        _ => "one that is no origin",
    }
}

/// Whether a request is for what is the same for everybody: GraphiQL's page and parts, and health.
fn runs_nothing(request: &Request) -> bool {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return false;
    }
    let uri = request.uri();
    match uri.path() {
        // The page may be linked to: a navigation has no Origin. With a query string, however spelt, it is no page.
        "/graphql" => {
            uri.query().is_none()
                && wants_page(request.headers())
                && !request.headers().contains_key(header::ORIGIN)
        }
        "/healthz" | "/readyz" => true,
        path => path.starts_with("/graphql/assets/"),
    }
}
