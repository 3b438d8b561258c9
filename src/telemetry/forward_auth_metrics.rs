//! Metrics of forward-auth.

use metrics::{Counter, counter, describe_counter};

/// Counters of forward-auth requests, by how they were answered.
#[derive(Clone)]
pub struct ForwardAuthMetrics {
    passed: Counter,
    stranger: Counter,
    redirected: Counter,
    unauthenticated: Counter,
    forbidden: Counter,
    unavailable: Counter,
}

/// How a forward-auth request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardAuthOutcome {
    /// 200, with a live session.
    Passed,
    /// 200, without one.
    Stranger,
    /// 303, to the login page.
    Redirected,
    /// 401.
    Unauthenticated,
    /// 403.
    Forbidden,
    /// 503.
    Unavailable,
}

impl ForwardAuthMetrics {
    /// Registers the counters with this thread's recorder, each at zero.
    pub fn register() -> Self {
        let name = "gatelodge_forward_auth_total";
        describe_counter!(name, "Forward-auth requests by how they were answered");
        let answered = |outcome: &'static str| counter!(name, "outcome" => outcome);
        Self {
            passed: answered("passed"),
            stranger: answered("stranger"),
            redirected: answered("redirected"),
            unauthenticated: answered("unauthenticated"),
            forbidden: answered("forbidden"),
            unavailable: answered("unavailable"),
        }
    }

    /// Counts one request.
    pub fn count(&self, outcome: ForwardAuthOutcome) {
        let counter = match outcome {
            ForwardAuthOutcome::Passed => &self.passed,
            ForwardAuthOutcome::Stranger => &self.stranger,
            ForwardAuthOutcome::Redirected => &self.redirected,
            ForwardAuthOutcome::Unauthenticated => &self.unauthenticated,
            ForwardAuthOutcome::Forbidden => &self.forbidden,
            ForwardAuthOutcome::Unavailable => &self.unavailable,
        };
        counter.increment(1);
    }
}
