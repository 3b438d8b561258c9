//! `SecurityEvent`.

use async_graphql::{Enum, ID, Object};
use chrono::{DateTime, Utc};

use crate::domain::{client::UserAgent, security_event};

/// Something that happened to a person's account.
pub struct SecurityEvent(pub security_event::SecurityEvent);

/// What happened.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[graphql(remote = "security_event::EventKind")]
pub enum SecurityEventKind {
    /// The person registered.
    Registered,
    /// They logged in.
    LoggedIn,
    /// Somebody tried to log in with a wrong password.
    LoginRefused,
    /// They logged out.
    LoggedOut,
    /// They proved anew who they are.
    Reauthenticated,
    /// Somebody who was logged in gave a wrong current password.
    PasswordRefused,
    /// The password was changed.
    PasswordChanged,
    /// The username was changed.
    UsernameChanged,
    /// A session was ended from elsewhere.
    SessionRevoked,
    /// The person was deleted.
    UserDeleted,
    /// An administrator disabled the person.
    UserDisabled,
    /// An administrator enabled the person again.
    UserEnabled,
    /// An administrator changed the person's roles.
    RolesChanged,
}

/// Something that happened to a person's account.
#[Object]
impl SecurityEvent {
    /// Names the event.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What happened.
    async fn kind(&self) -> SecurityEventKind {
        self.0.kind.into()
    }

    /// When.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// The network address from where; null when it is not known.
    async fn client_address(&self) -> Option<String> {
        self.0.client.address.map(|address| address.to_string())
    }

    /// What the browser or program calls itself; null when it said nothing.
    async fn user_agent(&self) -> Option<&str> {
        self.0.client.user_agent.as_ref().map(UserAgent::as_str)
    }
}
