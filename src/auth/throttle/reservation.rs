//! Taking places and giving them back, in the counts that all nodes share by the database.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::{
    sync::{Mutex, MutexGuard, oneshot},
    task::JoinHandle,
};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::{
    auth::{Error, Failure, Refusal},
    domain::{
        clock::Clock,
        throttle::{Decision, Rule, State},
    },
    store::{Store, StoreError, ThrottleKey, Transaction, Versioned},
};

/// How often a change is tried anew when other nodes change the same count at the same time.
const MAX_ATTEMPTS: usize = 50;
/// Locks that the keys share: more than there are tries at work on different keys, as a rule.
const SHARDS: usize = 256;

/// The counts.
#[derive(Clone)]
pub struct Reservations {
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

impl Refusal for Throttled {}

impl Throttled {
    /// Whole seconds, at least one, after which it makes sense to try again.
    pub fn retry_after(self) -> u32 {
        let seconds = (self.wait.num_milliseconds() + 999) / 1000;
        u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
    }
}

/// A limit that an attempt must keep.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Under which key it is counted.
    pub key: ThrottleKey,
    /// How many are let through.
    pub rule: Rule,
    /// Which attempts count against it.
    pub counted: AttemptKind,
}

/// Which attempts count against a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptKind {
    /// Attempts that fail.
    Failures,
    /// Attempts that succeed.
    Successes,
}

/// Reservations made for one attempt.
///
/// Dropped before [`Reservation::begin`], they are given back: a client that leaves before has made no attempt.
/// Dropped after it, they stay.
#[must_use]
pub struct Reservation {
    reservations: Reservations,
    places: Vec<Place>,
    begun: bool,
}

/// A reservation under one key.
#[derive(Clone, Copy)]
struct Place {
    limit: Limit,
    before: Option<State>,
    taken: Versioned,
}

impl Reservation {
    /// Notes that the attempt is being made: from here on it counts, whatever becomes of the client.
    pub fn begin(&mut self) {
        self.begun = true;
    }

    /// Keeps all that is reserved.
    pub fn keep(mut self) {
        self.places.clear();
    }

    /// Keeps what counts attempts that ended in this way, and gives back the rest. A reservation that cannot be given
    /// back runs out by itself.
    pub async fn settle(mut self, ended: AttemptKind) {
        self.places.retain(|place| place.limit.counted != ended);
        self.give_back().await;
    }

    /// Gives all reservations back: no attempt was made.
    pub async fn give_back(mut self) {
        // The task goes on when the client leaves, and logs what fails.
        let _ = self.start_giving_back().await;
    }

    fn start_giving_back(&mut self) -> JoinHandle<()> {
        let (reservations, places) = (self.reservations.clone(), std::mem::take(&mut self.places));
        let transaction = async move { reservations.give_all_back(places).await };
        self.reservations
            .background
            .spawn(transaction.in_current_span())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.places.is_empty() || self.begun {
            return;
        }
        drop(self.start_giving_back());
    }
}

impl Reservations {
    /// The counts of a database.
    pub fn new(store: Store, clock: Arc<dyn Clock>, background: TaskTracker) -> Self {
        Self {
            store,
            clock,
            background,
            shards: (0..SHARDS).map(|_| Mutex::new(())).collect(),
        }
    }

    /// Reserves under every limit, or under none: a refused attempt is written nowhere.
    ///
    /// It runs to its end whatever the client does: a reservation that nobody receives is given back.
    pub async fn reserve(&self, limits: &[Limit]) -> Result<Reservation, Error<Throttled>> {
        let (reservations, limits) = (self.clone(), limits.to_vec());
        let (send, receive) = oneshot::channel();
        let transaction = async move {
            let reserved = reservations.reserve_all(&limits).await;
            // When the client has left, nobody receives it: it is dropped here, and so given back.
            let _ = send.send(reserved);
        };
        self.background.spawn(transaction.in_current_span());
        receive
            .await
            .unwrap_or_else(|error| Err(Failure::Internal(error.into()).into()))
    }

