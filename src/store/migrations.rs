//! Bringing the database to the shape that this program needs, safely when several nodes start at once.

use migration::{MigrationStatus, Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement};

use super::{Store, StoreError, begin, error::bounded};

/// What the lock is called among the database's other locks: "gatelodge", cut to eight bytes, as a number.
const LOCK: i64 = i64::from_be_bytes(*b"gatelodg");
/// Seconds that a node waits for another one's migrations.
const LOCK_PATIENCE: u32 = 60;

/// A migration's name, and whether it has been applied.
pub type Step = (String, bool);

impl Store {
    /// Applies what is pending.
    pub async fn migrate_up(&self) -> Result<(), StoreError> {
        let work = self.lock().await?;
        let result = Migrator::up(&work, None).await;
        finish(work, result).await
    }

    /// Takes the last `steps` migrations back.
    pub async fn migrate_down(&self, steps: u32) -> Result<(), StoreError> {
        let work = self.lock().await?;
        let result = Migrator::down(&work, Some(steps)).await;
        finish(work, result).await
    }

    /// All migrations in order. Changes nothing.
    pub async fn migration_status(&self) -> Result<Vec<Step>, StoreError> {
        let all = bounded(Migrator::get_migration_with_status_read_only(&self.read)).await?;
        Ok(all
            .iter()
            .map(|step| {
                let applied = step.status() == MigrationStatus::Applied;
                (step.name().to_owned(), applied)
            })
            .collect())
    }

    /// Whether nothing is pending.
    pub async fn is_migrated(&self) -> Result<bool, StoreError> {
        Ok(self
            .migration_status()
            .await?
            .iter()
            .all(|(_, applied)| *applied))
    }

    /// Begins a transaction that no other node's migrations run beside.
    async fn lock(&self) -> Result<DatabaseTransaction, StoreError> {
        let work = bounded(begin(&self.write)).await?;
        match work.get_database_backend() {
            DbBackend::Postgres => {
                work.execute_unprepared(&format!("SET LOCAL lock_timeout = '{LOCK_PATIENCE}s'"))
                    .await?;
                work.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
                    .await?;
            }
            backend @ DbBackend::MySql => {
                let ask = format!("SELECT GET_LOCK('gatelodge_migrations', {LOCK_PATIENCE})");
                let row = work
                    .query_one_raw(Statement::from_string(backend, ask))
                    .await?;
                let got = row.map(|row| row.try_get_by_index::<Option<i64>>(0));
                if !matches!(got, Some(Ok(Some(1)))) {
                    return Err(StoreError::Unavailable(format!(
                        "another node has been migrating for {LOCK_PATIENCE} s"
                    )));
                }
            }
            // BEGIN IMMEDIATE holds SQLite's only write lock already.
            _ => {}
        }
        Ok(work)
    }
}

/// Ends what [`Store::lock`] began. MySQL's lock belongs to the connection, which outlives the transaction.
async fn finish(work: DatabaseTransaction, result: Result<(), DbErr>) -> Result<(), StoreError> {
    let release = if work.get_database_backend() == DbBackend::MySql {
        work.execute_unprepared("DO RELEASE_LOCK('gatelodge_migrations')")
            .await
            .map(|_| ())
    } else {
        Ok(())
    };
    match result.and(release) {
        Ok(()) => Ok(work.commit().await?),
        Err(error) => {
            // The migration's own error tells more than a failed rollback's would.
            let _ = work.rollback().await;
            Err(error.into())
        }
    }
}
