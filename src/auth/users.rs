//! Users: the people, for those who administer them. Whoever asks shows by an [`Actor`] that they may.

use super::{Auth, Failure, admins::Actor};
use crate::domain::{id::UserId, user::User, username::Username};
pub use crate::store::UserFilter;

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
}
