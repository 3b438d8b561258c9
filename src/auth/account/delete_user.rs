//! Delete user: removes a user and everything that belongs to them.

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

/// Why a deletion is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteUserRefusal {
    /// The current password is empty.
    PasswordRequired,
    /// The current password is wrong, or there were too many attempts.
    Password(PasswordRefusal),
    /// The last password check is too old.
    ReauthenticationRequired,
    /// The user is the last administrator.
    LastAdmin,
}

impl Refusal for DeleteUserRefusal {}

impl From<PasswordRefusal> for DeleteUserRefusal {
    fn from(refusal: PasswordRefusal) -> Self {
        Self::Password(refusal)
    }
}

impl Auth {
    /// Deletes the signed-in user in one transaction, their sessions first. One event stays: that a user was deleted,
    /// and when.
    pub async fn delete_user(
        self: &Arc<Self>,
        signed_in: &Authenticated,
        current_password: SecretString,
        caller: &Caller<'_>,
    ) -> Result<(), Error<DeleteUserRefusal>> {
        if !self.is_recent(signed_in) {
            return Err(DeleteUserRefusal::ReauthenticationRequired.into());
        }
        if current_password.expose_secret().is_empty() {
            return Err(DeleteUserRefusal::PasswordRequired.into());
        }
        let stored = self.store.users().find(signed_in.user.id).await?;
        let (name, purpose) = (signed_in.user.username.as_typed(), Purpose::Deletion);
        let check = self.check_password(name, stored, current_password, caller, purpose);
        let verified = check.await.map_err(Error::convert)?;

        let transaction = self.store.begin().await?;
        // Only for administrators: the query reads all users.
        let is_admin = verified.user.roles.is_admin();
        if is_admin && self.is_last_admin(&transaction, signed_in.user.id).await? {
            return Err(DeleteUserRefusal::LastAdmin.into());
        }
        let now = self.lock_current(&transaction, signed_in, caller).await?;
        if now.user.roles.is_admin() && !is_admin {
            // The user became an administrator during this request, and may be the only one.
            return Err(DeleteUserRefusal::ReauthenticationRequired.into());
        }
        if now.version != verified.version {
            return Err(DeleteUserRefusal::Password(PasswordRefusal::InvalidCredentials).into());
        }
        self.delete(transaction, signed_in.user.id).await?;
        Ok(())
    }

    /// Deletes any user, for the operator.
    pub async fn delete_other_user(&self, id: UserId) -> Result<(), Error<AdminRefusal>> {
        let (transaction, user) = self.begin_admin_change(&Actor::OPERATOR, Some(id)).await?;
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
