//! Accepts WebSockets.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequestParts, WebSocketUpgrade},
    http::{HeaderMap, Request, header},
    response::Response,
};
use tracing::Instrument;

use super::{client::Client, relay::relay};
use crate::{
    graphql::{context::RequestContext, error_code::ErrorCode},
    http::{ErrorResponse, Http, server::ConnectionPermit},
    upstream::{BUFFER, PROTOCOL},
};

/// The older protocol, which Apollo's subscriptions-transport-ws had.
const OLD_PROTOCOL: &str = "graphql-ws";

/// Whether a request wants a WebSocket.
pub fn is_upgrade(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::UPGRADE).iter();
    let mut names = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    names.any(|name| name.trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

/// Accepts a WebSocket, and relays its messages in the background. The origin was checked before.
pub async fn upgrade(
    http: Arc<Http>,
    context: Arc<RequestContext>,
    request: Request<Body>,
) -> Result<Response, ErrorResponse> {
    let sockets = Arc::clone(&http.sockets);
    let refused = |message: &'static str| ErrorResponse::new(ErrorCode::BadRequest, message);
    if http.executor.upstream().is_none() {
        return Err(refused(
            "There are no subscriptions: no service is behind this server",
        ));
    }
    let (mut head, _) = request.into_parts();
    let permit = head.extensions.get::<ConnectionPermit>().cloned();
    let socket = WebSocketUpgrade::from_request_parts(&mut head, &()).await;
    let socket = socket.map_err(|_| refused("This is no valid request for a WebSocket"))?;
    let requested: Vec<_> = socket.requested_protocols().collect();
    if !requested.iter().any(|name| *name == PROTOCOL) {
        return Err(refused(
            if requested.iter().any(|name| *name == OLD_PROTOCOL) {
                "The protocol graphql-ws (subscriptions-transport-ws) is not supported. Use graphql-transport-ws, \
             for example with the package graphql-ws"
            } else {
                "Request the protocol graphql-transport-ws (Sec-WebSocket-Protocol)"
            },
        ));
    }
    if sockets.stop().is_cancelled() {
        return Err(ErrorResponse::new(
            ErrorCode::ServiceUnavailable,
            "This server is stopping",
        ));
    }
    let bounds = sockets.admit().ok_or_else(|| {
        ErrorResponse::new(ErrorCode::ServiceBusy, "There are too many open WebSockets")
    })?;
    let max_message = usize::try_from(sockets.config().socket_message_size).unwrap_or(usize::MAX);
    let write_timeout = sockets.config().socket_write_timeout;
    let span = tracing::info_span!("socket", request_id = context.client().id);
    Ok(socket
        .protocols([PROTOCOL])
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_message_size(max_message)
        .max_frame_size(max_message)
        .on_upgrade(async move |socket| {
            let client = Client::new(socket, write_timeout);
            relay(http, context, client).instrument(span).await;
            drop((permit, bounds));
        }))
}
