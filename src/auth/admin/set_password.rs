//! Set password: the operator gives a user a new password, without the old one.

use secrecy::SecretString;

use super::actor::{Actor, AdminRefusal, OPERATOR_ADDRESS};
use crate::{
    auth::{Auth, Error, Refusal},
    domain::{id::UserId, password::PasswordError, security_event::EventKind},
};

/// Why a password is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetPasswordRefusal {
    /// There is no such user.
    NotFound,
    /// The password is not allowed.
    PasswordInvalid(PasswordError),
}

impl Refusal for SetPasswordRefusal {}

impl From<AdminRefusal> for SetPasswordRefusal {
    /// The operator needs no recent password check, so the only reason is a missing user.
    fn from(refusal: AdminRefusal) -> Self {
        match refusal {
            AdminRefusal::NotFound | AdminRefusal::ReauthenticationRequired => Self::NotFound,
        }
    }
}

impl Auth {
    /// Sets a user's password and ends all their sessions (ASVS 7.4.3). Device cookies of the account are no longer
    /// valid.
    pub async fn set_password(
        &self,
        id: UserId,
        password: SecretString,
    ) -> Result<(), Error<SetPasswordRefusal>> {
        let found = self.store.users().find(id).await?;
        let found = found.ok_or(SetPasswordRefusal::NotFound)?;
        let password = self.new_password(password, &found.user.username).await;
        let password = password.map_err(SetPasswordRefusal::PasswordInvalid)?;
        let hash = self
            .hasher
            .hash(OPERATOR_ADDRESS, password, &*self.entropy)
            .await?;
        let begun = self.begin_admin_change(&Actor::OPERATOR, Some(id)).await;
        let (mut transaction, user) = begun.map_err(Error::convert)?;
        transaction.users().set_password(user.id, &hash).await?;
        transaction.end_sessions(user.id, None).await?;
        self.record_admin_event(
            &transaction,
            user.id,
            EventKind::PasswordChanged,
            &Actor::OPERATOR,
        )
        .await?;
        transaction.commit().await?;
        tracing::info!(user = %user.id, "password set");
        Ok(())
    }
}
