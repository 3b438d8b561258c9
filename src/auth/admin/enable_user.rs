//! Enable user: a person who was disabled may log in again.

use super::actor::{Actor, AdminRefusal};
use crate::{
    auth::{Auth, Failure, Outcome},
    domain::{id::UserId, security_event::EventKind, user::User},
};

impl Auth {
    /// Enables a person. Their password is what it was; their sessions stay ended.
    pub async fn enable_user(
        &self,
        actor: &Actor<'_>,
        id: Option<UserId>,
    ) -> Result<Outcome<User, AdminRefusal>, Failure> {
        let (mut transaction, mut user) = match self.administer(actor, id).await? {
            Ok(begun) => begun,
            Err(refusal) => return Ok(Outcome::refused(refusal)),
        };
        if user.disabled_at.take().is_none() {
            return Ok(Outcome::Done(user));
        }
        transaction.enable_user(user.id).await?;
        self.note_act(&transaction, user.id, EventKind::UserEnabled, actor)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %user.id, by = %actor, "user enabled");
        Ok(Outcome::Done(user))
    }
}
