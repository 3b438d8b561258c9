//! Retires old connections when the database refuses a write: the pool closes them instead of using them again.
//!
//! After a failover, a pool has connections to a server that became read-only. They still answer, so the pool would keep
//! them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, Connection},
};
use tokio::time::timeout;

/// Minimum time between two retirements, so that a database that stays read-only does not cause new connections at every
/// statement.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long an idle connection may take to answer before it is used again.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// The retired connections of a pool.
#[derive(Clone, Debug)]
pub(crate) struct Retirement {
    start: Instant,
    /// Connections opened before this are retired; in microseconds since `start`.
    before: Arc<AtomicU64>,
}

impl Retirement {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            before: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Retires all connections that are open now.
    pub(crate) fn retire_all(&self) {
        self.before.fetch_max(self.now(), Ordering::AcqRel);
    }

    /// Retires all connections that are open now, if the error says that the database refused to write.
    pub(crate) fn observe(&self, error: &DbErr) {
        let before = Duration::from_micros(self.before.load(Ordering::Acquire));
        let is_due = before.is_zero() || self.start.elapsed() > before + INTERVAL;
        if is_due && refuses_to_write(error) {
            tracing::warn!(%error, "the database refused to write: the pool reconnects");
            self.retire_all();
        }
    }

    /// Returns whether a connection of this age is retired.
    pub(crate) fn is_retired(&self, age: Duration) -> bool {
        let age = u64::try_from(age.as_micros()).unwrap_or(u64::MAX);
        self.now().saturating_sub(age) < self.before.load(Ordering::Acquire)
    }

    /// Checks an idle connection before it is used again: it is not retired, and its server answers in time.
    ///
    /// A server that vanished sends no error. Then every other connection is retired as well, so that requests wait for one
    /// of them only.
    pub(super) async fn check<C: Connection>(
        &self,
        connection: &mut C,
        age: Duration,
    ) -> Result<bool, sqlx::Error> {
        if self.is_retired(age) {
            return Ok(false);
        }
        let asked = self.now();
        if let Ok(answer) = timeout(PING_TIMEOUT, connection.ping()).await {
            return answer.map(|()| true);
        }
        // Not those that were opened since: they are a result of an earlier timeout.
        self.before.fetch_max(asked, Ordering::AcqRel);
        Err(sqlx::Error::PoolTimedOut)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// Returns whether an error means that this connection cannot write, while another one might.
pub(crate) fn refuses_to_write(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    let Some(error) = error.as_database_error() else {
        return false;
    };
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        // Table is read-only, Galera node is not ready, read_only or super_read_only is set, transaction is read-only,
        // InnoDB is read-only.
        return matches!(error.number(), 1036 | 1047 | 1290 | 1792 | 1836);
    }
    let code = error.code().unwrap_or_default();
    if error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
    {
        // The file was read-only when it was opened, or it was replaced by another file.
        return code.parse::<u32>().is_ok_and(|code| code & 0xff == 8);
    }
    code == "25006"
}
