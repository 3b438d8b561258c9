//! A span for every request, and a line when it is answered. No query string, no header, no body: they hold secrets.

use std::time::Duration;

use axum::response::Response;
use tower_http::{
    classify::{ServerErrorsAsFailures, SharedClassifier},
    trace::{MakeSpan, OnResponse, TraceLayer},
};
use tracing::{Span, field};

use super::{client_address::ClientIp, request_id::RequestId};
use crate::http::short_path;

/// The layer.
pub fn layer()
-> TraceLayer<SharedClassifier<ServerErrorsAsFailures>, RequestSpan, (), Answered, (), (), ()> {
    TraceLayer::new_for_http()
        .make_span_with(RequestSpan)
        .on_request(())
        .on_response(Answered)
        .on_body_chunk(())
        .on_eos(())
        .on_failure(())
}

/// Makes a request's span.
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

/// Marks an answer that is not worth a line: health checks and scrapes come every few seconds.
#[derive(Clone, Copy)]
pub struct Quiet;

/// Keeps the answers of a route out of the log.
pub async fn quiet(mut answer: Response) -> Response {
    answer.extensions_mut().insert(Quiet);
    answer
}

/// Says that a request was answered.
#[derive(Clone, Copy)]
pub struct Answered;

impl<B> OnResponse<B> for Answered {
    fn on_response(self, response: &axum::http::Response<B>, latency: Duration, _: &Span) {
        let status = response.status().as_u16();
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        if response.extensions().get::<Quiet>().is_some() {
            tracing::debug!(status, micros, "answered");
        } else {
            tracing::info!(status, micros, "answered");
        }
    }
}
