//! Watch: keeps what is known of sessions with open WebSockets or streams up to date, so that these end with the session.
//!
//! A session ends by logout, revocation, a change of password, disabling, deletion, or a timeout. Whatever ended it, and on
//! whatever node, it is known here within a second (ASVS 7.4.1). An open socket does not keep its session alive: otherwise
//! the idle timeout would never be reached (ASVS 7.3.1).

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::authenticate::Authenticated;
use crate::{
    auth::{Auth, Failure},
    domain::token::SessionTokenHash,
    store::{LiveSession, SessionWatch, WatchedSession},
};

/// The time between two runs. Without notifications, each run reads all watched sessions.
const INTERVAL: Duration = Duration::from_millis(500);
/// Sessions that one statement reads.
const BATCH: usize = 500;
/// How long sessions stay open while the database does not answer. Then it is unknown whether they have ended.
const MAX_UNKNOWN: Duration = Duration::from_secs(10);

impl Auth {
    /// Watches the session of a request, with the request's token.
    pub fn watch_session(
        &self,
        authenticated: &Authenticated,
        token: SessionTokenHash,
    ) -> SessionWatch {
        let Authenticated { user, session } = authenticated;
        self.store.watched().watch(LiveSession {
            session: WatchedSession {
                id: session.id,
                token,
            },
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
            let began = self.clock.monotonic();
            let due = self.store.watched().take_due(self.clock.now(), all);
            let mut unread = vec![];
            for batch in due.chunks(BATCH) {
                if let Err(error) = self.read_watched(batch).await {
                    tracing::warn!(%error, sessions = batch.len(), "the sessions of open sockets could not be read");
                    unread.extend_from_slice(batch);
                }
            }
            if unread.is_empty() {
                failing_since = None;
                continue;
            }
            let since = *failing_since.get_or_insert(began);
            if self.clock.monotonic().saturating_sub(since) >= MAX_UNKNOWN {
                self.store.watched().record_unknown(&unread);
            }
            self.store.watched().restore_due(&unread);
            ticks.tick().await;
        }
    }

    async fn read_watched(&self, sessions: &[WatchedSession]) -> Result<(), Failure> {
        let ids = sessions.iter().map(|session| session.id);
        let found = self.store.sessions().find_many(ids).await?;
        let now = self.clock.now();
        let policy = &self.session_policy;
        let (live, over): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|(session, _, _)| policy.is_live(session, now));
        let enabled = live
            .into_iter()
            .filter(|(_, _, user)| user.disabled_at.is_none());
        let live = enabled.map(|(session, token, user)| LiveSession {
            session: WatchedSession {
                id: session.id,
                token,
            },
            user,
            ends_at: policy.expires_at(&session),
        });
        self.store.watched().record(sessions, live.collect());
        // As for requests: a session that reached a timeout is deleted, not only ignored.
        let over: Vec<_> = over.into_iter().map(|(session, _, _)| session.id).collect();
        if !over.is_empty()
            && let Err(error) = self.end_expired(&over, &policy.ends(now)).await
        {
            tracing::warn!(%error, "ended sessions could not be deleted");
        }
        Ok(())
    }
}
