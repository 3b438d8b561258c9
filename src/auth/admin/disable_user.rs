//! Disable user: the user cannot log in any more, and their sessions end.

use super::actor::{Actor, AdminRefusal};
use crate::{
    auth::{Auth, Error, Refusal},
    domain::{id::UserId, security_event::EventKind, user::User},
};

/// Why a user is not disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisableUserRefusal {
    /// The same reasons as for every change of a user.
    Admin(AdminRefusal),
    /// The user is the last administrator.
    LastAdmin,
}

impl Refusal for DisableUserRefusal {}

impl From<AdminRefusal> for DisableUserRefusal {
    fn from(refusal: AdminRefusal) -> Self {
        Self::Admin(refusal)
    }
}

impl Auth {
    /// Disables a user and ends their sessions (ASVS 7.4.2). Their logins then get the same answer as wrong
    /// credentials. A user who is disabled already keeps the time of the first call.
    pub async fn disable_user(
        &self,
        actor: &Actor<'_>,
        id: Option<UserId>,
    ) -> Result<User, Error<DisableUserRefusal>> {
        let (mut transaction, mut user) = self
            .begin_admin_change(actor, id)
            .await
            .map_err(Error::convert)?;
        if user.disabled_at.is_some() {
            return Ok(user);
        }
        if self.leaves_no_admin(&transaction, actor, user.id).await? {
            return Err(DisableUserRefusal::LastAdmin.into());
        }
        let now = self.clock.now();
        let ended = transaction.disable_user(user.id, now).await?;
        self.record_admin_event(&transaction, user.id, EventKind::UserDisabled, actor)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %user.id, ended, by = %actor, "user disabled");
        user.disabled_at = Some(now);
        Ok(user)
    }
}
