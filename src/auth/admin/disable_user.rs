//! Disable user: a person may not log in any more, and their sessions end.

use super::actor::{Actor, AdminRefusal};
use crate::{
    auth::{Auth, Error, Refusal},
    domain::{id::UserId, security_event::EventKind, user::User},
};

/// What an administrator must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisableUserRefusal {
    /// As with every change of a person.
    Admin(AdminRefusal),
    /// Nobody would be left who may administer people.
    LastAdmin,
}

impl Refusal for DisableUserRefusal {}

impl From<AdminRefusal> for DisableUserRefusal {
    fn from(refusal: AdminRefusal) -> Self {
        Self::Admin(refusal)
    }
}

impl Auth {
    /// Disables a person, and ends their sessions with it (ASVS 7.4.2). Their logins are then answered as wrong
    /// credentials are. Who is disabled already stays so since when they were.
    pub async fn disable_user(
        &self,
        actor: &Actor<'_>,
        id: Option<UserId>,
    ) -> Result<User, Error<DisableUserRefusal>> {
        let (mut transaction, mut user) =
            self.administer(actor, id).await.map_err(Error::convert)?;
        if user.disabled_at.is_some() {
            return Ok(user);
        }
        if self.leaves_no_admin(&transaction, actor, user.id).await? {
            return Err(DisableUserRefusal::LastAdmin.into());
        }
        let now = self.clock.now();
        let ended = transaction.disable_user(user.id, now).await?;
        self.note_act(&transaction, user.id, EventKind::UserDisabled, actor)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %user.id, ended, by = %actor, "user disabled");
        user.disabled_at = Some(now);
        Ok(user)
    }
}
