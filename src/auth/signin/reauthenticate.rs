//! Reauthenticate: a signed-in user enters their password again before sensitive changes.

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

/// Why a reauthentication is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReauthenticateRefusal {
    /// The password is empty.
    PasswordRequired,
    /// The password is wrong, or there were too many attempts.
    Password(PasswordRefusal),
}

impl Refusal for ReauthenticateRefusal {}

impl From<PasswordRefusal> for ReauthenticateRefusal {
    fn from(refusal: PasswordRefusal) -> Self {
        Self::Password(refusal)
    }
}

impl Auth {
    /// Returns whether the last password check is recent enough (ASVS 7.5.1, 7.5.2).
    pub fn is_recent(&self, signed_in: &Authenticated) -> bool {
        self.session_policy
            .is_recent(&signed_in.session, self.clock.now())
    }

    /// Checks the password of the signed-in user, and gives the session a new token (ASVS 7.2.4).
    pub async fn reauthenticate(
        self: &Arc<Self>,
        signed_in: &Authenticated,
        password: SecretString,
        caller: &Caller<'_>,
    ) -> Result<Box<SignIn>, Error<ReauthenticateRefusal>> {
        if password.expose_secret().is_empty() {
            return Err(ReauthenticateRefusal::PasswordRequired.into());
        }
        let stored = self.store.users().find(signed_in.user.id).await?;
        let (name, purpose) = (
            signed_in.user.username.as_typed(),
            Purpose::Reauthentication,
        );
        let check = self.check_password(name, stored, password, caller, purpose);
        let verified = check.await.map_err(Error::convert)?;

        let mut transaction = self.store.begin().await?;
        let now = self.lock_current(&transaction, signed_in, caller).await?;
        if now.version != verified.version {
            return Err(
                ReauthenticateRefusal::Password(PasswordRefusal::InvalidCredentials).into(),
            );
        }
        let device = self
            .remember_device(caller.device, Account::of(&verified))
            .await?;
        let sign_in = self
            .renew_session(&mut transaction, now.user, signed_in, device)
            .await?;
        self.record_event(
            &transaction,
            signed_in.user.id,
            EventKind::Reauthenticated,
            caller,
        )
        .await?;
        transaction.commit().await?;
        tracing::info!(user = %signed_in.user.id, session = %signed_in.session.id, "reauthenticated");
        Ok(Box::new(sign_in))
    }
}
