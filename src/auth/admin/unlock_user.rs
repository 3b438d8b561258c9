//! Unlock user: the operator forgives the failed tries at an account, so that its person need not wait.

use super::actor::{Actor, AdminRefusal};
use crate::{
    auth::{Auth, Error, throttle::rules::account_key},
    domain::{id::UserId, security_event::EventKind},
};

impl Auth {
    /// Forgives the failures from new browsers; tells whether there were any.
    ///
    /// A browser that signed in before has a count of its own, whose key is a keyed hash of its device cookie: it can
    /// be found by that browser alone, which waits 20 minutes at most. As a new browser its person need not wait.
    pub async fn unlock_user(&self, id: UserId) -> Result<bool, Error<AdminRefusal>> {
        let (transaction, user) = self.administer(&Actor::OPERATOR, Some(id)).await?;
        let key = account_key(self.secret.get().await?, user.id);
        if !self.reservations.forgive(&transaction, &key).await? {
            return Ok(false);
        }
        self.note_act(
            &transaction,
            user.id,
            EventKind::UserUnlocked,
            &Actor::OPERATOR,
        )
        .await?;
        transaction.commit().await?;
        tracing::info!(user = %user.id, "user unlocked");
        Ok(true)
    }
}
