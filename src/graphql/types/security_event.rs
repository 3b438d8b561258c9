//! `SecurityEvent`.

use async_graphql::{Enum, ID, Object};
use chrono::{DateTime, Utc};

use crate::domain::{
    client::{Client, UserAgent},
    security_event,
};

/// A security-relevant event of a user's account.
pub struct SecurityEvent(pub security_event::SecurityEvent);

/// The kinds of security events.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[graphql(remote = "security_event::EventKind")]
pub enum SecurityEventKind {
    /// The user registered.
    Registered,
    /// The user logged in.
    LoggedIn,
    /// A login failed because of a wrong password.
    LoginRefused,
    /// The user logged out.
    LoggedOut,
    /// The user confirmed their password with `reauthenticate`.
    Reauthenticated,
    /// A signed-in user entered a wrong current password.
    PasswordRefused,
    /// The password was changed.
    PasswordChanged,
    /// The username was changed.
    UsernameChanged,
    /// A session was ended from another session, or by an administrator or operator.
    SessionRevoked,
    /// The user was deleted.
    UserDeleted,
    /// An operator added the user on the command line.
    UserAdded,
    /// An administrator or operator disabled the user.
    UserDisabled,
    /// An administrator or operator enabled the user again.
    UserEnabled,
    /// An administrator or operator changed the user's roles.
    RolesChanged,
    /// An operator reset the failed login attempts of the account.
    UserUnlocked,
}

/// A security-relevant event of a user's account.
#[Object]
impl SecurityEvent {
    /// The event's id.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The kind of the event.
    async fn kind(&self) -> SecurityEventKind {
        self.0.kind.into()
    }

    /// When it happened.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// The id of the administrator who did it. Null when the user or an operator did it.
    async fn actor_id(&self) -> Option<ID> {
        Some(self.0.actor?.to_string().into())
    }

    /// The client's IP address. Null when it is unknown, or when an administrator did it.
    async fn client_address(&self) -> Option<String> {
        let address = self.own_client()?.address;
        address.map(|address| address.to_string())
    }

    /// The client's `User-Agent` header. Null when the client sent none, or when an administrator did it.
    async fn user_agent(&self) -> Option<&str> {
        self.own_client()?
            .user_agent
            .as_ref()
            .map(UserAgent::as_str)
    }
}

impl SecurityEvent {
    /// Returns the client if the user did it themselves. Users must not see the clients of administrators.
    fn own_client(&self) -> Option<&Client> {
        self.0.actor.is_none().then_some(&self.0.client)
    }
}
