//! A session that the operator's `gatelodge doctor` opens for a user, to try the proxy, and ends.

use super::actor::{Actor, AdminRefusal, OPERATOR_ADDRESS};
use crate::{
    auth::{Auth, Error, Failure, caller::Caller},
    domain::{
        client::UserAgent, device::Device, id::UserId, security_event::EventKind,
        token::SessionToken,
    },
};

/// The user agent, by which users recognise such a session in their list.
const USER_AGENT: &str = "gatelodge doctor";

impl Auth {
    /// Opens a session for a user who is not disabled. The operator has full access to the database anyway.
    pub async fn open_probe_session(
        &self,
        id: UserId,
    ) -> Result<SessionToken, Error<AdminRefusal>> {
        let (mut transaction, user) = self.begin_admin_change(&Actor::OPERATOR, Some(id)).await?;
        if user.disabled_at.is_some() {
            return Err(AdminRefusal::NotFound.into());
        }
        let user_agent = UserAgent::parse(USER_AGENT);
        let caller = Caller {
            session: None,
            device: None,
            source: OPERATOR_ADDRESS,
            user_agent: user_agent.as_ref(),
        };
        let device = Device::generate(self.entropy()).map_err(Failure::from)?;
        let opened = self
            .open_session(&mut transaction, user, false, device, &caller)
            .await?;
        self.record_event(&transaction, id, EventKind::LoggedIn, &caller)
            .await?;
        transaction.commit().await.map_err(Failure::from)?;
        tracing::info!(user = %id, session = %opened.session.id, "session opened by the operator");
        Ok(opened.token)
    }

    /// Ends such a session.
    pub async fn end_probe_session(&self, token: &SessionToken) -> Result<(), Failure> {
        let user_agent = UserAgent::parse(USER_AGENT);
        let hash = token.hash();
        let caller = Caller {
            session: Some(&hash),
            device: None,
            source: OPERATOR_ADDRESS,
            user_agent: user_agent.as_ref(),
        };
        self.logout(&caller).await?;
        Ok(())
    }
}
