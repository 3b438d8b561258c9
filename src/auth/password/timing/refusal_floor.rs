//! Refusal floor: while hashes of other systems are left, a refused login takes at least as long as the slowest of them.
//!
//! A wrong password costs one check of the user's stored hash. An imported hash can take longer than one of ours, so the
//! time would reveal which users have not logged in since the import. Therefore a refused login waits until the floor
//! has passed. It waits, it does not hash. The time counts from the moment a worker began, so that the queue reveals
//! nothing. The floor is a constant: what the slowest hash that is left was measured to take, with a margin.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::sleep;

use crate::auth::password::foreign::Weight;

/// The margin of the floor: a check on a busy machine takes longer than it was measured to take.
const MARGIN: u32 = 2;
/// The longest floor. However slow imported hashes are, a wrong password must not become a time-out.
const MAX: Duration = Duration::from_secs(6);

/// The minimum time of refused logins.
#[derive(Debug, Default)]
pub struct RefusalFloor {
    nanoseconds: AtomicU64,
    /// What each weight was measured to take; `None` is one of our hashes.
    measured: Mutex<HashMap<Option<Weight>, Duration>>,
}

impl RefusalFloor {
    /// Returns how long a refused login takes at least. Zero when no imported hash is left.
    pub fn get(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }

    /// Waits for the rest of the floor after a check that took this long.
    pub async fn wait(&self, took: Duration) {
        sleep(self.get().saturating_sub(took)).await;
    }

    /// Returns what a weight was measured to take.
    pub(crate) fn measured(&self, weight: Option<Weight>) -> Option<Duration> {
        self.all().get(&weight).copied()
    }

    /// Records what a weight was measured to take.
    pub(crate) fn record(&self, weight: Option<Weight>, took: Duration) {
        self.all().insert(weight, took);
    }

    /// Returns the time of the slowest hash that the floor was set by.
    pub(crate) fn slowest(&self) -> Duration {
        self.get() / MARGIN
    }

    /// Sets the floor by the slowest hash that is left.
    pub(crate) fn set(&self, slowest: Duration) {
        let floor = (slowest * MARGIN).min(MAX);
        let nanoseconds = u64::try_from(floor.as_nanos()).unwrap_or(u64::MAX);
        let before = self.nanoseconds.swap(nanoseconds, Ordering::Relaxed);
        if before == nanoseconds {
            return;
        }
        if floor.is_zero() {
            tracing::info!("no imported hash is left: refused logins no longer wait");
        } else {
            tracing::info!(
                ?floor,
                "refused logins take at least this long, because of imported hashes"
            );
        }
        if slowest > MAX {
            tracing::warn!(
                ?slowest,
                "imported hashes are slower than the longest floor: the time of a refused login can show who has one"
            );
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Option<Weight>, Duration>> {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_twice_the_slowest_and_never_above_its_maximum() {
        let floor = RefusalFloor::default();
        assert!(floor.get().is_zero());
        floor.set(Duration::from_millis(400));
        assert_eq!(floor.get(), Duration::from_millis(800));
        floor.set(Duration::from_mins(1));
        assert_eq!(floor.get(), MAX);
        floor.set(Duration::ZERO);
        assert!(floor.get().is_zero());
    }
}
