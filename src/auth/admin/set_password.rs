//! Set password: the operator gives a person another password, without knowing the old one.

use secrecy::SecretString;

use super::actor::{Actor, AdminRefusal, HERE};
use crate::{
    auth::{Auth, Error, Failure, Refusal},
    domain::{id::UserId, password::PasswordError, security_event::EventKind, username::Username},
};

/// What the operator must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetPasswordRefusal {
    /// There is no such person.
    NotFound,
    /// The password cannot be taken.
    PasswordInvalid(PasswordError),
}

impl Refusal for SetPasswordRefusal {}

impl From<AdminRefusal> for SetPasswordRefusal {
    /// The operator needs no recent proof, so the user is gone.
    fn from(_: AdminRefusal) -> Self {
        Self::NotFound
    }
}

impl Auth {
    /// Sets a person's password and ends all their sessions, whoever holds them (ASVS 7.4.3). Browsers that were known
    /// to the account are new ones to it.
    pub async fn set_password(
        &self,
        id: UserId,
        password: SecretString,
    ) -> Result<(), Error<SetPasswordRefusal>> {
        let found = self.store.users().find(id).await?;
        let found = found.ok_or(SetPasswordRefusal::NotFound)?;
        let name = Username::parse(&found.user.username)
            .map_err(|error| Failure::Internal(error.into()))?;
        let password = self.new_password(password, &name).await;
        let password = password.map_err(SetPasswordRefusal::PasswordInvalid)?;
        let hash = self.hasher.hash(HERE, password, &*self.entropy).await?;
        let begun = self.administer(&Actor::OPERATOR, Some(id)).await;
        let (mut transaction, user) = begun.map_err(Error::convert)?;
        transaction.users().set_password(user.id, &hash).await?;
        transaction.end_sessions(user.id, None).await?;
        self.note_act(
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
