//! Users, for administrators and the operator. Each call needs an [`Actor`], which proves the permission.

use super::actor::Actor;
pub use crate::store::UserFilter;
use crate::{
    auth::{Auth, Failure},
    domain::{
        clock::Timestamp,
        id::{EventId, UserId},
        imported::Imported,
        security_event::{EventKind, SecurityEvent},
        user::User,
        username::Username,
    },
};

/// A key to find a user by.
#[derive(Clone, Debug)]
pub enum UserKey {
    /// The user's id.
    Id(UserId),
    /// Any spelling of the username.
    Name(Username),
}

impl Auth {
    /// Returns users, newest first: at most `limit`, older than `after`.
    pub async fn users(
        &self,
        _: &Actor<'_>,
        filter: &UserFilter,
        after: Option<UserId>,
        limit: u64,
    ) -> Result<Vec<User>, Failure> {
        Ok(self.store.users().page(filter, after, limit).await?)
    }

    /// Returns one user, if it exists.
    pub async fn user(&self, _: &Actor<'_>, key: &UserKey) -> Result<Option<User>, Failure> {
        let users = self.store.users();
        let found = match key {
            UserKey::Id(id) => users.find(*id).await?,
            UserKey::Name(name) => users.find_password(name).await?,
        };
        Ok(found.map(|found| found.user))
    }

    /// Returns how many live sessions a user has.
    pub async fn count_sessions(&self, _: &Actor<'_>, id: UserId) -> Result<u64, Failure> {
        let ends = self.session_policy.ends(self.clock.now());
        Ok(self.store.sessions().count(id, &ends).await?)
    }

    /// Returns a user's events, newest first: at most `limit`, older than `after`.
    pub async fn events(
        &self,
        _: &Actor<'_>,
        id: UserId,
        after: Option<EventId>,
        limit: u64,
    ) -> Result<Vec<SecurityEvent>, Failure> {
        self.own_events(id, after, limit).await
    }

    /// Returns the data that an import stored for a user; the default for a user who was not imported.
    pub async fn imported(&self, _: &Actor<'_>, id: UserId) -> Result<Imported, Failure> {
        let mut found = self.store.imported_users().find(&[id]).await?;
        Ok(found.remove(&id).unwrap_or_default())
    }

    /// Returns when a user last logged in here, as far back as security events are kept.
    pub async fn last_login(
        &self,
        _: &Actor<'_>,
        id: UserId,
    ) -> Result<Option<Timestamp>, Failure> {
        let since = self.clock.now() - self.event_retention;
        let events = self.store.security_events();
        // A registration logs in, too.
        let kinds = [EventKind::LoggedIn, EventKind::Registered];
        Ok(events.last(id, &kinds, since).await?)
    }
}
