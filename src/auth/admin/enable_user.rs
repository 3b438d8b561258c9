//! Enable user: a disabled user can log in again.

use super::actor::{Actor, AdminRefusal};
use crate::{
    auth::{Auth, Error},
    domain::{id::UserId, security_event::EventKind, user::User},
};

impl Auth {
    /// Enables a user. The password is unchanged; ended sessions stay ended.
    pub async fn enable_user(
        &self,
        actor: &Actor<'_>,
        id: Option<UserId>,
    ) -> Result<User, Error<AdminRefusal>> {
        let (mut transaction, mut user) = self
            .begin_admin_change(actor, id)
            .await
            .map_err(Error::convert)?;
        if user.disabled_at.take().is_none() {
            return Ok(user);
        }
        transaction.enable_user(user.id).await?;
        self.record_admin_event(&transaction, user.id, EventKind::UserEnabled, actor)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %user.id, by = %actor, "user enabled");
        Ok(user)
    }
}
