//! Import: rows become people in batches, each of which is there whole or not at all. Run again, it goes on.

use std::{sync::Arc, time::Duration};

use uuid::Uuid;

use super::{
    match_existing::{self, Fate, Passed},
    row::Read,
    validate::{Candidate, Disabled, Notice, RowError, validate},
    wrap::Wrap,
};
use crate::{
    auth::{Failure, password::stored_hash::StoredHash},
    domain::{
        clock::{Clock, Timestamp},
        entropy::{Entropy, EntropyError},
        id::new_id,
        user::User,
    },
    store::{ForeignHashRow, InsertUserError, Store, StoreError},
};

/// How often a batch is tried: a name may be registered since it was looked up, and the database may be busy.
pub(crate) const MAX_ATTEMPTS: u32 = 5;
/// How long a busy database is left alone.
pub(crate) const INTERVAL: Duration = Duration::from_secs(1);

/// An import at work.
pub struct Import {
    /// Where people go.
    pub store: Store,
    /// The present time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids.
    pub entropy: Arc<dyn Entropy>,
    /// Puts ours over hashes of other systems, when that is wanted.
    pub wrap: Option<Wrap>,
    /// What a hash of today's cost weighs ([`StoredHash::weight`]).
    pub todays_cost: u32,
    /// Its own id, by which it knows whom it brought.
    pub run: Uuid,
    /// What a dry run has passed; a real run has none.
    pub dry: Option<Passed>,
    /// What has been done.
    pub totals: Totals,
}

/// What an import has done, or a dry run would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Rows that were read.
    pub read: u64,
    /// People who came.
    pub imported: u64,
    /// People who had come before.
    pub present: u64,
    /// Those of them who have another name here.
    pub present_as_others: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Those of them who came without a password that can be right.
    pub without_password: u64,
    /// Those of them whose hash is of no kind that is checked.
    pub unknown_hash: u64,
}

/// What is to be told of a row.
#[derive(Debug)]
pub struct Told {
    /// Its line, or its position in an array.
    pub position: u64,
    /// What its person is called where they come from.
    pub external_id: Option<String>,
    /// Its name, as far as it has one.
    pub username: Option<String>,
    /// What was left out, or why it is refused.
    pub what: Result<Notice, RowError>,
}

impl Told {
    /// Whether the row was refused, or passed over for somebody of another name.
    pub fn brings_nobody(&self) -> bool {
        matches!(self.what, Err(_) | Ok(Notice::HereAs(_)))
    }
}

impl Import {
    /// Takes a batch of rows; what is to be told of them, in their order.
    pub async fn take(&mut self, rows: Vec<Read>) -> Result<Vec<Told>, Failure> {
        self.totals.read += rows.len() as u64;
        let (positions, mut batch, mut told) = validate_all(rows);
        let fates = self.settle(&mut batch).await?;
        for ((position, candidate), fate) in positions.into_iter().zip(batch).zip(fates) {
            let what = match fate {
                Fate::Present => {
                    self.totals.present += 1;
                    continue;
                }
                Fate::PresentAs(name) => {
                    self.totals.present += 1;
                    self.totals.present_as_others += 1;
                    vec![Ok(Notice::HereAs(name))]
                }
                Fate::Repeated => vec![Err(RowError::Repeated)],
                Fate::Taken => vec![Err(RowError::Taken)],
                Fate::New => {
                    self.totals.imported += 1;
                    let is_unknown = |notice: &Notice| matches!(notice, Notice::UnknownHash(_));
                    let unknown = candidate.notices.iter().any(is_unknown);
                    self.totals.unknown_hash += u64::from(unknown);
                    self.totals.without_password += u64::from(candidate.hash.is_none());
                    candidate.notices.into_iter().map(Ok).collect()
                }
            };
            told.extend(what.into_iter().map(|what| Told {
                position,
                external_id: candidate.imported.external_id.clone(),
                username: Some(candidate.username.as_typed().to_owned()),
                what,
            }));
        }
        told.sort_by_key(|told| told.position);
        self.totals.refused += told.iter().filter(|told| told.what.is_err()).count() as u64;
        Ok(told)
    }

    /// Wraps, where that is wanted, what earlier imports did not; tells how many, now and then and in the end.
    pub async fn wrap_those_here(&self, tell: impl FnMut(u64)) -> Result<u64, Failure> {
        match &self.wrap {
            Some(wrap) => wrap.those_here(&self.store, tell).await,
            None => Ok(0),
        }
    }

