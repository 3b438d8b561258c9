//! Change password: a signed-in user who knows the current password sets a new one.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::{
    auth::{
        Auth, Error, Failure, Refusal, SignIn,
        caller::Caller,
        session::authenticate::Authenticated,
        signin::password::{PasswordRefusal, Purpose},
        throttle::device::Account,
    },
    domain::{
        password::{Password, PasswordError},
        security_event::EventKind,
    },
};

/// The input of a password change.
pub struct ChangePasswordForm {
    /// The current password.
    pub current_password: SecretString,
    /// The new password.
    pub new_password: SecretString,
    /// The new password again.
    pub confirm_password: SecretString,
}

/// Why a password change is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangePasswordRefusal {
    /// The current password is empty.
    CurrentRequired,
    /// The new password is empty.
    NewRequired,
    /// The new password and its confirmation differ.
    PasswordsDoNotMatch,
    /// The new password is not allowed.
    PasswordInvalid(PasswordError),
    /// The current password is wrong, or there were too many attempts.
    Password(PasswordRefusal),
}

impl Refusal for ChangePasswordRefusal {}

impl From<PasswordRefusal> for ChangePasswordRefusal {
    fn from(refusal: PasswordRefusal) -> Self {
        Self::Password(refusal)
    }
}

impl Auth {
    /// Sets a new password, gives this browser a new token, and ends all other sessions (ASVS 7.4.3).
    ///
    /// The current password is required even after a recent login: an open or stolen session must not be enough to take
    /// over the account (ASVS 6.2.3). Wrong passwords are counted like those at logins.
    pub async fn change_password(
        self: &Arc<Self>,
        signed_in: &Authenticated,
        form: ChangePasswordForm,
        caller: &Caller<'_>,
    ) -> Result<Box<SignIn>, Error<ChangePasswordRefusal>> {
        let (current, new) = form.validate()?;
        let stored = self.store.users().find(signed_in.user.id).await?;
        let stored = stored.ok_or(Failure::Unauthenticated)?;
        let username = stored.user.username.clone();
        let too_common = ChangePasswordRefusal::PasswordInvalid(PasswordError::TooCommon);
        if self.password_policy.is_easy_to_guess(&new, &username) {
            return Err(too_common.into());
        }
        let purpose = Purpose::PasswordChange;
        let check =
            self.check_password(username.as_typed(), Some(stored), current, caller, purpose);
        let verified = check.await.map_err(Error::convert)?;
        // After the password check: strangers must not cause requests to the breached-password service.
        if self.password_policy.is_breached(&new).await {
            return Err(too_common.into());
        }
        let hash = self.hasher.hash(caller.source, new, &*self.entropy).await?;

        let mut transaction = self.store.begin().await?;
        // Of two concurrent changes one wins. The other one checked a password that is no longer current.
        let now = self.lock_current(&transaction, signed_in, caller).await?;
        if now.version != verified.version {
            return Err(
                ChangePasswordRefusal::Password(PasswordRefusal::InvalidCredentials).into(),
            );
        }
        transaction
            .users()
            .set_password(signed_in.user.id, &hash)
            .await?;
        let account = Account::new(signed_in.user.id, verified.version + 1);
        let device = self.remember_device(caller.device, account).await?;
        let sign_in = self
            .renew_session(&mut transaction, now.user, signed_in, device)
            .await?;
        transaction
            .end_sessions(signed_in.user.id, Some(signed_in.session.id))
            .await?;
        self.record_event(
            &transaction,
            signed_in.user.id,
            EventKind::PasswordChanged,
            caller,
        )
        .await?;
        transaction.commit().await?;
        tracing::info!(user = %signed_in.user.id, session = %signed_in.session.id, "password changed");
        Ok(Box::new(sign_in))
    }
}

impl ChangePasswordForm {
    /// Checks what needs no database. Each step runs only if the previous step found no error.
    fn validate(self) -> Result<(SecretString, Password), Vec<ChangePasswordRefusal>> {
        let is_empty = |password: &SecretString| password.expose_secret().is_empty();
        let missing: Vec<_> = [
            is_empty(&self.current_password).then_some(ChangePasswordRefusal::CurrentRequired),
            is_empty(&self.new_password).then_some(ChangePasswordRefusal::NewRequired),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        // One user typed both in one form, so there is no secret to compare in constant time.
        if self.new_password.expose_secret() != self.confirm_password.expose_secret() {
            return Err(vec![ChangePasswordRefusal::PasswordsDoNotMatch]);
        }
        match Password::new(self.new_password) {
            Ok(new) => Ok((self.current_password, new)),
            Err(error) => Err(vec![ChangePasswordRefusal::PasswordInvalid(error)]),
        }
    }
}
