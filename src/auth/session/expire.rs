//! Sweep: what has ended is deleted in the background, a few rows at a time.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::{
    auth::{Auth, Failure},
    domain::{id::SessionId, session::Ends},
};

/// Rows deleted by one statement: few enough that nobody waits behind it.
const BATCH: u64 = 500;
/// How long a sweep rests after it found nothing more.
const INTERVAL: Duration = Duration::from_mins(1);

impl Auth {
    /// Sweeps for as long as it is polled.
    pub async fn keep_expiring(&self) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match self.delete_expired().await {
                Ok(0) => {}
                Ok(swept) => tracing::info!(swept, "ended sessions deleted"),
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

    /// Deletes all sessions that have ended; tells how many.
    pub async fn delete_expired(&self) -> Result<u64, Failure> {
        let ends = self.sessions.ends(self.clock.now());
        let mut swept = 0;
        loop {
            let ids = self.store.sessions().find_ended(&ends, BATCH).await?;
            if ids.is_empty() {
                return Ok(swept);
            }
            let deleted = self.end_ended(&ids, &ends).await?;
            swept += deleted;
            // All were used or deleted meanwhile: the next sweep looks again.
            if deleted == 0 {
                return Ok(swept);
            }
        }
    }

    /// Deletes those of the sessions that have ended; tells how many.
    pub(crate) async fn end_ended(&self, ids: &[SessionId], ends: &Ends) -> Result<u64, Failure> {
        let mut transaction = self.store.begin().await?;
        let ended = transaction.end_ended(ids, ends).await?;
        transaction.commit().await?;
        Ok(ended)
    }
}
