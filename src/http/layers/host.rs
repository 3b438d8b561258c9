//! One Host and one framing, as HTTP/1.1 asks (RFC 9112, sections 3.2 and 6.1): where a proxy and we could read a
//! request in two ways, it is refused. Stops request smuggling and requests for a host that a filter did not see.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{graphql::error_code::ErrorCode, http::ErrorResponse};

/// Refuses a request with no Host, with more than one, or with one that is no host, and a transfer coding other than
/// one `chunked`.
pub async fn check(request: Request, next: Next) -> Response {
    let problem = host_problem(&request).or_else(|| coding_problem(request.headers()));
    match problem {
        None => next.run(request).await,
        Some(message) => ErrorResponse::new(ErrorCode::BadRequest, message).into_response(),
    }
}

fn host_problem(request: &Request) -> Option<&'static str> {
    let target = request.uri().authority();
    let mut hosts = request.headers().get_all(header::HOST).iter();
    // An absolute target names the host by itself, and HTTP/1.0 had none.
    let may_lack = request.version() == Version::HTTP_10 || target.is_some();
    let is_one = match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            if parse(host).is_none() {
                return Some(
                    "The Host header must be a host name or an address, and a port at most",
                );
            }
            true
        }
        (None, _) => may_lack,
        (Some(_), Some(_)) => false,
    };
    if !is_one {
        return Some("There must be one Host header");
    }
    target
        .is_some_and(|target| !is_host(target))
        .then_some("The target's host must be a host name or an address, and a port at most")
}

fn coding_problem(headers: &HeaderMap) -> Option<&'static str> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_fine = match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    };
    (!is_fine).then_some("The only transfer coding is chunked, once")
}

/// Returns the hosts that a request names, without ports: in its Host header, and in an absolute target.
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

/// Whether it is a host and a port at most: no user information, and not nothing.
fn is_host(authority: &Authority) -> bool {
    let host = authority.host();
    let rest = authority.as_str().strip_prefix(host);
    let is_port = |rest: &str| {
        let digits = rest.strip_prefix(':').unwrap_or(rest);
        digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    !host.is_empty() && rest.is_some_and(is_port)
}
