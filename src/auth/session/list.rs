//! Sessions: what a person may know of their own.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{
    auth::{Auth, Failure},
    domain::{
        id::{SessionId, UserId},
        session::Session,
    },
};

/// Bytes of an identity: enough that no two are ever the same.
const IDENTITY_LEN: usize = 16;

impl Auth {
    /// What stands for a session where clients can see it: nobody without the secret learns the session from it.
    pub async fn identity(&self, id: SessionId) -> Result<String, Failure> {
        let secret = self.secret.get().await?;
        let mac = secret.mac("identity", &[id.uuid().as_bytes()]);
        Ok(BASE64_URL_SAFE_NO_PAD.encode(&mac[..IDENTITY_LEN]))
    }

    /// Finds a person's own live session; another one's does not exist for them.
    pub async fn own_session(
        &self,
        owner: UserId,
        id: SessionId,
    ) -> Result<Option<Session>, Failure> {
        let session = self.store.sessions().find_own(owner, id).await?;
        let now = self.clock.now();
        Ok(session.filter(|session| self.sessions.is_live(session, now)))
    }

    /// A person's own live sessions, newest first: at most `most`, older than `after`.
    pub async fn own_sessions(
        &self,
        owner: UserId,
        after: Option<SessionId>,
        most: u64,
    ) -> Result<Vec<Session>, Failure> {
        let ends = self.sessions.ends(self.clock.now());
        let sessions = self.store.sessions();
        Ok(sessions.page(owner, &ends, after, most).await?)
    }
}
