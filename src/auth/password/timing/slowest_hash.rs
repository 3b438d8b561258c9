//! Slowest hash: finds and measures the slowest remaining imported hash for the refusal floor.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use tokio::time::{MissedTickBehavior, interval};

use crate::{
    auth::{
        Auth, Failure,
        password::{
            foreign::Weight,
            stored_hash::{KINDS, StoredHash},
        },
    },
    domain::password::Password,
};

/// The time until a node sees imports of another node or the command line.
const INTERVAL: Duration = Duration::from_secs(10);
/// How often each kind is measured. The slowest run counts.
const RUNS: usize = 3;
/// The source address of measurements in the hash queue: no client's.
const NO_CLIENT: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

impl Auth {
    /// Updates the floor periodically, for as long as it is polled.
    pub async fn keep_updating_refusal_floor(&self) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.update_refusal_floor().await {
                tracing::warn!(%error, "the time of imported hashes could not be measured");
            }
        }
    }

    /// Finds the slowest remaining hash of each kind, and how long it takes here.
    pub async fn update_refusal_floor(&self) -> Result<(), Failure> {
        let mut slowest = Duration::ZERO;
        let kinds = if self.store.foreign_hashes().any().await? {
            KINDS
        } else {
            &[]
        };
        for kind in kinds {
            if let Some((weight, hash)) = self.find_slowest(kind).await? {
                match self.measure(Some(weight), Some(&hash)).await {
                    Ok(measured) => slowest = slowest.max(measured),
                    // The next run comes soon. Until then the floor is no lower than before.
                    Err(Failure::Busy) => slowest = slowest.max(self.refusal_floor.slowest()),
                    Err(failure) => return Err(failure),
                }
            }
        }
        if slowest > Duration::ZERO {
            // All remaining hashes may be faster than ours.
            slowest = slowest.max(self.measure(None, None).await?);
        }
        self.refusal_floor.set(slowest);
        Ok(())
    }

    /// Returns the slowest remaining hash of a kind. Deletes rows of users whose hash was replaced.
    async fn find_slowest(&self, kind: &str) -> Result<Option<(Weight, String)>, Failure> {
        // The loop ends, because each pass deletes a row.
        while let Some(row) = self.store.foreign_hashes().slowest(kind).await? {
            let stored = self.store.users().find(row.user).await?;
            let hash = stored.map(|stored| stored.hash).unwrap_or_default();
            let left = StoredHash::parse(&hash).ok().and_then(|hash| hash.weight());
            if let Some(weight) = left
                && weight.kind == row.kind
                && i64::from(weight.cost) == row.cost
            {
                return Ok(Some((weight, hash)));
            }
            self.store.foreign_hashes_mut().forget(&row).await?;
        }
        Ok(None)
    }

    /// Returns how long a check of the hash takes here, or a check of our decoy without one.
    async fn measure(
        &self,
        weight: Option<Weight>,
        hash: Option<&str>,
    ) -> Result<Duration, Failure> {
        if let Some(known) = self.refusal_floor.measured(weight) {
            return Ok(known);
        }
        let mut slowest = Duration::ZERO;
        for _ in 0..RUNS {
            let wrong_password = Password::attempt("nobody's".into());
            let permit = self.hasher.acquire_worker(NO_CLIENT).await?;
            let checked = match hash.zip(wrong_password) {
                Some((hash, password)) => self.hasher.verify(permit, password, hash).await?,
                None => self.hasher.verify_decoy(permit).await?,
            };
            slowest = slowest.max(checked.took);
        }
        self.refusal_floor.record(weight, slowest);
        Ok(slowest)
    }
}