    /// Finds what becomes of each, and inserts those who come.
    async fn settle(&mut self, batch: &mut [Candidate]) -> Result<Vec<Fate>, Failure> {
        let mut tries = 1;
        loop {
            let fates = match_existing::tell(&self.store, batch, self.run, self.dry.as_mut()).await;
            let settled = match fates {
                Ok(fates) if self.dry.is_some() => return Ok(fates),
                Ok(fates) => match self.insert(batch, &fates).await {
                    Ok(()) => return Ok(fates),
                    Err(error) => error,
                },
                Err(error) => Failed::Finally(error),
            };
            match settled {
                Failed::Raced if tries < MAX_ATTEMPTS => {}
                Failed::Finally(Failure::Unavailable(_) | Failure::Busy)
                    if tries < MAX_ATTEMPTS =>
                {
                    tokio::time::sleep(INTERVAL).await;
                }
                Failed::Raced => {
                    return Err(Failure::Internal(
                        "names are registered as fast as they are imported".into(),
                    ));
                }
                Failed::Finally(error) => return Err(error),
            }
            tries += 1;
        }
    }

    async fn insert(&self, batch: &mut [Candidate], fates: &[Fate]) -> Result<(), Failed> {
        let mut new: Vec<_> = batch
            .iter_mut()
            .zip(fates)
            .filter(|(_, fate)| **fate == Fate::New)
            .map(|(one, _)| one)
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        if let Some(wrap) = &self.wrap {
            wrap.around(&mut new).await?;
        }
        let now = self.clock.now();
        let users = new
            .iter()
            .map(|one| self.user(one, now))
            .collect::<Result<Vec<_>, _>>()?;
        let people: Vec<_> = users
            .iter()
            .zip(&new)
            .map(|(user, one)| (user, &one.username, one.stored.as_str()))
            .collect();
        let brought: Vec<_> = users
            .iter()
            .zip(&new)
            .map(|(user, one)| (user.id, &one.imported))
            .collect();
        let foreign: Vec<_> = users
            .iter()
            .zip(&new)
            .filter_map(|(user, one)| self.foreign(user, one))
            .collect();

        let transaction = self.store.begin().await?;
        transaction.users().insert_all(&people).await?;
        transaction
            .imported_users()
            .insert(self.run, &brought)
            .await?;
        transaction.foreign_hashes().insert(&foreign).await?;
        transaction.commit().await?;
        Ok(())
    }

    fn user(&self, one: &Candidate, now: Timestamp) -> Result<User, EntropyError> {
        Ok(User {
            id: match one.id {
                Some(id) => id,
                None => new_id(now, &*self.entropy)?,
            },
            username: one.username.as_typed().to_owned(),
            created_at: one.created_at.unwrap_or(now),
            roles: one.roles.clone(),
            disabled_at: one.disabled.map(|disabled| match disabled {
                Disabled::Since(since) => since,
                Disabled::Now => now,
            }),
        })
    }

    /// What is noted of a hash whose check takes another time than one of today's.
    fn foreign(&self, user: &User, one: &Candidate) -> Option<ForeignHashRow> {
        let hash = one.hash.as_ref()?;
        let weight = hash.weight()?;
        let todays = matches!(hash, StoredHash::Ours(_)) && weight.cost == self.todays_cost;
        (!todays).then(|| ForeignHashRow {
            user: user.id,
            kind: weight.kind.to_owned(),
            cost: weight.cost.into(),
        })
    }
}

/// Why a batch was not inserted.
enum Failed {
    /// A name or an id was taken since it was looked up.
    Raced,
    Finally(Failure),
}

impl From<InsertUserError> for Failed {
    fn from(error: InsertUserError) -> Self {
        match error {
            InsertUserError::UsernameTaken => Self::Raced,
            InsertUserError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Finally(error.into())
    }
}

impl From<EntropyError> for Failed {
    fn from(error: EntropyError) -> Self {
        Self::Finally(error.into())
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self::Finally(failure)
    }
}

fn validate_all(rows: Vec<Read>) -> (Vec<u64>, Vec<Candidate>, Vec<Told>) {
    let (mut positions, mut batch, mut told) = (vec![], vec![], vec![]);
    for (position, row) in rows {
        let (external_id, username) = match &row {
            Ok(row) => (row.external_id.clone(), row.username.clone()),
            Err(unread) => (unread.external_id.clone(), unread.username.clone()),
        };
        let row = row.map_err(|unread| RowError::Unreadable(unread.problem));
        match row.and_then(validate) {
            Ok(candidate) => {
                positions.push(position);
                batch.push(candidate);
            }
            Err(refusal) => told.push(Told {
                position,
                external_id,
                username,
                what: Err(refusal),
            }),
        }
    }
    (positions, batch, told)
}
