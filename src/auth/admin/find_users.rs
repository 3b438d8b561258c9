//! Users: the people, for those who administer them. Whoever asks shows by an [`Actor`] that they may.

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

/// How a person is looked for.
#[derive(Clone, Debug)]
pub enum UserKey {
    /// By their id.
    Id(UserId),
    /// By any spelling of their name.
    Name(Username),
}

impl Auth {
    /// People, the newest first: at most `most`, older than `after`.
    pub async fn users(
        &self,
        _: &Actor<'_>,
        filter: &UserFilter,
        after: Option<UserId>,
        most: u64,
    ) -> Result<Vec<User>, Failure> {
        Ok(self.store.users().page(filter, after, most).await?)
    }

    /// One person, if there is one.
    pub async fn user(&self, _: &Actor<'_>, key: &UserKey) -> Result<Option<User>, Failure> {
        let users = self.store.users();
        let found = match key {
            UserKey::Id(id) => users.find(*id).await?,
            UserKey::Name(name) => users.find_password(name).await?,
        };
        Ok(found.map(|found| found.user))
    }

    /// How many live sessions a person has.
    pub async fn count_sessions(&self, _: &Actor<'_>, id: UserId) -> Result<u64, Failure> {
        let ends = self.sessions.ends(self.clock.now());
        Ok(self.store.sessions().count(id, &ends).await?)
    }

    /// Returns a user's events, newest first: at most `most`, older than `after`.
    pub async fn events(
        &self,
        _: &Actor<'_>,
        id: UserId,
        after: Option<EventId>,
        most: u64,
    ) -> Result<Vec<SecurityEvent>, Failure> {
        self.own_events(id, after, most).await
    }

    /// Returns what a user brought by an import; nothing for a user who came another way.
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
        let since = self.clock.now() - self.keep_events;
        let events = self.store.security_events();
        // A registration logs in, too.
        let kinds = [EventKind::LoggedIn, EventKind::Registered];
        Ok(events.last(id, &kinds, since).await?)
    }
}
