//! Logout: the session of this browser ends.

use crate::{
    auth::{Auth, Failure, caller::Caller},
    domain::security_event::EventKind,
};

impl Auth {
    /// Ends the caller's session; tells whether there was a live one.
    pub async fn logout(&self, caller: &Caller<'_>) -> Result<bool, Failure> {
        let Some(token) = caller.session else {
            return Ok(false);
        };
        let Some(who) = self.authenticate(token).await? else {
            return Ok(false);
        };
        let mut transaction = self.store.begin().await?;
        // In the order of all others: the user first. It guards the number of their events.
        transaction.users().lock(who.user.id).await?;
        // Of two logouts at once, one ends the session.
        if !transaction.end_session(who.user.id, who.session.id).await? {
            return Ok(false);
        }
        self.note(&transaction, who.user.id, EventKind::LoggedOut, caller)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %who.user.id, session = %who.session.id, "logged out");
        Ok(true)
    }
}
