//! Delete user: a person leaves, and everything of theirs with them.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::{
    auth::{
        Auth, Failure, Outcome,
        admin::actor::Actor,
        caller::Caller,
        session::authenticate::Authenticated,
        signin::password::{Proof, Purpose},
        throttle::reservation::Throttled,
    },
    domain::{client::Client, id::UserId, security_event::EventKind},
    store::Transaction,
};

/// What a person must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteUserRefusal {
    /// The present password was not given.
    PasswordRequired,
    /// The present password is another one.
    InvalidCredentials,
    /// They must prove anew who they are.
    ReauthenticationRequired,
    /// Nobody would be left who may administer people.
    LastAdmin,
    /// Too many tries.
    Throttled(Throttled),
}

impl Auth {
    /// Deletes a person in one transaction, their sessions first. What stays is that it happened, and when.
    pub async fn delete_user(
        self: &Arc<Self>,
        who: &Authenticated,
        current_password: SecretString,
        caller: &Caller<'_>,
    ) -> Result<Outcome<(), DeleteUserRefusal>, Failure> {
        if !self.is_recent(who) {
            return Ok(Outcome::refused(
                DeleteUserRefusal::ReauthenticationRequired,
            ));
        }
        if current_password.expose_secret().is_empty() {
            return Ok(Outcome::refused(DeleteUserRefusal::PasswordRequired));
        }
        let stored = self.store.users().find(who.user.id).await?;
        let (name, purpose) = (&who.user.username, Purpose::Deletion);
        let proof = self.prove(name, stored, current_password, caller, purpose);
        let proved = match proof.await? {
            Proof::Right(stored) => stored,
            Proof::Wrong => return Ok(Outcome::refused(DeleteUserRefusal::InvalidCredentials)),
            Proof::Throttled(throttled) => {
                return Ok(Outcome::refused(DeleteUserRefusal::Throttled(throttled)));
            }
        };

        let transaction = self.store.begin().await?;
        // Asked of administrators alone: it looks through everybody.
        let is_admin = proved.user.roles.is_admin();
        if is_admin && self.is_last_admin(&transaction, who.user.id).await? {
            return Ok(Outcome::refused(DeleteUserRefusal::LastAdmin));
        }
        let now = self.lock_current(&transaction, who, caller).await?;
        if now.user.roles.is_admin() && !is_admin {
            // They have become one this very moment, and may be the only one.
            return Ok(Outcome::refused(
                DeleteUserRefusal::ReauthenticationRequired,
            ));
        }
        if now.version != proved.version {
            return Ok(Outcome::refused(DeleteUserRefusal::InvalidCredentials));
        }
        self.delete(transaction, who.user.id).await?;
        Ok(Outcome::Done(()))
    }

    /// Deletes a person for the operator; tells whether they were there.
    pub async fn delete_other_user(&self, id: UserId) -> Result<bool, Failure> {
        let Ok((transaction, user)) = self.administer(&Actor::OPERATOR, Some(id)).await? else {
            return Ok(false);
        };
        self.delete(transaction, user.id).await?;
        Ok(true)
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
