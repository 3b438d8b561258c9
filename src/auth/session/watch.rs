//! Watch: keeps what is known of sessions with open WebSockets or streams up to date, so that these end with the session.
//!
//! A session ends by logout, revocation, a change of password, disabling, deletion, or a timeout. Whatever ended it, and on
//! whatever node, it is known here within a second (ASVS 7.4.1). An open socket is no use of its session: the idle timeout
//! would never be reached (ASVS 7.3.1).

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::authenticate::Authenticated;
use crate::{
    auth::{Auth, Failure},
    domain::id::SessionId,
    store::{LiveSession, SessionWatch},
};

/// The time between two runs. Without notifications, each run reads all watched sessions.
const INTERVAL: Duration = Duration::from_millis(500);
/// Sessions that one statement reads.
const BATCH: usize = 500;
/// How long sessions stay open while the database does not answer. Then nobody knows whether they have ended.
const MAX_UNKNOWN: Duration = Duration::from_secs(10);

impl Auth {
    /// Watches the session of a request.
    pub fn watch_session(&self, authenticated: &Authenticated) -> SessionWatch {
        let Authenticated { user, session } = authenticated;
        self.store.watched().watch(LiveSession {
            id: session.id,
            user: user.clone(),
            ends_at: self.session_policy.expires_at(session),
        })
    }

    /// Reads watched sessions for as long as it is polled: at once when a change is known, and at intervals.
    pub async fn keep_watching(&self) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failing_since = None;
        loop {
            // Other nodes' changes are known by notifications, or by reading everything.
            let all = tokio::select! {
                _ = ticks.tick() => !self.store.has_notifications(),
                () = self.store.watched().changed() => false,
            };
            let due = self.store.watched().take_due(self.clock.now(), all);
            if due.is_empty() {
                continue;
            }
            let Err(error) = self.read_watched(&due).await else {
                failing_since = None;
                continue;
            };
            tracing::warn!(%error, sessions = due.len(), "the sessions of open sockets could not be read");
            let now = self.clock.monotonic();
            let since = *failing_since.get_or_insert(now);
            if now.saturating_sub(since) >= MAX_UNKNOWN {
                self.store.watched().record_unknown(&due);
            }
            self.store.watched().restore_due(&due);
            ticks.tick().await;
        }
    }

    async fn read_watched(&self, ids: &[SessionId]) -> Result<(), Failure> {
        for batch in ids.chunks(BATCH) {
            let found = self.store.sessions().find_many(batch).await?;
            let now = self.clock.now();
            let policy = &self.session_policy;
            let (live, ended): (Vec<_>, Vec<_>) = found.into_iter().partition(|(session, user)| {
                policy.is_live(session, now) && user.disabled_at.is_none()
            });
            // As for requests: a session that reached a timeout is deleted, not only ignored.
            let timed_out: Vec<_> = ended
                .iter()
                .filter(|(session, _)| !policy.is_live(session, now))
                .map(|(session, _)| session.id)
                .collect();
            let live = live.into_iter().map(|(session, user)| LiveSession {
                id: session.id,
                user,
                ends_at: policy.expires_at(&session),
            });
            self.store.watched().record(batch, live.collect());
            if !timed_out.is_empty() {
                self.end_expired(&timed_out, &policy.ends(now)).await?;
            }
        }
        Ok(())
    }
}
