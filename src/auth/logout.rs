//! Logout: the session of this browser ends.

use super::{Auth, Failure};
use crate::domain::token::SessionTokenHash;

impl Auth {
    /// Ends the session of a token; tells whether there was a live one.
    pub async fn logout(&self, token: &SessionTokenHash) -> Result<bool, Failure> {
        let live = self.authenticate(token).await?;
        // Of two logouts at once, one ends the session.
        let deleted = self.store.sessions_mut().delete(token).await?;
        let Some(authenticated) = live.filter(|_| deleted) else {
            return Ok(false);
        };
        tracing::info!(user = %authenticated.user.id, session = %authenticated.session.id, "logged out");
        Ok(true)
    }
}
