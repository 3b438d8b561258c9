//! Time as a parameter, so that tests can move the clock and need not sleep.

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// A point in time in UTC. Its precision is a microsecond, as in all three databases.
pub type Timestamp = DateTime<Utc>;

/// A source of the current time.
pub trait Clock: Send + Sync + 'static {
    /// Returns the current time, truncated to microseconds.
    fn now(&self) -> Timestamp;

    /// Returns a time that never goes back, even if the system clock is changed. Use it only to measure durations.
    fn monotonic(&self) -> Duration;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the source of time")]
    fn now(&self) -> Timestamp {
        Utc::now().trunc_subsecs(6)
    }

    fn monotonic(&self) -> Duration {
        static START: OnceLock<std::time::Instant> = OnceLock::new();
        START.get_or_init(std::time::Instant::now).elapsed()
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct MockClock(Mutex<MockTime>);

#[derive(Clone, Copy, Debug)]
struct MockTime {
    now: Timestamp,
    monotonic: Duration,
}

impl MockClock {
    /// Creates a clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(MockTime {
            now: now.trunc_subsecs(6),
            monotonic: Duration::ZERO,
        }))
    }

    /// Moves the clock forward, or back by a negative step. The monotonic time never goes back.
    pub fn advance(&self, step: TimeDelta) {
        let mut time = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        time.now += step;
        time.monotonic += step.to_std().unwrap_or(Duration::ZERO);
    }

    fn time(&self) -> MockTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for MockClock {
    fn now(&self) -> Timestamp {
        self.time().now
    }

    fn monotonic(&self) -> Duration {
        self.time().monotonic
    }
}
