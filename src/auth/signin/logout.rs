//! Logout: ends the session of this browser.

use crate::{
    auth::{Auth, Failure, caller::Caller},
    domain::security_event::EventKind,
};

impl Auth {
    /// Ends the client's session. Returns whether there was a live one.
    pub async fn logout(&self, caller: &Caller<'_>) -> Result<bool, Failure> {
        let Some(token) = caller.session else {
            return Ok(false);
        };
        let Some(signed_in) = self.authenticate(token).await? else {
            return Ok(false);
        };
        let mut transaction = self.store.begin().await?;
        // All transactions lock the user first, so that none deadlocks. The lock also guards the number of the user's
        // events.
        transaction.users().lock(signed_in.user.id).await?;
        // If two logouts run at once, only one of them ends the session.
        if !transaction
            .end_session(signed_in.user.id, signed_in.session.id)
            .await?
        {
            return Ok(false);
        }
        self.record_event(
            &transaction,
            signed_in.user.id,
            EventKind::LoggedOut,
            caller,
        )
        .await?;
        transaction.commit().await?;
        tracing::info!(user = %signed_in.user.id, session = %signed_in.session.id, "logged out");
        Ok(true)
    }
}
