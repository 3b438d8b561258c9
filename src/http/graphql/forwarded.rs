//! Answers of the upstream, on their way to the client.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use super::{
    media_type::ResponseType,
    splice::{Malformed, Splicer},
    stream::{StreamLife, stream},
};
use crate::{
    graphql::execute::{NOT_AN_ANSWER, UpstreamAnswer, upstream_error},
    http::error_response::failed,
    upstream::{UpstreamBody, UpstreamError, UpstreamResponse},
};
use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame};

/// The identity as a header, for answers that stream.
pub const IDENTITY: HeaderName = HeaderName::from_static("gatelodge-identity");
/// An answer of at most this many bytes is checked whole before its first byte is sent.
const CHECKED: usize = 64 * 1024;

/// Returns the response for an answer of the upstream, with the identity in it. A stream needs its life.
pub async fn respond(
    answer: UpstreamResponse,
    response_type: ResponseType,
    identity: Option<&str>,
    life: Option<StreamLife>,
) -> Response {
    let headers = answer.headers.clone();
    let mut response = if answer.media_type().is_json() {
        match json(answer, response_type, identity).await {
            Ok(response) => response,
            Err(problem) => {
                let (code, error) = upstream_error(&problem);
                return failed(code, vec![error], identity);
            }
        }
    } else if let Some(life) = life {
        stream(answer, life)
    } else {
        let problem = UpstreamError::NotGraphql("it is a stream that was not asked for");
        let (code, error) = upstream_error(&problem);
        return failed(code, vec![error], identity);
    };
    let own = response.headers_mut();
    for (name, value) in &headers {
        own.append(name, value.clone());
    }
    if let Some(identity) = identity.and_then(|identity| HeaderValue::from_str(identity).ok()) {
        own.insert(IDENTITY, identity);
    }
    response
}

async fn json(
    answer: UpstreamResponse,
    response_type: ResponseType,
    identity: Option<&str>,
) -> Result<Response, UpstreamError> {
    let refused = response_type.refused();
    let content_type = [(header::CONTENT_TYPE, response_type.content_type())];
    let is_success = answer.status.is_success();
    let mut splicer = Splicer::new(identity);
    let mut body = answer.body;
    let mut first = vec![];
    while first.len() <= CHECKED {
        if let Some(frame) = body.frame().await {
            first.extend(frame?.into_data().unwrap_or_default());
            continue;
        }
        // The whole answer is here, so it can still be refused.
        let has_data = UpstreamAnswer::has_data(&first).ok_or(NOT_AN_ANSWER)?;
        let bytes = splicer.push(&first).map_err(|Malformed| NOT_AN_ANSWER)?;
        let status = if has_data { StatusCode::OK } else { refused };
        return Ok((status, content_type, Body::from(bytes)).into_response());
    }
    let bytes = splicer
        .push(&first)
        .map_err(|Malformed| UpstreamError::NotGraphql("it is not a JSON object"))?;
    let status = if is_success { StatusCode::OK } else { refused };
    let body = Spliced {
        first: Some(Bytes::from(bytes)),
        rest: body,
        splicer,
    };
    Ok((status, content_type, Body::new(body)).into_response())
}

/// A long answer, spliced while it passes.
struct Spliced {
    first: Option<Bytes>,
    rest: UpstreamBody,
    splicer: Splicer,
}

impl HttpBody for Spliced {
    type Data = Bytes;
    type Error = UpstreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UpstreamError>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        let frame = ready!(Pin::new(&mut self.rest).poll_frame(context));
        let malformed = UpstreamError::NotGraphql("it is not one JSON object");
        Poll::Ready(match frame {
            // The client sees that the answer is not complete: the connection closes.
            None => self.splicer.finish().err().map(|Malformed| Err(malformed)),
            Some(Err(error)) => Some(Err(error)),
            Some(Ok(frame)) => {
                let data = frame.into_data().unwrap_or_default();
                let bytes = self.splicer.push(&data);
                Some(
                    bytes
                        .map(|bytes| Frame::data(Bytes::from(bytes)))
                        .map_err(|Malformed| malformed),
                )
            }
        })
    }
}
