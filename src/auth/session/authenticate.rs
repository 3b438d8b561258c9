//! Authenticate: whose request this is, by the token in its cookie.

use chrono::TimeDelta;

use crate::{
    auth::{Auth, Failure},
    domain::{
        clock::Timestamp, id::SessionId, session::Session, token::SessionTokenHash, user::User,
    },
};

/// A person whose live session the request carries.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// Who it is.
    pub user: User,
    /// By which session.
    pub session: Session,
}

impl Auth {
    /// Finds the live session of a token; `None` when there is none.
    pub async fn authenticate(
        &self,
        token: &SessionTokenHash,
    ) -> Result<Option<Authenticated>, Failure> {
        let now = self.clock.now();
        let live = |session: &Session| self.sessions.is_live(session, now);
        let Some((session, user)) = self.store.find_session(token, live).await? else {
            return Ok(None);
        };
        // Disabling ends all sessions; one that slipped past would end here.
        if user.disabled_at.is_some() {
            return Ok(None);
        }
        if !live(&session) {
            // Gone, not only past: a clock that is set back must not bring it to life again.
            let ends = self.sessions.ends(now);
            if let Err(error) = self.end_ended(&[session.id], &ends).await {
                tracing::warn!(session = %session.id, %error, "an ended session could not be deleted");
            }
            return Ok(None);
        }
        let step = self.sessions.use_step(&session);
        if now - session.last_seen_at >= step
            && self.store.claim_use(token, session.last_seen_at, now)
        {
            self.note_use(session.id, now, step);
        }
        Ok(Some(Authenticated { user, session }))
    }

    /// Notes the use of a session after the answer: no request waits for it, and a lost note loses one step.
    fn note_use(&self, id: SessionId, now: Timestamp, step: TimeDelta) {
        let store = self.store.clone();
        self.background.spawn(async move {
            if let Err(error) = store.sessions_mut().touch(id, now, now - step).await {
                tracing::warn!(session = %id, %error, "the use of a session could not be noted");
            }
        });
    }
}
