//! What `gatelodge doctor` asks the database: its time, and whether the connection is encrypted.

use chrono::DateTime;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, TryGetable};

use super::{Store, StoreError, error::bounded};
use crate::domain::clock::Timestamp;

impl Store {
    /// Returns the database server's time. `None` for SQLite, which has this machine's.
    pub async fn database_time(&self) -> Result<Option<Timestamp>, StoreError> {
        let ask = match self.read.get_database_backend() {
            DbBackend::Postgres => {
                "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
            }
            DbBackend::Sqlite => return Ok(None),
            _ => "SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
        };
        let millis = self.ask::<i64>(ask, 0).await?;
        Ok(millis.and_then(DateTime::from_timestamp_millis))
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
