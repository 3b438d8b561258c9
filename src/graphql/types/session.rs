//! `Session`.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};

use super::user::User;
use crate::domain::{client::UserAgent, clock::Timestamp, session, user};

/// A sign-in that a browser is remembered by.
pub struct Session {
    session: session::Session,
    user: user::User,
    expires_at: Timestamp,
    is_current: bool,
}

impl Session {
    /// A session and whose it is.
    pub fn new(
        session: session::Session,
        user: user::User,
        policy: &session::SessionPolicy,
        is_current: bool,
    ) -> Self {
        Self {
            expires_at: policy.expires_at(&session),
            session,
            user,
            is_current,
        }
    }
}

/// A sign-in that a browser is remembered by.
#[Object]
impl Session {
    /// Names the session; it is not its token, and lets nobody in.
    pub async fn id(&self) -> ID {
        self.session.id.to_string().into()
    }

    /// Whose it is.
    async fn user(&self) -> User {
        User(self.user.clone())
    }

    /// When it was opened.
    async fn created_at(&self) -> DateTime<Utc> {
        self.session.created_at
    }

    /// When its person last proved who they are.
    async fn authenticated_at(&self) -> DateTime<Utc> {
        self.session.authenticated_at
    }

    /// When it was last used, to the minute; more exactly when the idle timeout is shorter than ten minutes.
    async fn last_seen_at(&self) -> DateTime<Utc> {
        self.session.last_seen_at
    }

    /// When it ends if it is not used again.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// The network address from where it was opened; null when it is not known.
    async fn client_address(&self) -> Option<String> {
        self.session
            .client
            .address
            .map(|address| address.to_string())
    }

    /// What the browser or program that opened it calls itself; null when it said nothing.
    async fn user_agent(&self) -> Option<&str> {
        self.session
            .client
            .user_agent
            .as_ref()
            .map(UserAgent::as_str)
    }

    /// The same in words that its owner would use: `Firefox on Linux`; null when nothing is known of it.
    async fn device_name(&self) -> Option<String> {
        self.session.client.user_agent.as_ref()?.device_name()
    }

    /// Whether it is the session of this request.
    async fn current(&self) -> bool {
        self.is_current
    }
}
