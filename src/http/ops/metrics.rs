//! The counts for Prometheus, on the admin listener alone.
//!
//! Every app has a recorder of its own, so that two in one process do not count each other's logins.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use metrics::{
    Counter, Gauge, counter, describe_counter, describe_gauge, gauge, with_local_recorder,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::{
    auth::{Auth, Metrics},
    graphql::metrics::DocumentMetrics,
};

/// Prometheus's text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What `/metrics` shows.
#[derive(Clone)]
pub struct Exposition {
    handle: PrometheusHandle,
    waiting: Gauge,
    working: Gauge,
    dropped: [Counter; 2],
    /// Where the log counts the lines that it dropped.
    pub dropped_lines: Arc<DroppedLines>,
}

/// Lines of the log that were dropped, because it could not be written as fast as they came.
#[derive(Debug, Default)]
pub struct DroppedLines {
    security: AtomicU64,
    ordinary: AtomicU64,
}

impl DroppedLines {
    /// Counts one.
    pub fn count(&self, is_about_security: bool) {
        let count = if is_about_security {
            &self.security
        } else {
            &self.ordinary
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how many were about security, and how many were not.
    pub fn get(&self) -> (u64, u64) {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (get(&self.security), get(&self.ordinary))
    }
}

/// Makes the counts, and what shows them.
pub fn new() -> (Metrics, DocumentMetrics, Exposition) {
    let recorder = PrometheusBuilder::new().build_recorder();
    with_local_recorder(&recorder, || {
        let (waiting, working) = ("gatelodge_hashes_waiting", "gatelodge_hashes_working");
        describe_gauge!(waiting, "Requests that wait for a password hash");
        describe_gauge!(working, "Password hashes at work");
        let dropped = "gatelodge_log_lines_dropped_total";
        describe_counter!(
            dropped,
            "Log lines that were dropped because the log could not be written"
        );
        let exposition = Exposition {
            dropped: ["security", "ordinary"].map(|kind| counter!(dropped, "kind" => kind)),
            dropped_lines: Arc::default(),
            handle: recorder.handle(),
            waiting: gauge!(waiting),
            working: gauge!(working),
        };
        (Metrics::register(), DocumentMetrics::register(), exposition)
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
    let (security, ordinary) = exposition.dropped_lines.get();
    exposition.dropped[0].absolute(security);
    exposition.dropped[1].absolute(ordinary);
    ([(header::CONTENT_TYPE, TEXT)], exposition.handle.render()).into_response()
}
