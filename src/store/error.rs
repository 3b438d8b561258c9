//! Database errors, by who can fix them.

use std::{future::Future, time::Duration};

use sea_orm::{DbErr, RuntimeErr, sqlx};
use thiserror::Error;

use super::{rights, schema::SchemaError};

/// Timeout of one statement, including the wait for a connection. A request to an unreachable database fails within five
/// seconds.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Why a statement failed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database is unreachable, full, locked or overloaded. The same statement may succeed later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database cannot be used. The operator must create another one.
    #[error("the database cannot be used: {0}")]
    Unsuitable(String),
    /// The transaction conflicts with another one (a deadlock, or a stricter isolation level than usual). If it is
    /// repeated, it may succeed at once.
    #[error("conflict with another transaction: {0}")]
    Conflict(String),
    /// A statement or a row is wrong: a bug in Gatelodge.
    #[error("the database refused a statement: {0}")]
    Refused(#[source] DbErr),
    /// The database user lacks a right. The message names the right, the object and the statement that grants it.
    #[error("{0}")]
    Denied(String),
    /// The database's schema is another application's, or too new for this program.
    #[error(transparent)]
    Schema(Box<SchemaError>),
}

impl From<SchemaError> for StoreError {
    /// Boxes the error, so that every result of the store stays small.
    fn from(error: SchemaError) -> Self {
        Self::Schema(Box::new(error))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if let Some(denied) = rights::denied(&error) {
            Self::Denied(denied)
        } else if is_conflict(&error) {
            Self::Conflict(error.to_string())
        } else if is_unavailable(&error) {
            Self::Unavailable(error.to_string())
        } else {
            Self::Refused(error)
        }
    }
}

/// Waits for a statement, at most [`TIMEOUT`].
pub(super) async fn bounded<T>(
    statement: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(TIMEOUT, statement).await {
        Ok(result) => result.map_err(StoreError::from),
        Err(_) => Err(no_answer()),
    }
}

/// Waits for several statements with one result, at most [`TIMEOUT`].
pub(super) async fn bounded_store<T>(
    statements: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(TIMEOUT, statements)
        .await
        .unwrap_or_else(|_| Err(no_answer()))
}

fn no_answer() -> StoreError {
    StoreError::Unavailable(format!("no answer within {} s", TIMEOUT.as_secs()))
}

fn is_conflict(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let Some(error) = error.as_database_error() else {
        return false;
    };
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        // Record changed since it was read, deadlock.
        return matches!(error.number(), 1020 | 1213);
    }
    // PostgreSQL: serialization failure, deadlock. SQLite's codes are numbers of four digits at most.
    matches!(error.code().as_deref(), Some("40001" | "40P01"))
}

pub(super) fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match &**error {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => true,
                sqlx::Error::Database(error) => {
                    is_temporary(error.as_ref(), error.code().as_deref().unwrap_or_default())
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// Returns whether a database's error code is about the database's state and not about the statement.
fn is_temporary(error: &(dyn sqlx::error::DatabaseError + 'static), code: &str) -> bool {
    if error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
    {
        // The primary code is the low byte: BUSY 5, LOCKED 6, READONLY 8, IOERR 10, FULL 13, CANTOPEN 14.
        return code
            .parse::<u32>()
            .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14));
    }
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        // Disk full, too many connections, shutting down, lock wait, read only, connection killed.
        return matches!(
            error.number(),
            1021 | 1036
                | 1040
                | 1047
                | 1053
                | 1114
                | 1203
                | 1205
                | 1226
                | 1290
                | 1792
                | 1836
                | 1927
                | 3024
                | 4031
        );
    }
    // PostgreSQL: connection, transaction rollback, resources, operator intervention, system; read only.
    matches!(code.get(..2), Some("08" | "40" | "53" | "55" | "57" | "58"))
        || matches!(code, "25006" | "25P03")
}
