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

/// Names that a misspelt one is compared with, at most.
const MOST_COMPARED: u64 = 1000;
/// Letters wrong, missing, too many or swapped that make a slip and not another name, at most.
const MOST_SLIPS: usize = 2;
/// Names that are suggested, at most.
const MOST_NEAR: usize = 3;

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

    /// Names of people that nearly are this one, the nearest first.
    ///
    /// Only names that begin like it are compared, and not too many of them: there may be millions.
    pub async fn near_names(&self, _: &Actor<'_>, name: &Username) -> Result<Vec<String>, Failure> {
        let typed: Vec<_> = name.key().chars().collect();
        let far = (typed.len() / 3).clamp(1, MOST_SLIPS);
        let mut near = vec![];
        for length in [(typed.len() - 1).max(1), typed.len().div_ceil(2), 1] {
            let beginning: String = typed[..length].iter().collect();
            let names = self.store.users().names(&beginning, MOST_COMPARED).await?;
            near.extend(names.into_iter().filter_map(|other| {
                let key = Username::parse(&other).ok()?;
                let distance = strsim::osa_distance(name.key(), key.key());
                (distance <= far).then_some((distance, other))
            }));
            if !near.is_empty() {
                break;
            }
        }
        near.sort();
        near.truncate(MOST_NEAR);
        Ok(near.into_iter().map(|(_, name)| name).collect())
    }
}
