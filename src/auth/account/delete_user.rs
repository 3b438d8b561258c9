//! Delete user: a person leaves, and everything of theirs with them.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::{
    auth::{
        Auth, Error, Failure, Refusal,
        admin::actor::{Actor, AdminRefusal},
        caller::Caller,
        session::authenticate::Authenticated,
        signin::password::{PasswordRefusal, Purpose},
    },
    domain::{client::Client, id::UserId, security_event::EventKind},
    store::Transaction,
};

/// What a person must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteUserRefusal {
    /// The present password was not given.
    PasswordRequired,
    /// The password was refused.
    Password(PasswordRefusal),
    /// They must prove anew who they are.
    ReauthenticationRequired,
    /// Nobody would be left who may administer people.
    LastAdmin,
}

impl Refusal for DeleteUserRefusal {}

impl From<PasswordRefusal> for DeleteUserRefusal {
    fn from(refusal: PasswordRefusal) -> Self {
        Self::Password(refusal)
    }
}

impl Auth {
    /// Deletes a person in one transaction, their sessions first. What stays is that it happened, and when.
    pub async fn delete_user(
        self: &Arc<Self>,
        who: &Authenticated,
        current_password: SecretString,
        caller: &Caller<'_>,
    ) -> Result<(), Error<DeleteUserRefusal>> {
        if !self.is_recent(who) {
            return Err(DeleteUserRefusal::ReauthenticationRequired.into());
        }
        if current_password.expose_secret().is_empty() {
            return Err(DeleteUserRefusal::PasswordRequired.into());
        }
        let stored = self.store.users().find(who.user.id).await?;
        let (name, purpose) = (&who.user.username, Purpose::Deletion);
        let proof = self.prove(name, stored, current_password, caller, purpose);
        let proved = proof.await.map_err(Error::convert)?;

        let transaction = self.store.begin().await?;
        // Asked of administrators alone: it looks through everybody.
        let is_admin = proved.user.roles.is_admin();
        if is_admin && self.is_last_admin(&transaction, who.user.id).await? {
            return Err(DeleteUserRefusal::LastAdmin.into());
        }
        let now = self.lock_current(&transaction, who, caller).await?;
        if now.user.roles.is_admin() && !is_admin {
            // They have become one this very moment, and may be the only one.
            return Err(DeleteUserRefusal::ReauthenticationRequired.into());
        }
        if now.version != proved.version {
            return Err(DeleteUserRefusal::Password(PasswordRefusal::InvalidCredentials).into());
        }
        self.delete(transaction, who.user.id).await?;
        Ok(())
    }

    /// Deletes any user, for the operator.
    pub async fn delete_other_user(&self, id: UserId) -> Result<(), Error<AdminRefusal>> {
        let (transaction, user) = self.administer(&Actor::OPERATOR, Some(id)).await?;
        Ok(self.delete(transaction, user.id).await?)
    }

    async fn delete(&self, mut transaction: Transaction, id: UserId) -> Result<(), Failure> {
        transaction.delete_user(id).await?;
        let event = self.event(EventKind::UserDeleted, Client::default())?;
        transaction
            .security_events()
            .insert(Some(id), &event)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %id, "user deleted");
        Ok(())
    }
}
