//! Checks the Host header and the body's framing (RFC 9112, sections 3.2 and 6.1). A request is refused if a proxy and
//! Gatelodge could read it differently. This stops request smuggling, and requests for a host that a filter did not see.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{graphql::error_code::ErrorCode, http::ErrorResponse};

/// Refuses a request with no Host header, more than one or an invalid one, and a transfer coding other than one
/// `chunked`.
pub async fn check(request: Request, next: Next) -> Response {
    match problem(&request) {
        None => next.run(request).await,
        Some(message) => ErrorResponse::new(ErrorCode::BadRequest, message).into_response(),
    }
}

/// Returns what is wrong with a request's Host header or framing.
pub fn problem(request: &Request) -> Option<&'static str> {
    host_problem(request).or_else(|| coding_problem(request.headers()))
}

fn host_problem(request: &Request) -> Option<&'static str> {
    let target = request.uri().authority();
    let mut hosts = request.headers().get_all(header::HOST).iter();
    // An absolute target contains the host, and HTTP/1.0 has no Host header.
    let is_optional = request.version() == Version::HTTP_10 || target.is_some();
    let is_one = match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            if parse(host).is_none() {
                return Some(
                    "The Host header must be a host name or an IP address, with an optional port",
                );
            }
            true
        }
        (None, _) => is_optional,
        (Some(_), Some(_)) => false,
    };
    if !is_one {
        return Some("The request must have exactly one Host header");
    }
    target
        .is_some_and(|target| !is_host(target))
        .then_some("The target's host must be a host name or an IP address, with an optional port")
}

fn coding_problem(headers: &HeaderMap) -> Option<&'static str> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_fine = match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    };
    (!is_fine).then_some("Transfer-Encoding must be a single chunked")
}

/// Returns the hosts in a request's Host header and absolute target, without ports.
pub fn names(request: &Request) -> impl Iterator<Item = String> {
    let hosts = request.headers().get_all(header::HOST).iter();
    let hosts = hosts.filter_map(parse);
    let target = request.uri().authority().cloned();
    hosts
        .chain(target)
        .map(|authority| authority.host().to_owned())
}

fn parse(value: &HeaderValue) -> Option<Authority> {
    let authority: Authority = value.to_str().ok()?.parse().ok()?;
    is_host(&authority).then_some(authority)
}

/// Returns whether an authority is a host with an optional port: not empty, and without user information.
fn is_host(authority: &Authority) -> bool {
    let host = authority.host();
    let rest = authority.as_str().strip_prefix(host);
    let is_port = |rest: &str| {
        let digits = rest.strip_prefix(':').unwrap_or(rest);
        digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    !host.is_empty() && rest.is_some_and(is_port)
}
