//! Taking places and giving them back, in the counts that all nodes share by the database.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chrono::TimeDelta;
use tokio::sync::{Mutex, MutexGuard};
use tokio_util::task::TaskTracker;

use super::Failure;
use crate::{
    domain::{
        clock::Clock,
        throttle::{Rule, State, Verdict},
    },
    store::{Store, StoreError, ThrottleKey, Versioned, Work},
};

/// How often a change is tried anew when other nodes change the same count at the same time.
const ROUNDS: usize = 50;
/// Locks that the keys share: more than there are tries at work on different keys, as a rule.
const SHARDS: usize = 256;

/// The counts.
#[derive(Clone)]
pub struct Counts {
    store: Store,
    clock: Arc<dyn Clock>,
    background: TaskTracker,
    /// One change of a key at a time on this node: a burst on one key would else try each other's changes away.
    /// Between nodes the database decides.
    shards: Arc<[Mutex<()>]>,
}

/// The try may not be made for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// How long to wait.
    pub wait: TimeDelta,
}

impl Throttled {
    /// Whole seconds, at least one, after which it makes sense to try again.
    pub fn retry_after(self) -> u32 {
        let seconds = (self.wait.num_milliseconds() + 999) / 1000;
        u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
    }
}

/// Places taken for one try. Dropped, they are given back: whoever leaves before the try begins has not tried.
#[must_use]
pub struct Reservation {
    counts: Counts,
    places: Vec<Place>,
    /// Whether the try is being made: who leaves then has tried.
    begun: Arc<AtomicBool>,
}

/// A place under one key.
#[derive(Clone, Copy)]
struct Place {
    key: ThrottleKey,
    rule: Rule,
    before: Option<State>,
    taken: State,
}

impl Reservation {
    /// To be set when the try begins.
    pub fn begun(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.begun)
    }

    /// Keeps the places taken: the try was made, and failed.
    pub fn keep(mut self) {
        self.places.clear();
    }

    /// Gives the places back: it was no failure, or no try. What cannot be given back runs out by itself.
    pub async fn give_back(mut self) {
        let places = std::mem::take(&mut self.places);
        self.counts.give_all_back(places).await;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.places.is_empty() || self.begun.load(Ordering::Relaxed) {
            return;
        }
        let (counts, places) = (self.counts.clone(), std::mem::take(&mut self.places));
        self.counts
            .background
            .spawn(async move { counts.give_all_back(places).await });
    }
}

impl Counts {
    /// The counts of a database.
    pub fn new(store: Store, clock: Arc<dyn Clock>, background: TaskTracker) -> Self {
        Self {
            store,
            clock,
            background,
            shards: (0..SHARDS).map(|_| Mutex::new(())).collect(),
        }
    }

    /// Takes a place under every key, or under none: what any key refuses is written nowhere.
    pub async fn reserve(
        &self,
        keys: &[(ThrottleKey, Rule)],
    ) -> Result<Result<Reservation, Throttled>, Failure> {
        let _guards = self.lock(keys.iter().map(|(key, _)| key)).await;
        let mut reservation = Reservation {
            counts: self.clone(),
            places: vec![],
            begun: Arc::default(),
        };
        'round: for _ in 0..ROUNDS {
            let mut wanted = vec![];
            for (key, rule) in keys {
                let Some(found) = self.find(key).await? else {
                    continue 'round;
                };
                let before = found.map(|found| found.state);
                match rule.reserve(before, self.clock.now()) {
                    Verdict::Reserved(taken) => wanted.push((
                        found,
                        Place {
                            key: *key,
                            rule: *rule,
                            before,
                            taken,
                        },
                    )),
                    Verdict::Refused { wait, keep } => {
                        if let Some(state) = keep {
                            // If another node puts it right at the same time, that is as good.
                            self.replace(key, found, state).await?;
                        }
                        return Ok(Err(Throttled { wait }));
                    }
                }
            }
            let mut overtaken = false;
            for (found, place) in wanted {
                if self.replace(&place.key, found, place.taken).await? {
                    reservation.places.push(place);
                } else {
                    overtaken = true;
                    break;
                }
            }
            if !overtaken {
                return Ok(Ok(reservation));
            }
            self.undo(std::mem::take(&mut reservation.places)).await?;
        }
        tracing::warn!("other nodes kept changing a throttle's count");
        Err(Failure::Busy)
    }

    /// Forgives what is counted under a key, as part of a change; tells whether anything was.
    pub async fn forgive(&self, work: &Work, key: &ThrottleKey) -> Result<bool, Failure> {
        for _ in 0..ROUNDS {
            let found = work.throttles().find(key).await?;
            let Some(found) = found.filter(|found| found.state.count > 0) else {
                return Ok(false);
            };
            let state = State::forgiven(self.clock.now());
            if work.throttles().replace(key, Some(found), state).await? {
                return Ok(true);
            }
        }
        Err(Failure::Busy)
    }

    async fn give_all_back(&self, places: Vec<Place>) {
        let _guards = self.lock(places.iter().map(|place| &place.key)).await;
        if let Err(error) = self.undo(places).await {
            tracing::warn!(%error, "a throttle's place could not be given back");
        }
    }

    /// Gives places back, every one that can be; the caller holds their locks.
    async fn undo(&self, places: Vec<Place>) -> Result<(), Failure> {
        let mut result = Ok(());
        for place in places {
            if let Err(error) = self.undo_one(place).await {
                result = Err(error);
            }
        }
        result
    }

    async fn undo_one(&self, place: Place) -> Result<(), Failure> {
        for _ in 0..ROUNDS {
            let Some(found) = self.find(&place.key).await? else {
                continue;
            };
            let Some(found) = found else {
                return Ok(());
            };
            let state = if found.state == place.taken {
                // Nobody came after: it is as if nothing had been.
                place.rule.restored(place.before, place.taken)
            } else {
                place.rule.give_back(found.state, self.clock.now())
            };
            if self.replace(&place.key, Some(found), state).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What is known of a key; `None` when another transaction was in the way.
    async fn find(&self, key: &ThrottleKey) -> Result<Option<Option<Versioned>>, StoreError> {
        match self.store.throttles().find(key).await {
            Err(StoreError::Conflict(_)) => Ok(None),
            found => found.map(Some),
        }
    }

    /// Keeps a state, unless somebody was faster: by a whole change, or by being in the way.
    async fn replace(
        &self,
        key: &ThrottleKey,
        found: Option<Versioned>,
        state: State,
    ) -> Result<bool, StoreError> {
        match self.store.throttles_mut().replace(key, found, state).await {
            Err(StoreError::Conflict(_)) => Ok(false),
            replaced => replaced,
        }
    }

    /// Locks keys, each shard once, in one order: two tries never wait for each other.
    async fn lock<'k>(
        &self,
        keys: impl Iterator<Item = &'k ThrottleKey>,
    ) -> Vec<MutexGuard<'_, ()>> {
        // The keys are keyed hashes: any byte spreads them evenly.
        let mut wanted: Vec<_> = keys.map(|key| usize::from(key[0]) % SHARDS).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut guards = vec![];
        for shard in wanted {
            guards.push(self.shards[shard].lock().await);
        }
        guards
    }
}
