//! Reserves attempts, and gives reservations back. All nodes share the counts in the database.

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

/// The maximum number of attempts to change a count while other nodes change it at the same time.
const MAX_ATTEMPTS: usize = 50;
/// The number of locks for all keys. Usually fewer attempts run at the same time.
const SHARDS: usize = 256;

/// The throttle counts of a database.
#[derive(Clone)]
pub struct Reservations {
    store: Store,
    clock: Arc<dyn Clock>,
    background: TaskTracker,
    /// Serializes the changes of one key on this node: otherwise a burst on one key would conflict with itself. Between
    /// nodes the database decides.
    shards: Arc<[Mutex<()>]>,
}

/// The attempt is refused until a wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// The remaining wait.
    pub wait: TimeDelta,
}

impl Refusal for Throttled {}

impl Throttled {
    /// Returns the wait in whole seconds, at least one.
    pub fn retry_after(self) -> u32 {
        let seconds = (self.wait.num_milliseconds() + 999) / 1000;
        u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
    }
}

/// A limit for an attempt.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The key of the count.
    pub key: ThrottleKey,
    /// The rule of the limit.
    pub rule: Rule,
    /// The attempts that count.
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

/// The reservations of one attempt, one for each limit.
///
/// If it is dropped before [`Reservation::begin`], it is given back: a client that disconnects before has made no
/// attempt. If it is dropped later, it stays.
#[must_use]
pub struct Reservation {
    reservations: Reservations,
    entries: Vec<KeyReservation>,
    begun: bool,
}

/// The reservation of one key.
#[derive(Clone, Copy)]
struct KeyReservation {
    limit: Limit,
    before: Option<State>,
    after: Versioned,
}

impl Reservation {
    /// Marks the attempt as begun: from here on it counts, even if the client disconnects.
    pub fn begin(&mut self) {
        self.begun = true;
    }

    /// Keeps all reservations.
    pub fn keep(mut self) {
        self.entries.clear();
    }

    /// Keeps the reservations for this outcome, and gives the others back. A reservation that cannot be given back
    /// expires.
    pub async fn settle(mut self, ended: AttemptKind) {
        self.entries.retain(|entry| entry.limit.counted != ended);
        self.give_back().await;
    }

    /// Gives all reservations back: no attempt was made.
    pub async fn give_back(mut self) {
        // The task continues if the client disconnects, and logs errors.
        let _ = self.spawn_give_back().await;
    }

    fn spawn_give_back(&mut self) -> JoinHandle<()> {
        let (reservations, entries) =
            (self.reservations.clone(), std::mem::take(&mut self.entries));
        let task = async move { reservations.give_back_all(entries).await };
        self.reservations.background.spawn(task.in_current_span())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.entries.is_empty() || self.begun {
            return;
        }
        drop(self.spawn_give_back());
    }
}

impl Reservations {
    /// Uses the counts of a database.
    pub fn new(store: Store, clock: Arc<dyn Clock>, background: TaskTracker) -> Self {
        Self {
            store,
            clock,
            background,
            shards: (0..SHARDS).map(|_| Mutex::new(())).collect(),
        }
    }

    /// Reserves an attempt under every limit, or under none. A refused attempt is not stored.
    ///
    /// It completes even if the client disconnects; then the reservation is given back.
    pub async fn reserve(&self, limits: &[Limit]) -> Result<Reservation, Error<Throttled>> {
        let (reservations, limits) = (self.clone(), limits.to_vec());
        let (sender, receiver) = oneshot::channel();
        let task = async move {
            let reserved = reservations.reserve_all(&limits).await;
            // If the client has disconnected, the reservation is dropped here and thereby given back.
            let _ = sender.send(reserved);
        };
        self.background.spawn(task.in_current_span());
        receiver
            .await
            .unwrap_or_else(|error| Err(Failure::Internal(error.into()).into()))
    }

    async fn reserve_all(&self, limits: &[Limit]) -> Result<Reservation, Error<Throttled>> {
        let _guards = self.lock(limits.iter().map(|limit| &limit.key)).await;
        let mut reservation = Reservation {
            reservations: self.clone(),
            entries: vec![],
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
                            // If another node changes it at the same time, its change is as good.
                            self.replace(&limit.key, found, state).await?;
                        }
                        return Err(Throttled { wait }.into());
                    }
                }
            }
            let mut conflict = false;
            for (limit, found, state) in wanted {
                let Some(after) = self.replace(&limit.key, found, state).await? else {
                    conflict = true;
                    break;
                };
                reservation.entries.push(KeyReservation {
                    limit,
                    before: found.map(|found| found.state),
                    after,
                });
            }
            if !conflict {
                return Ok(reservation);
            }
            self.release(std::mem::take(&mut reservation.entries))
                .await?;
        }
        tracing::warn!(
            "a throttle count could not be changed: other nodes changed it at the same time"
        );
        Err(Failure::Busy.into())
    }

    /// Clears the count of a key in a transaction. Returns whether there was one.
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

    async fn give_back_all(&self, entries: Vec<KeyReservation>) {
        let _guards = self
            .lock(entries.iter().map(|entry| &entry.limit.key))
            .await;
        if let Err(error) = self.release(entries).await {
            tracing::warn!(%error, "a throttle reservation could not be given back");
        }
    }

    /// Releases every reservation that it can, and returns the last error. The caller holds the locks.
    async fn release(&self, entries: Vec<KeyReservation>) -> Result<(), Failure> {
        let mut result = Ok(());
        for entry in entries {
            if let Err(error) = self.release_entry(entry).await {
                result = Err(error);
            }
        }
        result
    }

    /// Releases the reservation of one key. Returns [`Failure::Busy`] if other transactions won every attempt.
    async fn release_entry(&self, entry: KeyReservation) -> Result<(), Failure> {
        let Limit { key, rule, .. } = entry.limit;
        // Usually no other attempt changed the count since. Then no query is needed.
        let mut found = Some(entry.after);
        for _ in 0..2 * MAX_ATTEMPTS {
            let Some(known) = found.take() else {
                match self.find(&[entry.limit]).await?.as_deref() {
                    // Another transaction conflicted.
                    None => {}
                    Some([Some(known)]) => found = Some(*known),
                    Some(_) => return Ok(()),
                }
                continue;
            };
            let state = if known.state == entry.after.state {
                // Restores the state before the reservation.
                rule.restored(entry.before, entry.after.state)
            } else {
                rule.release(known.state)
            };
            if self.replace(&key, Some(known), state).await?.is_some() {
                return Ok(());
            }
        }
        Err(Failure::Busy)
    }

    /// Finds the count of each limit; `None` on a conflict with another transaction.
    async fn find(&self, limits: &[Limit]) -> Result<Option<Vec<Option<Versioned>>>, StoreError> {
        let keys: Vec<_> = limits.iter().map(|limit| limit.key).collect();
        match self.store.throttles().find_all(&keys).await {
            Err(StoreError::Conflict(_)) => Ok(None),
            found => found.map(Some),
        }
    }

    /// Stores a state and returns it; `None` if another node changed the count first or conflicted.
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

    /// Locks the shards of the keys in a fixed order, so that two attempts never deadlock.
    async fn lock<'k>(
        &self,
        keys: impl Iterator<Item = &'k ThrottleKey>,
    ) -> Vec<MutexGuard<'_, ()>> {
        // The keys are keyed hashes, so any byte spreads them evenly.
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
