//! The stored state of a throttle.

use chrono::TimeDelta;

use super::FAILURE_LIFETIME;
use crate::domain::clock::Timestamp;

/// Maximum difference between nodes' clocks at which limits stay exact. A time further in the future was stored before a
/// clock was set back, and is corrected.
const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// The state of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Reservations that were taken and not released.
    pub count: u32,
    /// For growing waits, when the next attempt is allowed. For a rate, when the last reservation expires.
    pub until: Timestamp,
    /// When a reservation was last taken.
    pub taken_at: Timestamp,
}

impl State {
    /// Returns the state corrected for this clock and this rule.
    ///
    /// A state of another node whose clock is slightly ahead is kept: otherwise a node that is behind would shorten waits.
    /// A wait that was stored before a clock was set back starts again from now. No wait is longer than `max_duration`,
    /// also if an earlier setting allowed more.
    pub(super) fn as_of(self, now: Timestamp, max_duration: TimeDelta) -> Self {
        let taken_at = if self.taken_at <= now + MAX_CLOCK_SKEW {
            self.taken_at
        } else {
            now
        };
        let left = (self.until - self.taken_at).clamp(TimeDelta::zero(), max_duration);
        Self {
            until: taken_at + left,
            taken_at,
            ..self
        }
    }

    /// Returns a state without failures and waits, as if there had been no attempts.
    pub fn forgiven(now: Timestamp) -> Self {
        let long_ago = now - FAILURE_LIFETIME;
        Self {
            count: 0,
            until: long_ago,
            taken_at: long_ago,
        }
    }
}
