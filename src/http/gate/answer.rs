//! The answers of forward-auth: 200, 303, 401, 403 and 503. There is no other one, because proxies turn other statuses
//! into errors of their own.

use std::{any::Any, borrow::Cow};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;

use super::identity_headers;
use crate::{
    auth::{Failure, session::authenticate::Authenticated},
    graphql::{error_code::ErrorCode, execute::error},
    http::{
        ErrorResponse,
        error_response::{self, panic_message},
    },
    identity::IssueError,
    telemetry::forward_auth_metrics::ForwardAuthOutcome,
};

/// The scheme of a session cookie. Browsers know no such scheme, so they open no password dialog.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Session realm=\"gatelodge\"");
/// The body of a 401, in the form of all errors.
const UNAUTHENTICATED: &str =
    r#"{"errors":[{"message":"You are not logged in","extensions":{"code":"UNAUTHENTICATED"}}]}"#;

/// Returns the answer to a request with a live session.
pub fn passed(authenticated: &Authenticated, token: &SecretString) -> Response {
    let mut headers = HeaderMap::with_capacity(8);
    if identity_headers::of_user(&mut headers, authenticated, token).is_none() {
        return unavailable(&"an identity header could not be written");
    }
    answer(ForwardAuthOutcome::Passed, StatusCode::OK, headers, "")
}

/// Returns the answer to a request that passes without a session.
pub fn stranger() -> Response {
    let mut headers = HeaderMap::with_capacity(8);
    identity_headers::of_stranger(&mut headers);
    answer(ForwardAuthOutcome::Stranger, StatusCode::OK, headers, "")
}

/// Returns the answer that sends a browser to the login page.
pub fn redirect(location: HeaderValue) -> Response {
    let headers = HeaderMap::from_iter([(header::LOCATION, location)]);
    let (outcome, status) = (ForwardAuthOutcome::Redirected, StatusCode::SEE_OTHER);
    answer(outcome, status, headers, "")
}

/// Returns the answer to a request without a live session.
pub fn unauthenticated() -> Response {
    let json = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([
        (header::WWW_AUTHENTICATE, CHALLENGE),
        (header::CONTENT_TYPE, json),
    ]);
    let (outcome, status) = (
        ForwardAuthOutcome::Unauthenticated,
        StatusCode::UNAUTHORIZED,
    );
    answer(outcome, status, headers, UNAUTHENTICATED)
}

/// Returns the answer to a request that may not pass, and logs it.
pub fn forbidden(why: impl Into<Cow<'static, str>>) -> Response {
    let response = ErrorResponse::new(ErrorCode::Forbidden, why).into_response();
    with_outcome(response, ForwardAuthOutcome::Forbidden)
}

/// Returns the answer to a request that cannot be decided, and logs the cause.
pub fn unavailable(cause: &dyn std::fmt::Display) -> Response {
    tracing::error!(error = %cause, "forward-auth cannot decide");
    let code = ErrorCode::ServiceUnavailable;
    let message = "The service is unavailable, try again in a moment";
    let response = error_response::unavailable(code, vec![error(code, message)]);
    with_outcome(response, ForwardAuthOutcome::Unavailable)
}

/// Returns the answer for a request whose handler panicked, and logs the panic.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic_message(&*panic);
    unavailable(&format_args!("a handler panicked: {message}"))
}

/// Why a request could not be decided.
#[derive(Debug, thiserror::Error)]
pub enum Undecided {
    /// The session could not be read.
    #[error("the session could not be read: {0}")]
    Session(#[from] Failure),
    /// No token could be issued.
    #[error("no identity token could be issued: {0}")]
    Token(#[from] IssueError),
}

fn answer(
    outcome: ForwardAuthOutcome,
    status: StatusCode,
    headers: HeaderMap,
    body: &'static str,
) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    with_outcome(response, outcome)
}

fn with_outcome(mut response: Response, outcome: ForwardAuthOutcome) -> Response {
    response.extensions_mut().insert(outcome);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_cannot_be_decided() {
        let response = panicked(Box::new("a bug near /dev/secret-path"));
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key(header::RETRY_AFTER));
        let outcome = response.extensions().get::<ForwardAuthOutcome>();
        assert_eq!(outcome, Some(&ForwardAuthOutcome::Unavailable));
    }
}
