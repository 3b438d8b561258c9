//! Sessions that a user can see: their own.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{
    auth::{Auth, Failure},
    domain::{
        id::{SessionId, UserId},
        session::Session,
    },
};

/// Bytes of an identity: enough that no two are equal.
const IDENTITY_LEN: usize = 16;

impl Auth {
    /// Returns a public name of a session. Without the secret it does not reveal the session's id.
    pub async fn identity(&self, id: SessionId) -> Result<String, Failure> {
        let secret = self.secret.get().await?;
        let mac = secret.mac("identity", &[id.uuid().as_bytes()]);
        Ok(BASE64_URL_SAFE_NO_PAD.encode(&mac[..IDENTITY_LEN]))
    }

    /// Finds a live session of the user. Other users' sessions are not found.
    pub async fn own_session(
        &self,
        owner: UserId,
        id: SessionId,
    ) -> Result<Option<Session>, Failure> {
        let session = self.store.sessions().find_own(owner, id).await?;
        let now = self.clock.now();
        Ok(session.filter(|session| self.session_policy.is_live(session, now)))
    }

    /// Returns the user's live sessions, newest first: at most `limit`, older than `after`.
    pub async fn own_sessions(
        &self,
        owner: UserId,
        after: Option<SessionId>,
        limit: u64,
    ) -> Result<Vec<Session>, Failure> {
        let ends = self.session_policy.ends(self.clock.now());
        let sessions = self.store.sessions();
        Ok(sessions.page(owner, &ends, after, limit).await?)
    }
}
