//! Refusal floor: while hashes of other systems are left, refused logins answer no sooner than the slowest of them.
//!
//! A wrong password for somebody who has not moved yet costs their old hash; for everybody else, one of ours. The
//! difference would tell who has not moved. So whoever is refused waits until as much time has passed as the slowest
//! kind present takes: by waiting, not by hashing, and counted from when a worker began, so that a queue tells nothing.
//! Each kind is measured once; every check after that tells how much busier the machine is now.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::sleep;

use crate::auth::password::{foreign::Weight, hasher::Checked};

/// Longest floor: nobody's hashes, however slow here, may turn every wrong password into a time-out.
const LONGEST: Duration = Duration::from_secs(6);

/// How long refused logins take at least.
#[derive(Debug, Default)]
pub struct RefusalFloor {
    nanoseconds: AtomicU64,
    known: Mutex<Known>,
}

/// What is known of how long checks take here.
#[derive(Debug, Default)]
struct Known {
    /// The least that each weight took that was measured; `None` is one of ours.
    measured: HashMap<Option<Weight>, Duration>,
    /// What the slowest that is left was measured to take; zero when none is.
    slowest: Duration,
    /// What checks took lately, all together.
    took: Duration,
    /// What they would have taken when they were measured.
    expected: Duration,
}

impl RefusalFloor {
    /// How long a refused login takes at least.
    pub fn get(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }

    /// Waits for what is left of the floor after work that took so long.
    pub async fn wait(&self, took: Duration) {
        sleep(self.get().saturating_sub(took)).await;
    }

    /// Learns from a check how busy the machine is: the floor rises with it at once.
    pub fn saw(&self, check: &Checked) {
        let mut known = self.known();
        if let Some(measured) = known.measured.get_mut(&check.weight) {
            // It may have been measured on a busy machine.
            *measured = check.took.min(*measured);
            let expected = *measured;
            known.expected += expected;
            known.took += check.took;
            self.nanoseconds.fetch_max(known.floor(), Ordering::Relaxed);
        }
    }

    /// What a weight was measured to take, if it was.
    pub(crate) fn measured(&self, weight: Option<Weight>) -> Option<Duration> {
        self.known().measured.get(&weight).copied()
    }

    /// Notes what a weight was measured to take.
    pub(crate) fn note(&self, weight: Option<Weight>, took: Duration) {
        self.known().measured.insert(weight, took);
    }

    /// What the slowest that is left was measured to take.
    pub(crate) fn slowest(&self) -> Duration {
        self.known().slowest
    }

    /// What the slowest that is left takes. What was seen counts half as much from now on, and so the floor falls when the machine is less busy.
    pub(crate) fn set(&self, slowest: Duration) {
        let mut known = self.known();
        if known.slowest != slowest {
            known.slowest = slowest;
            tracing::info!(
                ?slowest,
                "refused logins take as long as the slowest imported hash"
            );
            if slowest > LONGEST {
                tracing::warn!("that is too slow for all of them: they take {LONGEST:?}");
            }
        }
        known.took /= 2;
        known.expected /= 2;
        self.nanoseconds.store(known.floor(), Ordering::Relaxed);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The floor in nanoseconds: the slowest, as much slower as checks are now, and a quarter more.
    fn floor(&self) -> u64 {
        // The slowest is in both, so that a check of a few microseconds says little of one that takes a second.
        let took = (self.slowest + self.took).as_secs_f64();
        let expected = (self.slowest + self.expected).as_secs_f64();
        let pace = if expected > 0.0 { took / expected } else { 1.0 };
        let floor = self.slowest.as_secs_f64() * pace.max(1.0) * 1.25;
        let floor = floor.min(LONGEST.as_secs_f64());
        u64::try_from(Duration::from_secs_f64(floor).as_nanos()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::password::hasher::Verification;

    const SLOWEST: Duration = Duration::from_millis(400);
    const OURS: Duration = Duration::from_millis(20);

    fn saw(floor: &RefusalFloor, took: Duration, times: usize) {
        for _ in 0..times {
            floor.saw(&Checked {
                verdict: Verification::Mismatch,
                took,
                weight: None,
            });
        }
    }

    #[test]
    fn the_floor_follows_how_busy_the_machine_is_and_comes_back() {
        let floor = RefusalFloor::default();
        floor.note(None, OURS);
        saw(&floor, 9 * OURS, 1000);
        assert!(floor.get().is_zero(), "there is nothing to hide");
        floor.set(SLOWEST);
        for _ in 0..30 {
            floor.set(SLOWEST);
        }
        let idle = floor.get();
        assert!((SLOWEST..SLOWEST * 13 / 10).contains(&idle), "{idle:?}");
        // One check that was held up says little, and many say much, at once.
        saw(&floor, OURS + OURS, 1);
        assert!(floor.get() < idle * 11 / 10);
        saw(&floor, 4 * OURS, 1000);
        let busy = floor.get();
        assert!((idle * 3..LONGEST).contains(&busy), "{busy:?}");
        // Faster ones do not let it fall at once: a refusal may be waiting by it.
        saw(&floor, OURS / 2, 1000);
        assert_eq!(floor.get(), busy);
        for _ in 0..30 {
            floor.set(SLOWEST);
        }
        assert!(floor.get() < idle * 11 / 10);
        floor.set(Duration::from_mins(1));
        assert_eq!(floor.get(), LONGEST);
        floor.set(Duration::ZERO);
        assert!(floor.get().is_zero());
    }
}
