//! Opening a session, and giving one a new token: what all that prove who they are have in common.

use chrono::TimeDelta;

use super::authenticate::Authenticated;
use crate::{
    auth::{Auth, Failure, caller::Caller},
    domain::{device::Device, id::new_id, session::Session, token::SessionToken, user::User},
    store::Transaction,
};

/// A person who has just proved who they are, and how their browser will be remembered.
#[derive(Debug)]
pub struct SignIn {
    /// Who it is.
    pub user: User,
    /// The session.
    pub session: Session,
    /// For the cookie alone.
    pub token: SessionToken,
    /// How long browsers keep the cookie; `None` for as long as they are open.
    pub max_age: Option<TimeDelta>,
    /// For the device cookie: this browser has signed in to this account.
    pub device: Device,
}

impl Auth {
    /// Opens a session in place of the one that the browser had, whoever's it was (ASVS 7.2.4: a new token at
    /// every sign-in, so that a token planted before it is worth nothing).
    pub(crate) async fn open_session(
        &self,
        transaction: &mut Transaction,
        user: User,
        persistent: bool,
        device: Device,
        caller: &Caller<'_>,
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
            persistent,
            client: caller.client(),
        };
        if let Some(old) = caller.session {
            transaction.end_token(old).await?;
        }
        transaction
            .end_oldest(user.id, self.sessions.max_sessions - 1)
            .await?;
        transaction
            .sessions()
            .insert(&session, &token.hash())
            .await?;
        Ok(SignIn {
            max_age: persistent.then_some(self.sessions.lifetime),
            user,
            session,
            token,
            device,
        })
    }

    /// Gives a session a new token, as its person has proved anew who they are; the old token is dead.
    ///
    /// `Unauthenticated` when the session has ended meanwhile.
    pub(crate) async fn renew_session(
        &self,
        transaction: &mut Transaction,
        user: User,
        who: &Authenticated,
        device: Device,
    ) -> Result<SignIn, Failure> {
        let now = self.clock.now();
        let token = SessionToken::generate(&*self.entropy)?;
        let mut session = who.session.clone();
        session.authenticated_at = now;
        if !transaction
            .renew_session(session.id, &token.hash(), now)
            .await?
        {
            return Err(Failure::Unauthenticated);
        }
        Ok(SignIn {
            max_age: session.persistent.then(|| session.absolute_end - now),
            user,
            session,
            token,
            device,
        })
    }
}