    async fn reserve_all(&self, limits: &[Limit]) -> Result<Reservation, Error<Throttled>> {
        let _guards = self.lock(limits.iter().map(|limit| &limit.key)).await;
        let mut reservation = Reservation {
            reservations: self.clone(),
            places: vec![],
            begun: false,
        };
        for _ in 0..MAX_ATTEMPTS {
            let Some(found) = self.find(limits).await? else {
                continue;
            };
            let mut wanted = vec![];
            for (limit, found) in limits.iter().zip(found) {
                let before = found.map(|found| found.state);
                match limit.rule.reserve(before, self.clock.now()) {
                    Decision::Reserved(state) => wanted.push((*limit, found, state)),
                    Decision::Refused { wait, keep } => {
                        if let Some(state) = keep {
                            // If another node puts it right at the same time, that is as good.
                            self.replace(&limit.key, found, state).await?;
                        }
                        return Err(Throttled { wait }.into());
                    }
                }
            }
            let mut overtaken = false;
            for (limit, found, state) in wanted {
                let Some(taken) = self.replace(&limit.key, found, state).await? else {
                    overtaken = true;
                    break;
                };
                reservation.places.push(Place {
                    limit,
                    before: found.map(|found| found.state),
                    taken,
                });
            }
            if !overtaken {
                return Ok(reservation);
            }
            self.undo(std::mem::take(&mut reservation.places)).await?;
        }
        tracing::warn!("other nodes kept changing a throttle's count");
        Err(Failure::Busy.into())
    }

    /// Forgives what is counted under a key, as part of a change; tells whether anything was.
    pub async fn forgive(
        &self,
        transaction: &Transaction,
        key: &ThrottleKey,
    ) -> Result<bool, Failure> {
        for _ in 0..MAX_ATTEMPTS {
            let found = transaction.throttles().find(key).await?;
            let Some(found) = found.filter(|found| found.state.count > 0) else {
                return Ok(false);
            };
            let state = State::forgiven(self.clock.now());
            let throttles = transaction.throttles();
            if throttles.replace(key, Some(found), state).await?.is_some() {
                return Ok(true);
            }
        }
        Err(Failure::Busy)
    }

    async fn give_all_back(&self, places: Vec<Place>) {
        let _guards = self.lock(places.iter().map(|place| &place.limit.key)).await;
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
        let Limit { key, rule, .. } = place.limit;
        // As a rule no other attempt came after. Then no second look is needed.
        let mut found = Some(place.taken);
        for _ in 0..2 * MAX_ATTEMPTS {
            let Some(known) = found.take() else {
                match self.find(&[place.limit]).await?.as_deref() {
                    // Another transaction was in the way.
                    None => {}
                    Some([Some(known)]) => found = Some(*known),
                    Some(_) => return Ok(()),
                }
                continue;
            };
            let state = if known.state == place.taken.state {
                // It is as if nothing had been.
                rule.restored(place.before, place.taken.state)
            } else {
                rule.release(known.state)
            };
            if self.replace(&key, Some(known), state).await?.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Finds what is known under each limit; `None` when another transaction was in the way.
    async fn find(&self, limits: &[Limit]) -> Result<Option<Vec<Option<Versioned>>>, StoreError> {
        let keys: Vec<_> = limits.iter().map(|limit| limit.key).collect();
        match self.store.throttles().find_all(&keys).await {
            Err(StoreError::Conflict(_)) => Ok(None),
            found => found.map(Some),
        }
    }

    /// Stores a state and returns it, unless another node was faster: by a whole change, or by being in the way.
    async fn replace(
        &self,
        key: &ThrottleKey,
        found: Option<Versioned>,
        state: State,
    ) -> Result<Option<Versioned>, StoreError> {
        match self.store.throttles_mut().replace(key, found, state).await {
            Err(StoreError::Conflict(_)) => Ok(None),
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
