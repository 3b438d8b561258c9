//! Logout: the session of this browser ends.

use super::{Auth, Failure};
use crate::domain::token::SessionTokenHash;

impl Auth {
    /// Ends the session of a token; tells whether there was a live one.
    pub async fn logout(&self, token: &SessionTokenHash) -> Result<bool, Failure> {
        let live = self.authenticate(token).await?;
        self.store.sessions_mut().delete(token).await?;
        if let Some(authenticated) = &live {
            tracing::info!(user = %authenticated.user.id, session = %authenticated.session.id, "logged out");
        }
        Ok(live.is_some())
    }
}
