//! `SecurityEvent`.

use async_graphql::{Enum, ID, Object};
use chrono::{DateTime, Utc};

use crate::domain::{
    client::{Client, UserAgent},
    security_event,
};

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
    /// Those who run the service added the person.
    UserAdded,
    /// An administrator, or those who run the service, disabled the person.
    UserDisabled,
    /// They enabled the person again.
    UserEnabled,
    /// They changed the person's roles.
    RolesChanged,
    /// Those who run the service forgave failed tries at the account.
    UserUnlocked,
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

    /// Which administrator did it; null when it was the person themselves, or those who run the service.
    async fn actor_id(&self) -> Option<ID> {
        Some(self.0.actor?.to_string().into())
    }

    /// The network address from where; null when it is not known, or an administrator's.
    async fn client_address(&self) -> Option<String> {
        let address = self.own_client()?.address;
        address.map(|address| address.to_string())
    }

    /// What the browser or program calls itself; null when it said nothing, or is an administrator's.
    async fn user_agent(&self) -> Option<&str> {
        self.own_client()?
            .user_agent
            .as_ref()
            .map(UserAgent::as_str)
    }
}

impl SecurityEvent {
    /// From where the person themselves did it. Where their administrators sit is none of their business.
    fn own_client(&self) -> Option<&Client> {
        self.0.actor.is_none().then_some(&self.0.client)
    }
}
