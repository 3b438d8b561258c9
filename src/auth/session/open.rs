//! Opens sessions, and gives a session a new token: the last step of every password check.

use chrono::TimeDelta;

use super::authenticate::Authenticated;
use crate::{
    auth::{Auth, Failure, caller::Caller},
    domain::{device::Device, id::new_id, session::Session, token::SessionToken, user::User},
    store::Transaction,
};

/// The result of a sign-in: the session and its cookies.
#[derive(Debug)]
pub struct SignIn {
    /// The user.
    pub user: User,
    /// The session.
    pub session: Session,
    /// The token. It belongs into the session cookie only.
    pub token: SessionToken,
    /// How long the browser keeps the cookie; `None` until it is closed.
    pub max_age: Option<TimeDelta>,
    /// For the device cookie: it shows that this browser signed in to this account.
    pub device: Device,
}

impl Auth {
    /// Opens a session. It replaces the browser's previous session, even another user's. Every sign-in has a new token,
    /// so that a token from before is worthless (session fixation, ASVS 7.2.4).
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
            absolute_end: now + self.session_policy.lifetime,
            persistent,
            client: caller.client(),
        };
        if let Some(old) = caller.session {
            transaction.end_token(old).await?;
        }
        transaction
            .end_oldest(user.id, self.session_policy.max_sessions - 1)
            .await?;
        transaction
            .sessions()
            .insert(&session, &token.hash())
            .await?;
        Ok(SignIn {
            max_age: persistent.then_some(self.session_policy.lifetime),
            user,
            session,
            token,
            device,
        })
    }

    /// Gives a session a new token after a password check. The old token is invalid.
    ///
    /// Returns `Unauthenticated` if the session has ended since.
    pub(crate) async fn renew_session(
        &self,
        transaction: &mut Transaction,
        user: User,
        signed_in: &Authenticated,
        device: Device,
    ) -> Result<SignIn, Failure> {
        let now = self.clock.now();
        let token = SessionToken::generate(&*self.entropy)?;
        let mut session = signed_in.session.clone();
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
