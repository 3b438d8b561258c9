//! Change password: a person who is signed in and knows the present password sets another one.

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
        username::Username,
    },
};

/// What a person typed.
pub struct ChangePasswordForm {
    /// The present password.
    pub current_password: SecretString,
    /// The one that they want.
    pub new_password: SecretString,
    /// The same again.
    pub confirm_password: SecretString,
}

/// What a person must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangePasswordRefusal {
    /// The present password was not given.
    CurrentRequired,
    /// No new password was given.
    NewRequired,
    /// The two new passwords differ.
    PasswordsDoNotMatch,
    /// The new password cannot be taken.
    PasswordInvalid(PasswordError),
    /// The password was refused.
    Password(PasswordRefusal),
}

impl Refusal for ChangePasswordRefusal {}

impl From<PasswordRefusal> for ChangePasswordRefusal {
    fn from(refusal: PasswordRefusal) -> Self {
        Self::Password(refusal)
    }
}

impl Auth {
    /// Sets another password, gives this browser a new token, and ends all other sessions (ASVS 7.4.3).
    ///
    /// The present password is asked for however recent the login is: a session left open, or stolen, does not take
    /// the account over (ASVS 6.2.3), and guesses at it are counted as those at logins are.
    pub async fn change_password(
        self: &Arc<Self>,
        who: &Authenticated,
        form: ChangePasswordForm,
        caller: &Caller<'_>,
    ) -> Result<Box<SignIn>, Error<ChangePasswordRefusal>> {
        let (current, new) = form.validate()?;
        let stored = self.store.users().find(who.user.id).await?;
        let stored = stored.ok_or(Failure::Unauthenticated)?;
        let username = stored.user.username.clone();
        let name = Username::parse(&username).map_err(|error| Failure::Internal(error.into()))?;
        let too_common = ChangePasswordRefusal::PasswordInvalid(PasswordError::TooCommon);
        if self.passwords.is_easy_to_guess(&new, &name) {
            return Err(too_common.into());
        }
        let purpose = Purpose::PasswordChange;
        let proof = self.prove(&username, Some(stored), current, caller, purpose);
        let proved = proof.await.map_err(Error::convert)?;
        // Only now: nobody else's tries are to ask the service that knows breached passwords.
        if self.passwords.is_breached(&new).await {
            return Err(too_common.into());
        }
        let hash = self.hasher.hash(caller.source, new, &*self.entropy).await?;

        let mut transaction = self.store.begin().await?;
        // Of two changes at once one wins: for the other, the password that it proved is no longer the present one.
        let now = self.lock_current(&transaction, who, caller).await?;
        if now.version != proved.version {
            return Err(
                ChangePasswordRefusal::Password(PasswordRefusal::InvalidCredentials).into(),
            );
        }
        transaction.users().set_password(who.user.id, &hash).await?;
        let account = Account::new(who.user.id, proved.version + 1);
        let device = self.remember_device(caller.device, account).await?;
        let signed_in = self
            .renew_session(&mut transaction, now.user, who, device)
            .await?;
        transaction
            .end_sessions(who.user.id, Some(who.session.id))
            .await?;
        self.note(
            &transaction,
            who.user.id,
            EventKind::PasswordChanged,
            caller,
        )
        .await?;
        transaction.commit().await?;
        tracing::info!(user = %who.user.id, session = %who.session.id, "password changed");
        Ok(Box::new(signed_in))
    }
}

impl ChangePasswordForm {
    /// Everything that can be said without the database; each step speaks only when the one before was silent.
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
        // Both were typed by one person in one form: there is no secret to compare in constant time.
        if self.new_password.expose_secret() != self.confirm_password.expose_secret() {
            return Err(vec![ChangePasswordRefusal::PasswordsDoNotMatch]);
        }
        match Password::new(self.new_password) {
            Ok(new) => Ok((self.current_password, new)),
            Err(error) => Err(vec![ChangePasswordRefusal::PasswordInvalid(error)]),
        }
    }
}
