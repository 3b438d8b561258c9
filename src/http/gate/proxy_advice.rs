//! Advice for operators whose proxy does not name the original method, so that links from other sites are refused.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::domain::clock::Clock;

/// The minimum time between two log lines.
const LOG_INTERVAL: Duration = Duration::from_hours(1);

/// Logs the advice, once an hour at most.
pub struct ProxyAdvice {
    clock: Arc<dyn Clock>,
    logged_at: Mutex<Option<Duration>>,
}

impl ProxyAdvice {
    /// Creates the advice. Nothing was logged yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            logged_at: Mutex::default(),
        }
    }

    /// Says why a link from another site was refused.
    pub fn log(&self, is_from_proxy: bool) {
        if !self.is_due() {
            return;
        }
        if is_from_proxy {
            tracing::warn!(
                "forward-auth refused a link from another site: the proxy sent no valid X-Forwarded-Method, so the request \
                 counts as unsafe. Let the proxy set X-Forwarded-Method to the original method"
            );
        } else {
            tracing::warn!(
                "forward-auth refused a link from another site: the peer is not in GATELODGE_TRUSTED_PROXIES, so the \
                 original method is unknown and the request counts as unsafe. List the proxy there, and let it set \
                 X-Forwarded-Method"
            );
        }
    }

    fn is_due(&self) -> bool {
        let now = self.clock.monotonic();
        let mut logged_at = self
            .logged_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_due = logged_at.is_none_or(|then| now.saturating_sub(then) >= LOG_INTERVAL);
        if is_due {
            *logged_at = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::domain::clock::MockClock;

    #[test]
    fn the_advice_is_due_once_an_hour() {
        let clock = Arc::new(MockClock::at(DateTime::UNIX_EPOCH));
        let advice = ProxyAdvice::new(clock.clone());
        let mut due = vec![];
        for _ in 0..5 {
            due.push(advice.is_due());
            clock.advance(TimeDelta::minutes(30));
        }
        assert_eq!(due, [true, false, true, false, true]);
    }
}
