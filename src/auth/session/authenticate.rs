//! Authenticate: finds the user and session of a request by the token in its cookie.

use chrono::TimeDelta;

use crate::{
    auth::{Auth, Failure},
    domain::{
        clock::Timestamp, id::SessionId, session::Session, token::SessionTokenHash, user::User,
    },
};

/// The user and the live session of a request.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The user.
    pub user: User,
    /// The session.
    pub session: Session,
}

impl Auth {
    /// Finds the live session of a token; `None` if there is none.
    pub async fn authenticate(
        &self,
        token: &SessionTokenHash,
    ) -> Result<Option<Authenticated>, Failure> {
        let now = self.clock.now();
        let live = |session: &Session| self.session_policy.is_live(session, now);
        // A cached session that is not live is read again: another node may have recorded a use.
        let cached = self.store.cached_session(token);
        let found = match cached.filter(|(session, _)| live(session)) {
            Some(found) => Some(found),
            None => self.store.find_session(token).await?,
        };
        let Some((session, user)) = found else {
            return Ok(None);
        };
        // Disabling a user ends all sessions. This check catches a session that was missed.
        if user.disabled_at.is_some() {
            return Ok(None);
        }
        if !live(&session) {
            // Deleted, not only ignored: it must not become live again when the clock is set back.
            let ends = self.session_policy.ends(now);
            if let Err(error) = self.end_expired(&[session.id], &ends).await {
                tracing::warn!(session = %session.id, %error, "an ended session could not be deleted");
            }
            return Ok(None);
        }
        let step = self.session_policy.use_step(&session);
        if now - session.last_seen_at >= step
            && self.store.claim_use(token, session.last_seen_at, now)
        {
            self.record_use(session.id, now, step);
        }
        Ok(Some(Authenticated { user, session }))
    }

    /// Records the use of a session in the background: no request waits for it. A lost write loses one step only.
    fn record_use(&self, id: SessionId, now: Timestamp, step: TimeDelta) {
        let store = self.store.clone();
        self.background.spawn(async move {
            if let Err(error) = store.sessions_mut().touch(id, now, now - step).await {
                tracing::warn!(session = %id, %error, "the use of a session could not be recorded");
            }
        });
    }
}
