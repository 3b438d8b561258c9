//! The counts for Prometheus, on the admin listener alone.
//!
//! Every app has a recorder of its own, so that two in one process do not count each other's logins.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use metrics::{Gauge, describe_gauge, gauge, with_local_recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::auth::{Auth, Metrics};

/// Prometheus's text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What `/metrics` shows.
#[derive(Clone)]
pub struct Exposition {
    handle: PrometheusHandle,
    waiting: Gauge,
    working: Gauge,
}

/// Makes the counts, and what shows them.
pub fn new() -> (Metrics, Exposition) {
    let recorder = PrometheusBuilder::new().build_recorder();
    with_local_recorder(&recorder, || {
        let (waiting, working) = ("gatelodge_hashes_waiting", "gatelodge_hashes_working");
        describe_gauge!(waiting, "Requests that wait for a password hash");
        describe_gauge!(working, "Password hashes at work");
        let exposition = Exposition {
            handle: recorder.handle(),
            waiting: gauge!(waiting),
            working: gauge!(working),
        };
        (Metrics::register(), exposition)
    })
}

/// `GET /metrics`.
pub fn routes(auth: Arc<Auth>, exposition: Exposition) -> Router {
    Router::new()
        .route("/metrics", get(show))
        .with_state((auth, exposition))
}

async fn show(State((auth, exposition)): State<(Arc<Auth>, Exposition)>) -> Response {
    // These are how things stand, not what happened: they are looked at when somebody asks.
    let load = auth.hasher.load();
    exposition.waiting.set(load.waiting);
    exposition.working.set(load.working);
    ([(header::CONTENT_TYPE, TEXT)], exposition.handle.render()).into_response()
}
