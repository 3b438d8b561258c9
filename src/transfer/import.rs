//! Import: inserts rows as users in batches. A batch is inserted whole or not at all. A second run continues where the
//! first stopped.

use std::{sync::Arc, time::Duration};

use uuid::Uuid;

use super::{
    match_existing::{self, MatchResult, SeenRows},
    row::ReadRow,
    validate::{Candidate, DisabledSince, RowError, RowWarning, validate},
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

/// The maximum attempts per batch: a username may be registered during the import, and the database may be busy.
pub(crate) const MAX_ATTEMPTS: u32 = 5;
/// The delay before the next attempt at a busy database.
pub(crate) const INTERVAL: Duration = Duration::from_secs(1);

/// A running import.
pub struct Import {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids.
    pub entropy: Arc<dyn Entropy>,
    /// Wraps hashes of other systems in ours, if wanted.
    pub wrap: Option<Wrap>,
    /// The weight of a hash of the current cost ([`StoredHash::weight`]).
    pub todays_cost: u32,
    /// The id of this import, which marks the users that it inserted.
    pub run: Uuid,
    /// The rows that a dry run has seen; `None` for a real import.
    pub dry_run: Option<SeenRows>,
    /// The counts so far.
    pub totals: Totals,
}

/// The counts of an import, or of a dry run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Rows that were read.
    pub read: u64,
    /// Users that were imported.
    pub imported: u64,
    /// Users that existed before.
    pub present: u64,
    /// Existing users with another username here.
    pub present_as_others: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Imported users without a usable password.
    pub without_password: u64,
    /// Imported users whose kind of hash is not supported.
    pub unknown_hash: u64,
}

/// A message about a row.
#[derive(Debug)]
pub struct RowReport {
    /// The row's line, or its position in an array.
    pub position: u64,
    /// The user's id in the other system.
    pub external_id: Option<String>,
    /// The username, if the row has one.
    pub username: Option<String>,
    /// A warning, or the reason for the refusal.
    pub result: Result<RowWarning, RowError>,
}

impl RowReport {
    /// Returns whether no user was imported: the row was refused, or its id belongs to a user of another name.
    pub fn imports_nobody(&self) -> bool {
        matches!(self.result, Err(_) | Ok(RowWarning::ExistsAs(_)))
    }
}

impl Import {
    /// Imports a batch of rows. Returns messages in the order of the rows.
    pub async fn import_batch(&mut self, rows: Vec<ReadRow>) -> Result<Vec<RowReport>, Failure> {
        self.totals.read += rows.len() as u64;
        let (positions, mut batch, mut reports) = validate_all(rows);
        let results = self.match_and_insert(&mut batch).await?;
        for ((position, candidate), result) in positions.into_iter().zip(batch).zip(results) {
            let result = match result {
                MatchResult::Existing => {
                    self.totals.present += 1;
                    continue;
                }
                MatchResult::ExistingAs(name) => {
                    self.totals.present += 1;
                    self.totals.present_as_others += 1;
                    vec![Ok(RowWarning::ExistsAs(name))]
                }
                MatchResult::DuplicateId => vec![Err(RowError::DuplicateId)],
                MatchResult::UsernameTaken => vec![Err(RowError::UsernameTaken)],
                MatchResult::New => {
                    self.totals.imported += 1;
                    let is_unknown =
                        |warning: &RowWarning| matches!(warning, RowWarning::UnknownHash(_));
                    let unknown = candidate.warnings.iter().any(is_unknown);
                    self.totals.unknown_hash += u64::from(unknown);
                    self.totals.without_password += u64::from(candidate.hash.is_none());
                    candidate.warnings.into_iter().map(Ok).collect()
                }
            };
            reports.extend(result.into_iter().map(|result| RowReport {
                position,
                external_id: candidate.imported.external_id.clone(),
                username: Some(candidate.username.as_typed().to_owned()),
                result,
            }));
        }
        reports.sort_by_key(|report| report.position);
        self.totals.refused += reports
            .iter()
            .filter(|report| report.result.is_err())
            .count() as u64;
        Ok(reports)
    }

    /// Wraps hashes of earlier imports, if wanted. Reports and returns how many.
    pub async fn wrap_existing(&self, report: impl FnMut(u64)) -> Result<u64, Failure> {
        match &self.wrap {
            Some(wrap) => wrap.wrap_existing(&self.store, report).await,
            None => Ok(0),
        }
    }

    /// Matches the batch with existing users, and inserts the new ones.
    async fn match_and_insert(
        &mut self,
        batch: &mut [Candidate],
    ) -> Result<Vec<MatchResult>, Failure> {
        let mut attempts = 1;
        loop {
            let results =
                match_existing::match_batch(&self.store, batch, self.run, self.dry_run.as_mut())
                    .await;
            let error = match results {
                Ok(results) if self.dry_run.is_some() => return Ok(results),
                Ok(results) => match self.insert(batch, &results).await {
                    Ok(()) => return Ok(results),
                    Err(error) => error,
                },
                Err(error) => BatchError::Failed(error),
            };
            match error {
                BatchError::Conflict if attempts < MAX_ATTEMPTS => {}
                BatchError::Failed(Failure::Unavailable(_) | Failure::Busy)
                    if attempts < MAX_ATTEMPTS =>
                {
                    tokio::time::sleep(INTERVAL).await;
                }
                BatchError::Conflict => {
                    return Err(Failure::Internal(
                        "usernames of the import are registered at the same time: run the import again".into(),
                    ));
                }
                BatchError::Failed(error) => return Err(error),
            }
            attempts += 1;
        }
    }

    async fn insert(
        &self,
        batch: &mut [Candidate],
        results: &[MatchResult],
    ) -> Result<(), BatchError> {
        let mut new: Vec<_> = batch
            .iter_mut()
            .zip(results)
            .filter(|(_, result)| **result == MatchResult::New)
            .map(|(one, _)| one)
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        if let Some(wrap) = &self.wrap {
            wrap.wrap_candidates(&mut new).await?;
        }
        let now = self.clock.now();
        let users = new
            .iter()
            .map(|one| self.user(one, now))
            .collect::<Result<Vec<_>, _>>()?;
        let rows: Vec<_> = users
            .iter()
            .zip(&new)
            .map(|(user, one)| (user, one.stored.as_str()))
            .collect();
        let imported: Vec<_> = users
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
        transaction.users().insert_all(&rows).await?;
        transaction
            .imported_users()
            .insert(self.run, &imported)
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
            username: one.username.clone(),
            created_at: one.created_at.unwrap_or(now),
            roles: one.roles.clone(),
            disabled_at: one.disabled.map(|disabled| match disabled {
                DisabledSince::Time(since) => since,
                DisabledSince::Import => now,
            }),
        })
    }

    /// Returns the row for a hash whose check takes a different time than a hash of the current cost.
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
enum BatchError {
    /// A username or an id was taken after the lookup.
    Conflict,
    Failed(Failure),
}

impl From<InsertUserError> for BatchError {
    fn from(error: InsertUserError) -> Self {
        match error {
            InsertUserError::UsernameTaken => Self::Conflict,
            InsertUserError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for BatchError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<EntropyError> for BatchError {
    fn from(error: EntropyError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Failure> for BatchError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

fn validate_all(rows: Vec<ReadRow>) -> (Vec<u64>, Vec<Candidate>, Vec<RowReport>) {
    let (mut positions, mut batch, mut reports) = (vec![], vec![], vec![]);
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
            Err(refusal) => reports.push(RowReport {
                position,
                external_id,
                username,
                result: Err(refusal),
            }),
        }
    }
    (positions, batch, reports)
}
