//! Slowest hash: which of the imported hashes that are left takes the longest here, for the refusal floor to know.

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

/// How soon a node learns what another one, or the command line, imported.
const INTERVAL: Duration = Duration::from_secs(10);
/// How often each kind is measured; the slowest counts.
const RUNS: usize = 3;
/// Whose share of the queue measuring takes: no client's.
const NOBODY: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

impl Auth {
    /// Learns the floor again and again, for as long as it is polled.
    pub async fn keep_learning_refusal_floor(&self) {
        let mut ticks = interval(INTERVAL);
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
        let mut slowest = Duration::ZERO;
        let kinds = if self.store.foreign_hashes().any().await? {
            KINDS
        } else {
            &[]
        };
        for kind in kinds {
            if let Some((weight, hash)) = self.slowest_left(kind).await? {
                // When the hash queue is full, the floor stays as it is until the next run.
                let measured = self.measure(Some(weight), Some(&hash)).await?;
                slowest = slowest.max(measured);
            }
        }
        if slowest > Duration::ZERO {
            // Those that are left may all be faster than ours.
            slowest = slowest.max(self.measure(None, None).await?);
        }
        self.refusal_floor.set(slowest);
        Ok(())
    }

    /// The slowest hash of a kind that is left; those whose people have moved meanwhile are forgotten.
    async fn slowest_left(&self, kind: &str) -> Result<Option<(Weight, String)>, Failure> {
        // It ends: each turn forgets a row.
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

    /// How long a check takes here, or one of our decoy.
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
            let nobodys = Password::attempt("nobody's".into());
            let turn = self.hasher.turn(NOBODY).await?;
            let checked = match hash.zip(nobodys) {
                Some((hash, password)) => self.hasher.verify(turn, password, hash).await?,
                None => self.hasher.verify_decoy(turn).await?,
            };
            slowest = slowest.max(checked.took);
        }
        self.refusal_floor.record(weight, slowest);
        Ok(slowest)
    }
}
