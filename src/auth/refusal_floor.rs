//! Refusal floor: while hashes of other systems are left, refused logins answer no sooner than the slowest of them.
//!
//! A wrong password for somebody who has not moved yet costs their old hash; for everybody else, one of ours. The
//! difference would tell who has not moved. So whoever is refused waits until as much time has passed as the slowest
//! kind present takes: by waiting, not by hashing, and counted from when a worker began, so that a queue tells nothing.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::{
    sync::Mutex,
    time::{MissedTickBehavior, interval, sleep},
};

use super::{
    Auth, Failure,
    stored_hash::{KINDS, StoredHash},
};
use crate::{domain::password::Password, store::ForeignHashRow};

/// How soon a node learns what another one, or the command line, imported.
const REST: Duration = Duration::from_secs(10);
/// How often each kind is measured; the slowest counts.
const RUNS: usize = 3;
/// Whose share of the queue measuring takes: no client's.
const NOBODY: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
/// Rows that one look at a kind forgets at most, since their people have moved.
const MOVED: usize = 500;

/// Longest floor: nobody's hashes, however slow here, may turn every wrong password into a time-out.
const LONGEST: Duration = Duration::from_secs(6);

/// A kind and a cost.
type Class = (String, i64);

/// How long refused logins take at least.
#[derive(Debug, Default)]
pub struct RefusalFloor {
    nanoseconds: AtomicU64,
    /// What each kind and cost was measured to take on this machine.
    measured: Mutex<HashMap<Class, Duration>>,
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

    fn set(&self, floor: Duration) {
        let nanoseconds = u64::try_from(floor.as_nanos()).unwrap_or(u64::MAX);
        let before = self.nanoseconds.swap(nanoseconds, Ordering::Relaxed);
        if before != nanoseconds {
            tracing::info!(
                ?floor,
                "refused logins take as long as the slowest imported hash"
            );
        }
    }
}

impl Auth {
    /// Learns the floor again and again, for as long as it is polled.
    pub async fn keep_learning_refusal_floor(&self) {
        let mut ticks = interval(REST);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.learn_refusal_floor().await {
                tracing::warn!(%error, "how slow imported hashes are could not be learned");
            }
        }
    }

    /// Finds the slowest hash of each kind that is left, and how long it takes here.
    pub async fn learn_refusal_floor(&self) -> Result<(), Failure> {
        let mut floor = Duration::ZERO;
        let kinds = if self.store.foreign_hashes().any().await? {
            KINDS
        } else {
            &[]
        };
        for kind in kinds {
            if let Some((row, hash)) = self.slowest_left(kind).await? {
                let class = (row.kind, row.cost);
                match self.measure(class, Some(&hash)).await {
                    Ok(measured) => floor = floor.max(measured),
                    // The next look comes soon; the other kinds need not wait for it.
                    Err(Failure::Busy) => floor = floor.max(self.refusal_floor.get()),
                    Err(failure) => return Err(failure),
                }
            }
        }
        if floor > Duration::ZERO {
            // Those that are left may all be faster than ours.
            floor = floor.max(self.measure(("ours".to_owned(), 0), None).await?);
        }
        if floor > LONGEST {
            tracing::warn!(
                ?floor,
                "imported hashes are too slow for all refused logins to wait as long"
            );
            floor = LONGEST;
        }
        self.refusal_floor.set(floor);
        Ok(())
    }

    /// The slowest hash of a kind that is left; those whose people have moved meanwhile are forgotten.
    async fn slowest_left(&self, kind: &str) -> Result<Option<(ForeignHashRow, String)>, Failure> {
        for _ in 0..MOVED {
            let Some(row) = self.store.foreign_hashes().slowest(kind).await? else {
                return Ok(None);
            };
            let stored = self.store.users().find(row.user).await?;
            let hash = stored.map(|stored| stored.hash).unwrap_or_default();
            let left = StoredHash::parse(&hash).ok().and_then(|hash| hash.weight());
            if left
                .is_some_and(|weight| weight.kind == row.kind && i64::from(weight.cost) == row.cost)
            {
                return Ok(Some((row, hash)));
            }
            self.store.foreign_hashes_mut().delete(row.user).await?;
        }
        Ok(None)
    }

    /// How long a check takes here, or one of our decoy, with a quarter more for a machine that is busier than now.
    async fn measure(&self, class: Class, hash: Option<&str>) -> Result<Duration, Failure> {
        let mut measured = self.refusal_floor.measured.lock().await;
        if let Some(known) = measured.get(&class) {
            return Ok(*known);
        }
        let mut slowest = Duration::ZERO;
        for _ in 0..RUNS {
            let nobodys = Password::attempt("nobody's".into());
            let checked = match hash.zip(nobodys) {
                Some((hash, password)) => self.hasher.verify(NOBODY, password, hash).await?,
                None => self.hasher.verify_decoy(NOBODY).await?,
            };
            slowest = slowest.max(checked.took);
        }
        let floor = slowest + slowest / 4;
        measured.insert(class, floor);
        Ok(floor)
    }
}
