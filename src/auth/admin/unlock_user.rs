//! Unlock user: the operator clears the failed attempts on an account, so that its user need not wait.

use super::actor::{Actor, AdminRefusal};
use crate::{
    auth::{Auth, Error, throttle::rules::account_key},
    domain::{id::UserId, security_event::EventKind},
};

impl Auth {
    /// Clears the failures from new browsers. Returns whether there were any.
    ///
    /// A browser with a valid device cookie has its own count, under a keyed hash of that cookie. Only that browser can
    /// find it, and it waits 20 minutes at most. In another browser the user need not wait.
    pub async fn unlock_user(&self, id: UserId) -> Result<bool, Error<AdminRefusal>> {
        let (transaction, user) = self.begin_admin_change(&Actor::OPERATOR, Some(id)).await?;
        let key = account_key(self.secret.get().await?, user.id);
        if !self.reservations.forgive(&transaction, &key).await? {
            return Ok(false);
        }
        self.record_admin_event(
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
