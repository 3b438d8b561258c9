//! The throttle rules: growing waits and rates.

use chrono::TimeDelta;

use super::{FAILURE_LIFETIME, State};
use crate::domain::clock::Timestamp;

/// First wait after the free failures on an account.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);
/// Longest wait between attempts. With 5 free failures it keeps an account below 100 guesses a day.
const MAX_WAIT: TimeDelta = TimeDelta::minutes(20);

/// A limit on attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A number of failures is free. Then each further one waits twice as long as the one before.
    GrowingWaits {
        /// Failures before the first wait.
        free: u32,
    },
    /// A number of attempts within a period. Capacity comes back evenly (a leaky bucket, implemented as GCRA).
    Rate {
        /// Maximum attempts at once.
        count: u32,
        /// The period in which the whole capacity comes back.
        within: TimeDelta,
    },
}

/// The decision about an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The attempt may run. Contains the state to store.
    Reserved(State),
    /// The attempt must wait.
    Refused {
        /// How long to wait.
        wait: TimeDelta,
        /// The corrected state to store, if the stored wait was too long.
        keep: Option<State>,
    },
}

impl Rule {
    /// Returns the rule with its limit multiplied by `factor`.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        match self {
            Self::GrowingWaits { free } => Self::GrowingWaits {
                free: free.saturating_mul(factor),
            },
            Self::Rate { count, within } => Self::Rate {
                count: count.saturating_mul(factor),
                within,
            },
        }
    }

    /// Reserves an attempt, if the limit allows it.
    pub fn reserve(self, stored: Option<State>, now: Timestamp) -> Decision {
        let state = stored.map(|state| state.as_of(now, self.max_duration()));
        let keep = state.filter(|_| state != stored);
        match self {
            Self::GrowingWaits { free } => {
                let known = state.filter(|state| now < state.taken_at + FAILURE_LIFETIME);
                // A wait counts only after the free failures, even if the clock was set back.
                if let Some(state) = known
                    && state.count >= free
                    && now < state.until
                {
                    let wait = state.until - now;
                    return Decision::Refused { wait, keep };
                }
                let count = known.map_or(0, |state| state.count).saturating_add(1);
                let taken_at = known.map_or(now, |state| state.taken_at.max(now));
                Decision::Reserved(State {
                    count,
                    until: taken_at + wait_after(count, free),
                    taken_at,
                })
            }
            Self::Rate { count, within } => {
                let step = step(count, within);
                let last = now + within;
                if let Some(state) = state
                    && state.until + step > last
                {
                    // The wait ends when the bucket has room for one more.
                    let wait = state.until + step - last;
                    return Decision::Refused { wait, keep };
                }
                Decision::Reserved(State {
                    count: 0,
                    until: state.map_or(now, |state| state.until.max(now)) + step,
                    taken_at: state.map_or(now, |state| state.taken_at.max(now)),
                })
            }
        }
    }

    /// Returns the state to store when the last reservation is released and none was taken after it: the state before.
    ///
    /// So a success has no effect at all. It also does not delay when older failures expire.
    pub fn restored(self, before: Option<State>, taken: State) -> State {
        before.unwrap_or_else(|| State::forgiven(taken.taken_at))
    }

    /// Returns the longest time from a reservation to its end.
    fn max_duration(self) -> TimeDelta {
        match self {
            Self::GrowingWaits { .. } => MAX_WAIT,
            Self::Rate { within, .. } => within.max(TimeDelta::zero()),
        }
    }

    /// Releases a reservation after which others were taken.
    pub fn release(self, state: State) -> State {
        match self {
            Self::GrowingWaits { .. } => State {
                count: state.count.saturating_sub(1),
                // The wait before this reservation was over when it was taken.
                until: state.until.min(state.taken_at),
                ..state
            },
            Self::Rate { count, within } => State {
                until: state.until - step(count, within),
                ..state
            },
        }
    }
}

/// Returns the wait after `count` failures: zero while they are free.
fn wait_after(count: u32, free: u32) -> TimeDelta {
    match count.checked_sub(free) {
        None => TimeDelta::zero(),
        // 30 s doubled six times is above the maximum.
        Some(more) => (FIRST_WAIT * (1 << more.min(6))).min(MAX_WAIT),
    }
}

/// Returns the time in which capacity for one attempt comes back.
fn step(count: u32, within: TimeDelta) -> TimeDelta {
    within / i32::try_from(count).unwrap_or(i32::MAX).max(1)
}
