//! Responses to requests that are not valid GraphQL requests, or that may not run. Their JSON has the form of GraphQL
//! errors.

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
    /// The allowed methods, for a 405.
    allow: Option<&'static str>,
}

impl ErrorResponse {
    /// Creates a response. The code decides the status.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            allow: None,
        }
    }

    /// Creates a 405. `allow` lists the allowed methods (RFC 9110, section 15.5.6).
    pub fn method_not_allowed(allow: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(
                ErrorCode::MethodNotAllowed,
                "This method is not allowed here",
            )
        }
    }

    /// Returns the error alone, for a WebSocket.
    pub fn into_error(self) -> ServerError {
        self.log();
        error(self.code, &*self.message)
    }

    /// Logs the refusal, for the detection of attacks (ASVS 16.3.2, 16.3.3). Internal errors are logged where they occur.
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
        if self.code.retry_after().is_some() {
            return unavailable(self.code, errors.into());
        }
        let mut response = refusal(status(self.code), errors_body(&errors));
        if let Some(allow) = self.allow {
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        response
    }
}

/// Returns a response body with errors only. It has no `data`, because nothing ran or no result can be returned.
pub fn errors_body(errors: &[ServerError]) -> Value {
    json!({ "errors": errors })
}

/// Returns the response of an operation whose result cannot be returned.
pub fn failed(code: ErrorCode, errors: Vec<ServerError>, identity: Option<&str>) -> Response {
    if code.retry_after().is_some() {
        return unavailable(code, errors);
    }
    let mut body = errors_body(&errors);
    if let Some(identity) = identity {
        body["extensions"] = json!({ "identity": identity });
    }
    refusal(status(code), body)
}

/// Returns the response of an unavailable service: 503 with Retry-After, in seconds, in header and body.
pub fn unavailable(code: ErrorCode, mut errors: Vec<ServerError>) -> Response {
    let seconds = code.retry_after().unwrap_or(1);
    for error in &mut errors {
        error
            .extensions
            .get_or_insert_default()
            .set("retryAfter", seconds);
        error.path.clear();
    }
    let mut response = refusal(StatusCode::SERVICE_UNAVAILABLE, errors_body(&errors));
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Returns the response for a request whose handler panicked, and logs the panic. The library would only say that it
/// panicked.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    tracing::error!(panic = panic_message(&*panic), "a handler panicked");
    ErrorResponse::new(ErrorCode::InternalServerError, "Internal server error").into_response()
}

/// Returns the message of a panic.
pub fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

fn refusal(status: StatusCode, body: Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.extensions_mut().insert(IsRefusal);
    response
}

/// Marks a response that this file created.
#[derive(Clone, Copy)]
struct IsRefusal;

/// Adapts a refusal to its request: sets the media type that the client accepts, and `Connection: close` if the request
/// has a body.
///
/// Some clients read the body of an error status only as `application/graphql-response+json`. A refusal that did not
/// wait for the body ends the connection: without the header, the client's next request would be lost.
pub async fn adapt(request: Request, next: Next) -> Response {
    let accepted = ResponseType::choose(request.headers());
    let has_body = !request.body().is_end_stream();
    let mut response = next.run(request).await;
    if response.extensions().get::<IsRefusal>().is_some() {
        if let Ok(accepted) = accepted {
            let value = HeaderValue::from_static(accepted.content_type());
            response.headers_mut().insert(header::CONTENT_TYPE, value);
        }
        if has_body {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
    }
    response
}

/// Returns the HTTP status of a code.
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
        ErrorCode::BadGateway => StatusCode::BAD_GATEWAY,
        ErrorCode::GatewayTimeout => StatusCode::GATEWAY_TIMEOUT,
        ErrorCode::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
