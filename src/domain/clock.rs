//! Time as a parameter, so that tests move the clock and never sleep.

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// A point in time, to the microsecond: what all three databases keep.
pub type Timestamp = DateTime<Utc>;

/// Where the present time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The present time, cut to whole microseconds.
    fn now(&self) -> Timestamp;

    /// Time that only goes forward, whatever becomes of the clock on the wall; it says nothing but how long ago
    /// something was.
    fn monotonic(&self) -> Duration;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the time comes from"
    )]
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
pub struct MockClock(Mutex<Hands>);

#[derive(Clone, Copy, Debug)]
struct Hands {
    now: Timestamp,
    monotonic: Duration,
}

impl MockClock {
    /// A clock that stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(Hands {
            now: now.trunc_subsecs(6),
            monotonic: Duration::ZERO,
        }))
    }

    /// Moves the clock forward, or back by a negative step; monotonic time goes forward or stands.
    pub fn advance(&self, step: TimeDelta) {
        let mut hands = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hands.now += step;
        hands.monotonic += step.to_std().unwrap_or(Duration::ZERO);
    }

    fn hands(&self) -> Hands {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for MockClock {
    fn now(&self) -> Timestamp {
        self.hands().now
    }

    fn monotonic(&self) -> Duration {
        self.hands().monotonic
    }
}
