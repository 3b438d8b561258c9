//! Enable user: a person who was disabled may log in again.

use super::actor::{Actor, AdminRefusal};
use crate::{
    auth::{Auth, Error},
    domain::{id::UserId, security_event::EventKind, user::User},
};

impl Auth {
    /// Enables a person. Their password is what it was; their sessions stay ended.
    pub async fn enable_user(
        &self,
        actor: &Actor<'_>,
        id: Option<UserId>,
    ) -> Result<User, Error<AdminRefusal>> {
        let (mut transaction, mut user) =
            self.administer(actor, id).await.map_err(Error::convert)?;
        if user.disabled_at.take().is_none() {
            return Ok(user);
        }
        transaction.enable_user(user.id).await?;
        self.note_act(&transaction, user.id, EventKind::UserEnabled, actor)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %user.id, by = %actor, "user enabled");
        Ok(user)
    }
}
