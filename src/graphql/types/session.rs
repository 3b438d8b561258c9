//! `Session`.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};

use super::user::User;
use crate::domain::{clock::Instant, session, user};

/// A sign-in that a browser is remembered by.
pub struct Session {
    session: session::Session,
    user: user::User,
    expires_at: Instant,
}

impl Session {
    /// A session and whose it is.
    pub fn new(
        session: session::Session,
        user: user::User,
        policy: &session::SessionPolicy,
    ) -> Self {
        Self {
            expires_at: policy.expires_at(&session),
            session,
            user,
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

    /// When it was last used, to the minute.
    async fn last_seen_at(&self) -> DateTime<Utc> {
        self.session.last_seen_at
    }

    /// When it ends if it is not used again.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }
}
