//! One Host, as HTTP/1.1 asks (RFC 9112, section 3.2): of two, a proxy and we might each believe another.

use axum::{
    extract::Request,
    http::{Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::Refusal;
use crate::graphql::code::ErrorCode;

/// Refuses a request with no Host, or with more than one.
pub async fn check(request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    // An absolute target names the host by itself, and HTTP/1.0 had none.
    let may_lack = request.version() == Version::HTTP_10 || request.uri().authority().is_some();
    if hosts == 1 || (hosts == 0 && may_lack) {
        return next.run(request).await;
    }
    Refusal::new(ErrorCode::BadRequest, "There must be one Host header").into_response()
}
