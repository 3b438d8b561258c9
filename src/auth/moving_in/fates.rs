//! What becomes of each row of a batch: its person comes, came before, or finds the name taken.

use std::{
    collections::{HashSet, hash_map::RandomState},
    hash::BuildHasher as _,
};

use super::judge::Candidate;
use crate::{auth::Failure, domain::id::UserId, store::Store};

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The person comes.
    New,
    /// They came before, by this id: they stay as they are.
    Present,
    /// Another person has the name.
    Taken,
}

/// Names and ids that a dry run has passed, eight bytes each: it inserts nothing that the database could find again.
#[derive(Debug, Default)]
pub struct Passed {
    /// Random, so that nobody can write a file whose names meet.
    key: RandomState,
    marks: HashSet<u64>,
}

#[derive(PartialEq, Eq, Hash)]
enum Mark<'a> {
    Name(&'a str),
    Id(UserId),
    ExternalId(&'a str),
}

/// Tells the fates of a batch, by what the database has and by what comes before in the same file.
pub async fn tell(
    store: &Store,
    batch: &[Candidate],
    passed: Option<&mut Passed>,
) -> Result<Vec<Fate>, Failure> {
    let names: Vec<_> = batch.iter().map(|one| one.username.key()).collect();
    let ids: Vec<_> = batch.iter().filter_map(|one| one.id).collect();
    let external: Vec<_> = batch
        .iter()
        .filter_map(|one| one.imported.external_id.as_deref())
        .collect();
    let mut here = HashSet::new();
    let taken = store.users().taken(&names).await?;
    let present = store.users().present(&ids).await?;
    let known = store.imported_people().present(&external).await?;
    here.extend(taken.iter().map(|name| Mark::Name(name)));
    here.extend(present.iter().map(|id| Mark::Id(*id)));
    here.extend(known.iter().map(|id| Mark::ExternalId(id)));

    let mut before = passed;
    Ok(batch
        .iter()
        .map(|one| {
            let name = Mark::Name(one.username.key());
            let id = one.id.map(Mark::Id);
            let external = one.imported.external_id.as_deref().map(Mark::ExternalId);
            let is_here = |mark: &Mark<'_>| {
                here.contains(mark) || before.as_ref().is_some_and(|passed| passed.has(mark))
            };
            if id.iter().chain(&external).any(is_here) {
                return Fate::Present;
            }
            if is_here(&name) {
                return Fate::Taken;
            }
            for mark in [Some(name), id, external].into_iter().flatten() {
                if let Some(passed) = &mut before {
                    passed.note(&mark);
                }
                here.insert(mark);
            }
            Fate::New
        })
        .collect())
}

impl Passed {
    fn has(&self, mark: &Mark<'_>) -> bool {
        self.marks.contains(&self.key.hash_one(mark))
    }

    fn note(&mut self, mark: &Mark<'_>) {
        self.marks.insert(self.key.hash_one(mark));
    }
}
