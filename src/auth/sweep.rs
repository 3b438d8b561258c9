//! Sweep: sessions that ended are deleted in the background, a few at a time.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::{Auth, Failure};

/// Sessions deleted by one statement: few enough that nobody waits behind it.
const BATCH: u64 = 500;
/// How long a sweep rests after it found nothing more.
const REST: Duration = Duration::from_mins(1);

impl Auth {
    /// Sweeps for as long as it is polled.
    pub async fn keep_sweeping(&self) {
        let mut ticks = interval(REST);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match self.sweep().await {
                Ok(0) => {}
                Ok(swept) => tracing::info!(swept, "ended sessions deleted"),
                Err(error) => tracing::warn!(%error, "ended sessions could not be deleted"),
            }
            if let Err(error) = self.sweep_throttles().await {
                tracing::warn!(%error, "old throttles could not be deleted");
            }
        }
    }

    /// Deletes all sessions that have ended; tells how many.
    pub async fn sweep(&self) -> Result<u64, Failure> {
        let now = self.clock.now();
        let idle_since = now - self.sessions.idle;
        let mut swept = 0;
        loop {
            let ids = self
                .store
                .sessions()
                .find_ended(now, idle_since, BATCH)
                .await?;
            if ids.is_empty() {
                return Ok(swept);
            }
            let deleted = self
                .store
                .sessions_mut()
                .delete_ended(&ids, now, idle_since)
                .await?;
            swept += deleted;
            // All were used or deleted meanwhile: the next sweep looks again.
            if deleted == 0 {
                return Ok(swept);
            }
        }
    }
}
