//! A span for every request, and a log line for every response. Query strings, headers and bodies are not logged: they
//! contain secrets.

use std::time::Duration;

use axum::response::Response;
use tower_http::{
    classify::{ServerErrorsAsFailures, SharedClassifier},
    trace::{MakeSpan, OnResponse, TraceLayer},
};
use tracing::{Span, field};

use super::{client_address::ClientIp, request_id::RequestId};
use crate::http::short_path;

/// Returns the layer.
pub fn layer()
-> TraceLayer<SharedClassifier<ServerErrorsAsFailures>, RequestSpan, (), LogResponse, (), (), ()> {
    TraceLayer::new_for_http()
        .make_span_with(RequestSpan)
        .on_request(())
        .on_response(LogResponse)
        .on_body_chunk(())
        .on_eos(())
        .on_failure(())
}

/// Creates a request's span.
#[derive(Clone, Copy)]
pub struct RequestSpan;

impl<B> MakeSpan<B> for RequestSpan {
    fn make_span(&mut self, request: &axum::http::Request<B>) -> Span {
        let id = request.extensions().get::<RequestId>();
        let source = request.extensions().get::<ClientIp>();
        tracing::info_span!(
            "request",
            id = id.map_or("", |id| id.0.as_str()),
            source = source.map(|source| field::display(source.0)),
            method = %request.method(),
            path = short_path(request),
            kind = field::Empty,
            operation = field::Empty,
        )
    }
}

/// Marks a response that is logged at the level debug only. Health checks and scrapes come every few seconds.
#[derive(Clone, Copy)]
pub struct LogAtDebug;

/// Logs the responses of a route at the level debug.
pub async fn log_at_debug(mut response: Response) -> Response {
    response.extensions_mut().insert(LogAtDebug);
    response
}

/// Logs the status and latency of a response.
#[derive(Clone, Copy)]
pub struct LogResponse;

impl<B> OnResponse<B> for LogResponse {
    fn on_response(self, response: &axum::http::Response<B>, latency: Duration, _: &Span) {
        let status = response.status().as_u16();
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        if response.extensions().get::<LogAtDebug>().is_some() {
            tracing::debug!(status, micros, "answered");
        } else {
            tracing::info!(status, micros, "answered");
        }
    }
}
