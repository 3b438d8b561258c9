//! The database's clock, which all nodes share.

use chrono::DateTime;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, TryGetable};

use super::{Store, StoreError, error::bounded};
use crate::domain::clock::Timestamp;

impl Store {
    /// Returns the database's time. On SQLite it is this machine's, to the millisecond.
    pub async fn time(&self) -> Result<Timestamp, StoreError> {
        let backend = self.read.get_database_backend();
        let ask = match backend {
            DbBackend::Postgres => {
                "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
            }
            DbBackend::Sqlite => {
                "SELECT CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000"
            }
            _ => "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))",
        };
        let row = bounded(
            self.read
                .query_one_raw(Statement::from_string(backend, ask)),
        )
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("the time".to_owned()))?;
        let micros = i64::try_get_by_index(&row, 0).map_err(DbErr::from)?;
        DateTime::from_timestamp_micros(micros)
            .ok_or_else(|| DbErr::Type("the database's time is out of range".to_owned()).into())
    }
}
