//! Where users and sessions are kept: one file a table. The only room that names SeaORM and the entities.
//!
//! It gives and takes domain types, and knows no rules: who may log in is `auth`'s to say.

use std::path::PathBuf;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

mod client;
mod connect;
mod endings;
mod error;
pub mod migrations;
mod secrets;
mod security_events;
mod sessions;
mod throttles;
mod users;

pub use error::StoreError;
use error::bounded;
pub use security_events::SecurityEvents;
pub use sessions::Sessions;
pub use throttles::{ThrottleKey, Throttles, Versioned};
pub use users::{InsertUserError, StoredPassword, Users};

use crate::config::database::DatabaseConfig;

/// What the drivers call themselves in the log. They know the database's URL in whole.
pub const DRIVERS: &[&str] = &[
    "sea_orm",
    "sqlx",
    "sqlx_core",
    "sqlx_mysql",
    "sqlx_postgres",
    "sqlx_sqlite",
];

/// The database, ready for use.
#[derive(Clone, Debug)]
pub struct Store {
    /// Answers reads. On SQLite these never wait for a writer (WAL).
    read: DatabaseConnection,
    /// Does writes. On SQLite it is one connection, so that writers queue here instead of failing as busy.
    write: DatabaseConnection,
    /// Where SQLite's deployment keeps a secret that it made for itself.
    secret_file: Option<PathBuf>,
}

/// Several changes that are made together or not at all; dropped without [`Work::commit`], none is.
pub struct Work {
    txn: DatabaseTransaction,
}

impl Store {
    /// Connects; the database must answer.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, StoreError> {
        connect::connect(config).await
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), StoreError> {
        bounded(self.read.execute_unprepared("SELECT 1")).await?;
        Ok(())
    }

    /// The people, for reading.
    pub fn users(&self) -> Users<'_, DatabaseConnection> {
        Users::on(&self.read)
    }

    /// The sessions, for reading.
    pub fn sessions(&self) -> Sessions<'_, DatabaseConnection> {
        Sessions::on(&self.read)
    }

    /// The people, for a single change.
    pub fn users_mut(&self) -> Users<'_, DatabaseConnection> {
        Users::on(&self.write)
    }

    /// The sessions, for a single change.
    pub fn sessions_mut(&self) -> Sessions<'_, DatabaseConnection> {
        Sessions::on(&self.write)
    }

    /// The security events, for reading.
    pub fn security_events(&self) -> SecurityEvents<'_, DatabaseConnection> {
        SecurityEvents::on(&self.read)
    }

    /// The security events, for a single change.
    pub fn security_events_mut(&self) -> SecurityEvents<'_, DatabaseConnection> {
        SecurityEvents::on(&self.write)
    }

    /// The throttles, for reading.
    pub fn throttles(&self) -> Throttles<'_, DatabaseConnection> {
        Throttles::on(&self.read)
    }

    /// The throttles, for a single change.
    pub fn throttles_mut(&self) -> Throttles<'_, DatabaseConnection> {
        Throttles::on(&self.write)
    }

    /// Begins several changes.
    pub async fn begin(&self) -> Result<Work, StoreError> {
        let txn = bounded(begin(&self.write)).await?;
        Ok(Work { txn })
    }

    /// Closes the connections.
    pub async fn close(self) {
        // A connection that cannot be closed is as good as closed.
        let _ = self.write.close().await;
        let _ = self.read.close().await;
    }
}

impl Work {
    /// The people.
    pub fn users(&self) -> Users<'_, DatabaseTransaction> {
        Users::on(&self.txn)
    }

    /// The sessions.
    pub fn sessions(&self) -> Sessions<'_, DatabaseTransaction> {
        Sessions::on(&self.txn)
    }

    /// The security events.
    pub fn security_events(&self) -> SecurityEvents<'_, DatabaseTransaction> {
        SecurityEvents::on(&self.txn)
    }

    /// Makes the changes last.
    pub async fn commit(self) -> Result<(), StoreError> {
        bounded(self.txn.commit()).await
    }
}

/// Begins a transaction that will write: SQLite takes its lock now, where it can wait for it. MySQL's own default
/// level would lock the gaps between rows, where logins that delete and insert wait for each other for ever.
async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, sea_orm::DbErr> {
    let is_mysql = db.get_database_backend() == DbBackend::MySql;
    db.begin_with_options(TransactionOptions {
        isolation_level: is_mysql.then_some(IsolationLevel::ReadCommitted),
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    })
    .await
}
