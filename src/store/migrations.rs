//! Migrates the database to this program's schema. A lock makes this safe when several nodes start at once.

use migration::{Migrator, MigratorTrait, levels::FIRST};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use super::{
    Store, StoreError,
    error::bounded,
    rights,
    schema::{Schema, SchemaError, Step, applied, delete_unapplied, write_missing},
};

/// The key of PostgreSQL's lock: the first eight bytes of "gatelodge" as a number.
const LOCK: i64 = i64::from_be_bytes(*b"gatelodg");
/// Seconds that a node waits for another node's migrations.
const LOCK_TIMEOUT: u32 = 60;

impl Store {
    /// Applies the pending migrations. Changes nothing in a database that another application uses, or that is newer and
    /// complete.
    pub async fn migrate_up(&self) -> Result<(), StoreError> {
        let store = self.clone();
        run_to_completion(async move {
            let transaction = store.lock().await?;
            let result = Box::pin(up(&transaction)).await;
            finish(transaction, result).await
        })
        .await
    }

    /// Reverts the last `steps` migrations.
    pub async fn migrate_down(&self, steps: u32) -> Result<(), StoreError> {
        let store = self.clone();
        run_to_completion(async move {
            let transaction = store.lock().await?;
            let result = Box::pin(down(&transaction, steps)).await;
            finish(transaction, result).await
        })
        .await
    }

    /// Returns this program's migrations in order, without changing the database.
    pub async fn migration_status(&self) -> Result<Vec<Step>, StoreError> {
        Ok(self.schema().await?.steps)
    }

    /// Begins a transaction with the migration lock, so that no other node migrates at the same time.
    async fn lock(&self) -> Result<DatabaseTransaction, StoreError> {
        let transaction = bounded(self.write.begin_plain()).await?;
        match transaction.get_database_backend() {
            DbBackend::Postgres => {
                transaction
                    .execute_unprepared(&format!("SET LOCAL lock_timeout = '{LOCK_TIMEOUT}s'"))
                    .await?;
                transaction
                    .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
                    .await?;
            }
            backend @ DbBackend::MySql => {
                let sql = format!("SELECT GET_LOCK('gatelodge_migrations', {LOCK_TIMEOUT})");
                let row = transaction
                    .query_one_raw(Statement::from_string(backend, sql))
                    .await?;
                let lock = row.map(|row| row.try_get_by_index::<Option<i64>>(0));
                if !matches!(lock, Some(Ok(Some(1)))) {
                    return Err(StoreError::Unavailable(format!(
                        "another node's migrations have not finished within {LOCK_TIMEOUT} s. Try again later"
                    )));
                }
            }
            // BEGIN IMMEDIATE has already taken SQLite's only write lock.
            _ => {}
        }
        Ok(transaction)
    }
}

async fn up(transaction: &DatabaseTransaction) -> Result<(), StoreError> {
    let schema = Schema::read(transaction).await?;
    schema.check()?;
    let pending = schema.pending();
    if let Some(newest) = schema.newer.last() {
        // The library would refuse unknown migrations.
        return match pending.into_iter().next() {
            None => Ok(()),
            Some(missing) => Err(SchemaError::NewerIncomplete {
                version: newest.version.clone(),
                missing,
            }
            .into()),
        };
    }
    if !pending.is_empty() {
        rights::check_create(transaction).await?;
    }
    pin_schema(transaction).await?;
    if let Some(index) = pending.iter().position(|name| name == FIRST) {
        Migrator::up(transaction, u32::try_from(index + 1).ok()).await?;
    }
    let schema = Schema::read(transaction).await?;
    write_missing(transaction, &schema.levels).await?;
    if !schema.pending().is_empty() {
        Migrator::up(transaction, None).await?;
    }
    Ok(())
}

async fn down(transaction: &DatabaseTransaction, steps: u32) -> Result<(), StoreError> {
    let schema = Schema::read(transaction).await?;
    if let Some(newest) = schema.newer.into_iter().next_back() {
        return Err(SchemaError::DownByNewer {
            migration: newest.name,
            level: newest.level,
            version: newest.version,
        }
        .into());
    }
    if schema.applied.is_empty() {
        return Ok(());
    }
    pin_schema(transaction).await?;
    Migrator::down(transaction, Some(steps)).await?;
    delete_unapplied(transaction, &applied(transaction).await?).await?;
    Ok(())
}

/// Keeps the migrations inside PostgreSQL's current schema. Otherwise `DROP TABLE IF EXISTS users` could drop another
/// application's table in a later schema of `search_path`.
async fn pin_schema(transaction: &DatabaseTransaction) -> Result<(), StoreError> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction
            .execute_unprepared(
                "SELECT set_config('search_path', quote_ident(current_schema()), true)",
            )
            .await?;
    }
    Ok(())
}

/// Runs migrations in their own task, so that the lock is released even if the caller stops waiting.
async fn run_to_completion(
    transaction: impl Future<Output = Result<(), StoreError>> + Send + 'static,
) -> Result<(), StoreError> {
    tokio::spawn(transaction)
        .await
        .unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
}

/// Ends the transaction of [`Store::lock`]. MySQL's lock belongs to the connection and outlives the transaction, so it is
/// released here.
async fn finish(
    transaction: DatabaseTransaction,
    result: Result<(), StoreError>,
) -> Result<(), StoreError> {
    let release = if transaction.get_database_backend() == DbBackend::MySql {
        transaction
            .execute_unprepared("DO RELEASE_LOCK('gatelodge_migrations')")
            .await
            .map(|_| ())
    } else {
        Ok(())
    };
    match result.and(release.map_err(StoreError::from)) {
        Ok(()) => Ok(transaction.commit().await?),
        Err(error) => {
            // The migration's error is more useful than the error of a failed rollback.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}
