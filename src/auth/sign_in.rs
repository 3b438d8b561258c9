//! Opening a session: what register and login have in common.

use super::{Auth, Failure};
use crate::{
    domain::{
        device::Device,
        id::new_id,
        session::Session,
        token::{SessionToken, SessionTokenHash},
        user::User,
    },
    store::Work,
};

/// A person who has just proved who they are, and how their browser will be remembered.
#[derive(Debug)]
pub struct SignIn {
    /// Who it is.
    pub user: User,
    /// The new session.
    pub session: Session,
    /// For the cookie alone.
    pub token: SessionToken,
    /// For the device cookie: this browser has signed in to this account.
    pub device: Device,
}

impl Auth {
    /// Opens a session in place of the one that the browser had, whoever's it was (ASVS 7.2.4: a new token at
    /// every sign-in, so that a token planted before it is worth nothing).
    pub(super) async fn open_session(
        &self,
        work: &Work,
        user: User,
        device: Device,
        replaces: Option<&SessionTokenHash>,
    ) -> Result<SignIn, Failure> {
        let now = self.clock.now();
        let token = SessionToken::generate(&*self.entropy)?;
        let session = Session {
            id: new_id(now, &*self.entropy)?,
            user_id: user.id,
            created_at: now,
            authenticated_at: now,
            last_seen_at: now,
            absolute_end: now + self.sessions.lifetime,
        };
        if let Some(old) = replaces {
            work.sessions().delete(old).await?;
        }
        work.sessions().insert(&session, &token.hash()).await?;
        Ok(SignIn {
            user,
            session,
            token,
            device,
        })
    }
}
