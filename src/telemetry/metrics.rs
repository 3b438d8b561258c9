//! Metrics for Prometheus. No label contains a user or an address.
//!
//! Every app has its own recorder, so that two apps in one process do not count each other's logins.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use metrics::{
    Counter, Gauge, counter, describe_counter, describe_gauge, gauge, with_local_recorder,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::{document_metrics::DocumentMetrics, forward_auth_metrics::ForwardAuthMetrics};

/// The counters of `auth`.
#[derive(Clone)]
pub struct Metrics {
    /// Logins.
    pub logins: Attempts,
    /// Registrations.
    pub registrations: Attempts,
    /// Lookups of breached passwords that failed, after which the password was allowed.
    pub breached_failed_open: Counter,
    /// Forward-auth requests.
    pub forward_auth: ForwardAuthMetrics,
}

/// Counters of attempts, by how they ended.
#[derive(Clone)]
pub struct Attempts {
    succeeded: Counter,
    refused: Counter,
    throttled: Counter,
    failed: Counter,
    abandoned: Counter,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptEnd {
    /// It succeeded.
    Succeeded,
    /// The input was refused.
    Refused,
    /// It was throttled.
    Throttled,
    /// It failed for a reason on the server.
    Failed,
    /// The client disconnected before the response.
    Abandoned,
}

impl Attempts {
    fn register(name: &'static str, description: &'static str) -> Self {
        describe_counter!(name, description);
        let end = |outcome: &'static str| counter!(name, "outcome" => outcome);
        Self {
            succeeded: end("succeeded"),
            refused: end("refused"),
            throttled: end("throttled"),
            failed: end("failed"),
            abandoned: end("abandoned"),
        }
    }

    /// Counts one attempt.
    pub fn count(&self, end: AttemptEnd) {
        let counter = match end {
            AttemptEnd::Succeeded => &self.succeeded,
            AttemptEnd::Refused => &self.refused,
            AttemptEnd::Throttled => &self.throttled,
            AttemptEnd::Failed => &self.failed,
            AttemptEnd::Abandoned => &self.abandoned,
        };
        counter.increment(1);
    }
}

impl Metrics {
    /// Registers the counters with this thread's recorder, each at zero.
    fn register() -> Self {
        let breached = "gatelodge_breached_lookups_failed_open_total";
        describe_counter!(
            breached,
            "Lookups of breached passwords that failed, after which the password was allowed"
        );
        Self {
            logins: Attempts::register("gatelodge_logins_total", "Logins by how they ended"),
            registrations: Attempts::register(
                "gatelodge_registrations_total",
                "Registrations by how they ended",
            ),
            breached_failed_open: counter!(breached),
            forward_auth: ForwardAuthMetrics::register(),
        }
    }
}

/// Renders all metrics as Prometheus text.
#[derive(Clone)]
pub struct Exposition {
    handle: PrometheusHandle,
    waiting: Gauge,
    working: Gauge,
    dropped: [Counter; 2],
    /// The log's counters of dropped lines.
    pub dropped_lines: Arc<DroppedLines>,
}

impl Exposition {
    /// Renders the metrics, with the current numbers of waiting and running password hashes.
    pub fn render(&self, waiting: u32, working: u32) -> String {
        self.waiting.set(waiting);
        self.working.set(working);
        let (security, ordinary) = self.dropped_lines.get();
        self.dropped[0].absolute(security);
        self.dropped[1].absolute(ordinary);
        self.handle.render()
    }
}

/// Counts log lines that were dropped because the log could not be written fast enough.
#[derive(Debug, Default)]
pub struct DroppedLines {
    security: AtomicU64,
    ordinary: AtomicU64,
}

impl DroppedLines {
    /// Counts one line.
    pub fn count(&self, is_about_security: bool) {
        let count = if is_about_security {
            &self.security
        } else {
            &self.ordinary
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the numbers of dropped security lines and of all other dropped lines.
    pub fn get(&self) -> (u64, u64) {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (get(&self.security), get(&self.ordinary))
    }
}

/// Creates the metrics of one app, and their renderer.
pub fn new() -> (Metrics, DocumentMetrics, Exposition) {
    let recorder = PrometheusBuilder::new().build_recorder();
    with_local_recorder(&recorder, || {
        let (waiting, working) = ("gatelodge_hashes_waiting", "gatelodge_hashes_working");
        describe_gauge!(waiting, "Requests that wait for a password hash");
        describe_gauge!(working, "Password hashes that are running");
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
