//! Questions to the database itself: its time, and whether the connection is encrypted.

use chrono::DateTime;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, TryGetable};

use super::{Store, StoreError, error::bounded};
use crate::domain::clock::Timestamp;

impl Store {
    /// Returns the database's time, which all nodes share. On SQLite it is this machine's, to the millisecond.
    pub async fn time(&self) -> Result<Timestamp, StoreError> {
        let ask = match self.read.get_database_backend() {
            DbBackend::Postgres => {
                "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
            }
            DbBackend::Sqlite => {
                "SELECT CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000"
            }
            _ => "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))",
        };
        let micros = self.ask::<i64>(ask, 0).await?;
        micros
            .and_then(DateTime::from_timestamp_micros)
            .ok_or_else(|| DbErr::Type("the database's time is out of range".to_owned()).into())
    }

    /// Returns whether the connection to the server uses TLS. `None` for SQLite, which has no server.
    pub async fn is_encrypted(&self) -> Result<Option<bool>, StoreError> {
        match self.read.get_database_backend() {
            DbBackend::Postgres => {
                let ask = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
                self.ask::<bool>(ask, 0).await
            }
            DbBackend::Sqlite => Ok(None),
            _ => {
                let cipher = self
                    .ask::<String>("SHOW SESSION STATUS LIKE 'Ssl_cipher'", 1)
                    .await?;
                Ok(cipher.map(|cipher| !cipher.is_empty()))
            }
        }
    }

    async fn ask<T: TryGetable>(&self, ask: &str, column: usize) -> Result<Option<T>, StoreError> {
        let ask = Statement::from_string(self.read.get_database_backend(), ask.to_owned());
        let row = bounded(self.read.query_one_raw(ask)).await?;
        row.map(|row| T::try_get_by_index(&row, column).map_err(|error| DbErr::from(error).into()))
            .transpose()
    }
}
