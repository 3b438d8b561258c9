//! `Session`.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};

use super::user::User;
use crate::domain::{client::UserAgent, clock::Timestamp, session, user};

/// A session: one login of a user in one browser or program.
pub struct Session {
    session: session::Session,
    user: user::User,
    expires_at: Timestamp,
    is_current: bool,
}

impl Session {
    /// Joins a session with its user.
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

/// A session: one login of a user in one browser or program.
#[Object]
impl Session {
    /// The session's id. It is not the session token, and nobody can log in with it.
    pub async fn id(&self) -> ID {
        self.session.id.to_string().into()
    }

    /// The user who is logged in.
    async fn user(&self) -> User {
        User(self.user.clone())
    }

    /// When the session was opened.
    async fn created_at(&self) -> DateTime<Utc> {
        self.session.created_at
    }

    /// When the user last entered their password in this session.
    async fn authenticated_at(&self) -> DateTime<Utc> {
        self.session.authenticated_at
    }

    /// When the session was last used. Accurate to one minute, or to a tenth of the idle timeout if that is shorter.
    async fn last_seen_at(&self) -> DateTime<Utc> {
        self.session.last_seen_at
    }

    /// When the session ends if it is not used again.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// The IP address that opened the session. Null when it is unknown.
    async fn client_address(&self) -> Option<String> {
        self.session
            .client
            .address
            .map(|address| address.to_string())
    }

    /// The `User-Agent` header of the client that opened the session. Null when the client sent none.
    async fn user_agent(&self) -> Option<&str> {
        self.session
            .client
            .user_agent
            .as_ref()
            .map(UserAgent::as_str)
    }

    /// A readable name of the client, such as `Firefox on Linux`. Null when the client is unknown.
    async fn device_name(&self) -> Option<String> {
        self.session.client.user_agent.as_ref()?.device_name()
    }

    /// Whether this is the session of the request.
    async fn current(&self) -> bool {
        self.is_current
    }
}
