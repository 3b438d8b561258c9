//! Answers to what is no GraphQL request, or none that may run: JSON in the shape of GraphQL's errors.

use std::{any::Any, borrow::Cow};

use async_graphql::ServerError;
use axum::{
    Json,
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::graphql::media_type::ResponseType;
use crate::graphql::{error_code::ErrorCode, execute::error};

/// A refused request.
#[derive(Debug)]
pub struct ErrorResponse {
    code: ErrorCode,
    message: Cow<'static, str>,
    /// Methods that would do, for a 405.
    allow: Option<&'static str>,
}

impl ErrorResponse {
    /// A refusal; the status follows from the code.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            allow: None,
        }
    }

    /// The method is not for this; `allow` names those that are (RFC 9110, section 15.5.6).
    pub fn method_not_allowed(allow: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(
                ErrorCode::MethodNotAllowed,
                "This method is not allowed here",
            )
        }
    }

    /// A line for whoever looks for attacks (ASVS 16.3.2, 16.3.3); what breaks has one of its own.
    fn log(&self) {
        let (code, why) = (self.code.as_str(), &*self.message);
        match self.code {
            ErrorCode::InternalServerError => {}
            ErrorCode::Forbidden => tracing::warn!(code, why, "request refused"),
            _ => tracing::info!(code, why, "request refused"),
        }
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        self.log();
        let errors = [error(self.code, &*self.message)];
        let mut response = answer(status(self.code), errors_body(&errors));
        if let Some(allow) = self.allow {
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        response
    }
}

/// A whole answer that is nothing but errors; no `data`, since nothing ran or nothing of it can be given.
pub fn errors_body(errors: &[ServerError]) -> Value {
    json!({ "errors": errors })
}

/// An answer for a service that cannot serve now: 503 with Retry-After, in seconds, in header and body.
pub fn unavailable(code: ErrorCode, mut errors: Vec<ServerError>) -> Response {
    let seconds = code.retry_after().unwrap_or(1);
    for error in &mut errors {
        error
            .extensions
            .get_or_insert_default()
            .set("retryAfter", seconds);
        error.path.clear();
    }
    let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, errors_body(&errors));
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// What is left of a request whose handler panicked; the library has no more to say than that it did.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(panic = message, "a handler panicked");
    ErrorResponse::new(ErrorCode::InternalServerError, "Internal server error").into_response()
}

fn answer(status: StatusCode, body: Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.extensions_mut().insert(Refused);
    response
}

/// Marks an answer of this file.
#[derive(Clone, Copy)]
struct Refused;

/// Fits a refusal to its request: the media type that the client wants, and the connection's end where there is one.
///
/// Some clients read a body that is not 200 only as `application/graphql-response+json`. And a refusal that did not
/// wait for the body ends the connection: a client that is not told sends its next request into nowhere.
pub async fn fit(request: Request, next: Next) -> Response {
    let wanted = ResponseType::choose(request.headers());
    let has_body = !request.body().is_end_stream();
    let mut response = next.run(request).await;
    if response.extensions().get::<Refused>().is_some() {
        if let Ok(wanted) = wanted {
            let value = HeaderValue::from_static(wanted.content_type());
            response.headers_mut().insert(header::CONTENT_TYPE, value);
        }
        if has_body {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
    }
    response
}

/// What HTTP calls a code.
fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::ParseFailed
        | ErrorCode::ValidationFailed
        | ErrorCode::BadUserInput
        | ErrorCode::BadRequest
        | ErrorCode::PersistedQueryNotFound
        | ErrorCode::DocumentNotTrusted
        | ErrorCode::OperationTooComplex => StatusCode::BAD_REQUEST,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        ErrorCode::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        ErrorCode::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::ServiceBusy | ErrorCode::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
