//! Reauthenticate: a person who is signed in proves anew who they are, for what cannot be undone.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::password::{PasswordRefusal, Purpose};
use crate::{
    auth::{
        Auth, Error, Refusal, SignIn, caller::Caller, session::authenticate::Authenticated,
        throttle::device::Account,
    },
    domain::security_event::EventKind,
};

/// What a person must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReauthenticateRefusal {
    /// No password was given.
    PasswordRequired,
    /// The password was refused.
    Password(PasswordRefusal),
}

impl Refusal for ReauthenticateRefusal {}

impl From<PasswordRefusal> for ReauthenticateRefusal {
    fn from(refusal: PasswordRefusal) -> Self {
        Self::Password(refusal)
    }
}

impl Auth {
    /// Whether a person proved who they are recently enough (ASVS 7.5.1, 7.5.2).
    pub fn is_recent(&self, who: &Authenticated) -> bool {
        self.sessions.is_recent(&who.session, self.clock.now())
    }

    /// Checks the password of who is signed in, and gives the session a new token (ASVS 7.2.4).
    pub async fn reauthenticate(
        self: &Arc<Self>,
        who: &Authenticated,
        password: SecretString,
        caller: &Caller<'_>,
    ) -> Result<Box<SignIn>, Error<ReauthenticateRefusal>> {
        if password.expose_secret().is_empty() {
            return Err(ReauthenticateRefusal::PasswordRequired.into());
        }
        let stored = self.store.users().find(who.user.id).await?;
        let (name, purpose) = (&who.user.username, Purpose::Reauthentication);
        let proof = self.prove(name, stored, password, caller, purpose);
        let proved = proof.await.map_err(Error::convert)?;

        let mut transaction = self.store.begin().await?;
        let now = self.lock_current(&transaction, who, caller).await?;
        if now.version != proved.version {
            return Err(
                ReauthenticateRefusal::Password(PasswordRefusal::InvalidCredentials).into(),
            );
        }
        let device = self
            .remember_device(caller.device, Account::of(&proved))
            .await?;
        let signed_in = self
            .renew_session(&mut transaction, now.user, who, device)
            .await?;
        self.note(
            &transaction,
            who.user.id,
            EventKind::Reauthenticated,
            caller,
        )
        .await?;
        transaction.commit().await?;
        tracing::info!(user = %who.user.id, session = %who.session.id, "reauthenticated");
        Ok(Box::new(signed_in))
    }
}
