//! Expire: deletes ended sessions, old events and idle throttle counts in the background, in batches.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::{
    auth::{Auth, Failure},
    domain::{id::SessionId, session::Ends},
};

/// Rows that one statement deletes: few enough not to block other requests.
const BATCH: u64 = 500;
/// The time between two runs.
const INTERVAL: Duration = Duration::from_mins(1);

impl Auth {
    /// Runs for as long as it is polled.
    pub async fn keep_expiring(&self) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match self.delete_expired().await {
                Ok(0) => {}
                Ok(total) => tracing::info!(swept = total, "ended sessions deleted"),
                Err(error) => tracing::warn!(%error, "ended sessions could not be deleted"),
            }
            if let Err(error) = self.delete_old_events().await {
                tracing::warn!(%error, "old security events could not be deleted");
            }
            if let Err(error) = self.delete_idle_throttles().await {
                tracing::warn!(%error, "old throttles could not be deleted");
            }
        }
    }

    /// Deletes all ended sessions. Returns how many.
    pub async fn delete_expired(&self) -> Result<u64, Failure> {
        let ends = self.session_policy.ends(self.clock.now());
        let mut total = 0;
        loop {
            let ids = self.store.sessions().find_ended(&ends, BATCH).await?;
            if ids.is_empty() {
                return Ok(total);
            }
            let deleted = self.end_expired(&ids, &ends).await?;
            total += deleted;
            // All of them were used or deleted since: the next run looks again.
            if deleted == 0 {
                return Ok(total);
            }
        }
    }

    /// Deletes those of the given sessions that have ended. Returns how many.
    pub(crate) async fn end_expired(&self, ids: &[SessionId], ends: &Ends) -> Result<u64, Failure> {
        let mut transaction = self.store.begin().await?;
        let ended = transaction.end_ended(ids, ends).await?;
        transaction.commit().await?;
        Ok(ended)
    }
}
