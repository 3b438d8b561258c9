//! Time as a parameter, so that tests move the clock and never sleep.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// A point in time, to the microsecond: what all three databases keep.
pub type Instant = DateTime<Utc>;

/// Where the present time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The present time, cut to whole microseconds.
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the time comes from"
    )]
    fn now(&self) -> Instant {
        Utc::now().trunc_subsecs(6)
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct MockClock(Mutex<Instant>);

impl MockClock {
    /// A clock that stands at `now`.
    pub fn at(now: Instant) -> Self {
        Self(Mutex::new(now.trunc_subsecs(6)))
    }

    /// Moves the clock forward, or back by a negative step.
    pub fn advance(&self, step: TimeDelta) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += step;
    }
}

impl Clock for MockClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
