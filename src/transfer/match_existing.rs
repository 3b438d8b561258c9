//! What becomes of each row of a batch: its person comes, came before, or finds the name or the id taken.

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

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The person comes.
    New,
    /// They came before, by this id: they stay as they are.
    Present,
    /// The same, but they are called so here: renamed since, or another system's person of the same id.
    PresentAs(String),
    /// An earlier row of the file has the id, for another name.
    Repeated,
    /// Another person has the name.
    Taken,
}

/// Names and ids that a dry run has passed, as short marks: it inserts nothing that the database could find again.
#[derive(Debug, Default)]
pub struct Passed {
    /// Random, so that nobody can write a file whose names meet.
    key: RandomState,
    names: HashSet<u64>,
    /// Ids, and the name of each.
    owners: HashMap<u64, u64>,
}

/// By what a person is known again.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Id(UserId),
    ExternalId(&'a str),
}

/// Who has an id.
enum Owner<'a> {
    /// Somebody who was here.
    Here(&'a Username),
    /// An earlier row of the file, of this name as it is compared.
    Row(&'a str),
}

/// Tells the fates of a batch, by what the database has and by what comes before in the same file: by a dry run's marks,
/// or by who came by this run.
pub async fn tell(
    store: &Store,
    batch: &[Candidate],
    run: Uuid,
    mut passed: Option<&mut Passed>,
) -> Result<Vec<Fate>, Failure> {
    let names: Vec<_> = batch.iter().map(|one| one.username.key()).collect();
    let external: Vec<_> = batch
        .iter()
        .filter_map(|one| one.imported.external_id.as_deref())
        .collect();
    let mut taken = store.users().taken(&names).await?;
    let known = store.imported_users().present(&external).await?;
    let ids = batch.iter().filter_map(|one| one.id);
    let ids: Vec<_> = ids.chain(known.values().copied()).collect();
    let people = store.users().present(&ids).await?;

    let ids: Vec<_> = people.keys().copied().collect();
    let came = store.imported_users().came_by(run, &ids).await?;

    let here = |id: &UserId| {
        let name = people.get(id)?;
        Some(if came.contains(id) {
            Owner::Row(name.key())
        } else {
            Owner::Here(name)
        })
    };
    let by_id = people.keys().map(|id| (Key::Id(*id), here(id)));
    let by_external = known
        .iter()
        .map(|(external, id)| (Key::ExternalId(external), here(id)));
    let mut owners: HashMap<Key<'_>, Owner<'_>> = by_id
        .chain(by_external)
        .filter_map(|(key, owner)| Some((key, owner?)))
        .collect();
    let mut fates = vec![];
    for one in batch {
        let name = one.username.key();
        let external = one.imported.external_id.as_deref().map(Key::ExternalId);
        let keys: Vec<_> = one.id.map(Key::Id).into_iter().chain(external).collect();
        let known = keys.iter().find_map(|key| {
            let by_owner = owners.get(key).map(|owner| owner.fate(name));
            by_owner.or_else(|| passed.as_ref()?.fate(key, name))
        });
        fates.push(if let Some(fate) = known {
            fate
        } else if taken.contains(name) || passed.as_ref().is_some_and(|passed| passed.has(name)) {
            Fate::Taken
        } else {
            taken.insert(name.to_owned());
            owners.extend(keys.iter().map(|key| (*key, Owner::Row(name))));
            if let Some(passed) = &mut passed {
                passed.note(&keys, name);
            }
            Fate::New
        });
    }
    Ok(fates)
}

impl Owner<'_> {
    /// What becomes of a row that has this owner's id.
    fn fate(&self, name: &str) -> Fate {
        match self {
            Self::Here(here) if here.key() == name => Fate::Present,
            Self::Here(here) => Fate::PresentAs(here.as_typed().to_owned()),
            Self::Row(row) if *row == name => Fate::Present,
            Self::Row(_) => Fate::Repeated,
        }
    }
}

impl Passed {
    fn has(&self, name: &str) -> bool {
        self.names.contains(&self.mark(name))
    }

    fn fate(&self, key: &Key<'_>, name: &str) -> Option<Fate> {
        let owner = *self.owners.get(&self.mark(key))?;
        Some(if owner == self.mark(name) {
            Fate::Present
        } else {
            Fate::Repeated
        })
    }

    fn note(&mut self, keys: &[Key<'_>], name: &str) {
        let name = self.mark(name);
        self.names.insert(name);
        for key in keys {
            self.owners.insert(self.mark(key), name);
        }
    }

    fn mark(&self, what: impl Hash) -> u64 {
        self.key.hash_one(what)
    }
}
