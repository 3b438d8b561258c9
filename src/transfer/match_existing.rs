//! Matches the rows of a batch with existing users and earlier rows.

use std::{
    collections::{HashMap, HashSet, hash_map::RandomState},
    hash::{BuildHasher as _, Hash},
};

use uuid::Uuid;

use super::validate::Candidate;
use crate::{
    auth::Failure,
    domain::{id::UserId, username::Username},
    store::Store,
};

/// The result of matching a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatchResult {
    /// The user is new.
    New,
    /// The id exists with the same username. The user is not changed.
    Existing,
    /// The id exists with this other username: the user was renamed, or two systems use the same id.
    ExistingAs(String),
    /// An earlier row of the file has the id and another username.
    DuplicateId,
    /// Another user has the username.
    UsernameTaken,
}

/// Usernames and ids that a dry run has seen, as hashes: a dry run inserts nothing that the database could find.
#[derive(Debug, Default)]
pub struct SeenRows {
    /// Random, so that nobody can write a file whose hashes collide.
    key: RandomState,
    names: HashSet<u64>,
    /// Ids, and the username of each.
    owners: HashMap<u64, u64>,
}

/// A key that identifies a user.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Id(UserId),
    ExternalId(&'a str),
}

/// The owner of an id.
enum Owner<'a> {
    /// A user from before the import.
    Existing(&'a Username),
    /// An earlier row of the file, with this username in its compared form.
    Row(&'a str),
}

/// Matches a batch with the database and with earlier rows of the same file. Earlier rows are those that a dry run has
/// seen, or the users that this run inserted.
pub async fn match_batch(
    store: &Store,
    batch: &[Candidate],
    run: Uuid,
    mut seen: Option<&mut SeenRows>,
) -> Result<Vec<MatchResult>, Failure> {
    let names: Vec<_> = batch.iter().map(|one| one.username.key()).collect();
    let external: Vec<_> = batch
        .iter()
        .filter_map(|one| one.imported.external_id.as_deref())
        .collect();
    let mut taken = store.users().taken(&names).await?;
    let known = store.imported_users().present(&external).await?;
    let ids = batch.iter().filter_map(|one| one.id);
    let ids: Vec<_> = ids.chain(known.values().copied()).collect();
    let users = store.users().present(&ids).await?;

    let ids: Vec<_> = users.keys().copied().collect();
    let inserted_by_run = store.imported_users().came_by(run, &ids).await?;

    let existing = |id: &UserId| {
        let name = users.get(id)?;
        Some(if inserted_by_run.contains(id) {
            Owner::Row(name.key())
        } else {
            Owner::Existing(name)
        })
    };
    let by_id = users.keys().map(|id| (Key::Id(*id), existing(id)));
    let by_external = known
        .iter()
        .map(|(external, id)| (Key::ExternalId(external), existing(id)));
    let mut owners: HashMap<Key<'_>, Owner<'_>> = by_id
        .chain(by_external)
        .filter_map(|(key, owner)| Some((key, owner?)))
        .collect();
    let mut results = vec![];
    for one in batch {
        let name = one.username.key();
        let external = one.imported.external_id.as_deref().map(Key::ExternalId);
        let keys: Vec<_> = one.id.map(Key::Id).into_iter().chain(external).collect();
        let known = keys.iter().find_map(|key| {
            let by_owner = owners.get(key).map(|owner| owner.result(name));
            by_owner.or_else(|| seen.as_ref()?.result(key, name))
        });
        results.push(if let Some(result) = known {
            result
        } else if taken.contains(name) || seen.as_ref().is_some_and(|seen| seen.has(name)) {
            MatchResult::UsernameTaken
        } else {
            taken.insert(name.to_owned());
            owners.extend(keys.iter().map(|key| (*key, Owner::Row(name))));
            if let Some(seen) = &mut seen {
                seen.record(&keys, name);
            }
            MatchResult::New
        });
    }
    Ok(results)
}

impl Owner<'_> {
    /// Matches a row that has this owner's id.
    fn result(&self, name: &str) -> MatchResult {
        match self {
            Self::Existing(existing) if existing.key() == name => MatchResult::Existing,
            Self::Existing(existing) => MatchResult::ExistingAs(existing.as_typed().to_owned()),
            Self::Row(row) if *row == name => MatchResult::Existing,
            Self::Row(_) => MatchResult::DuplicateId,
        }
    }
}

impl SeenRows {
    fn has(&self, name: &str) -> bool {
        self.names.contains(&self.fingerprint(name))
    }

    fn result(&self, key: &Key<'_>, name: &str) -> Option<MatchResult> {
        let owner = *self.owners.get(&self.fingerprint(key))?;
        Some(if owner == self.fingerprint(name) {
            MatchResult::Existing
        } else {
            MatchResult::DuplicateId
        })
    }

    fn record(&mut self, keys: &[Key<'_>], name: &str) {
        let name = self.fingerprint(name);
        self.names.insert(name);
        for key in keys {
            self.owners.insert(self.fingerprint(key), name);
        }
    }

    fn fingerprint(&self, what: impl Hash) -> u64 {
        self.key.hash_one(what)
    }
}
