//! Sessions: what a person may know of their own.

use super::{Auth, Failure};
use crate::domain::{
    id::{SessionId, UserId},
    session::Session,
};

impl Auth {
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
}
