//! `GET /metrics`: metrics in Prometheus text format, on the admin listener only.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::header,
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{auth::Auth, http::layers::trace::log_at_debug, telemetry::metrics::Exposition};

/// The media type of Prometheus's text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Returns the route `/metrics`.
pub fn routes(auth: Arc<Auth>, exposition: Exposition) -> Router {
    Router::new()
        .route("/metrics", get(show))
        .route_layer(map_response(log_at_debug))
        .with_state((auth, exposition))
}

async fn show(State((auth, exposition)): State<(Arc<Auth>, Exposition)>) -> Response {
    let load = auth.hasher().load();
    let text = exposition.render(load.waiting, load.working);
    ([(header::CONTENT_TYPE, TEXT)], text).into_response()
}
