//! Database work that runs to completion, even if the request that started it is cancelled.
//!
//! A request's future is dropped when its client disconnects. The drivers do not handle this everywhere. If dropped
//! during BEGIN, PostgreSQL's and MySQL's drivers return a connection inside a transaction to the pool: its next
//! statements are acknowledged and lost, and its locks stay. If dropped while preparing a statement, MySQL's driver leaves
//! a response unread, and the next request reads it as its own. So every statement runs in its own task. A cancelled
//! caller only stops waiting, and a transaction without a receiver is rolled back.

use std::{future::Future, sync::Arc};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    IsolationLevel, QueryResult, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait, prelude::async_trait,
};
use tracing::Instrument;

use super::failover::ErrorObserver;

/// Runs database work in its own task, and waits for it.
pub(crate) async fn detached<T: Send + 'static>(
    transaction: impl Future<Output = Result<T, DbErr>> + Send + 'static,
) -> Result<T, DbErr> {
    tokio::spawn(transaction.in_current_span())
        .await
        .unwrap_or_else(|error| {
            // The task panicked, or the program is shutting down.
            Err(DbErr::Conn(RuntimeErr::Internal(error.to_string())))
        })
}

impl ErrorObserver {
    /// Runs database work in its own task, waits for it, and observes its error, even if the caller is gone.
    async fn detached<T: Send + 'static>(
        &self,
        transaction: impl Future<Output = Result<T, DbErr>> + Send + 'static,
    ) -> Result<T, DbErr> {
        let observer = self.clone();
        detached(async move {
            transaction
                .await
                .inspect_err(|error| observer.observe(error))
        })
        .await
    }
}

/// A pool of connections. Each statement runs to completion.
#[derive(Clone, Debug)]
pub struct Pool {
    connection: DatabaseConnection,
    observer: ErrorObserver,
    /// Whether PgBouncer's transaction mode is used: each transaction gets a server connection that others have used.
    pgbouncer: bool,
}

impl Pool {
    pub(crate) fn new(connection: DatabaseConnection, observer: ErrorObserver) -> Self {
        Self {
            connection,
            observer,
            pgbouncer: false,
        }
    }

    /// Runs each statement in a transaction, as PgBouncer's transaction mode requires.
    pub(crate) fn behind_pgbouncer(mut self, pgbouncer: bool) -> Self {
        self.pgbouncer = pgbouncer;
        self
    }

    /// Begins a transaction that will write.
    pub(crate) async fn begin(&self) -> Result<DetachedTransaction, DbErr> {
        Ok(DetachedTransaction {
            transaction: Arc::new(self.begin_plain().await?),
            observer: self.observer.clone(),
        })
    }

    /// Begins a transaction of the driver's own type, for work that runs in its own task as a whole.
    pub(crate) async fn begin_plain(&self) -> Result<DatabaseTransaction, DbErr> {
        let (connection, pgbouncer) = (self.connection.clone(), self.pgbouncer);
        self.observer
            .detached(async move { begin(&connection, pgbouncer).await })
            .await
    }

    /// Closes all connections.
    pub(crate) async fn close(self) -> Result<(), DbErr> {
        self.connection.close().await
    }

    async fn run<R: Request>(&self, request: R) -> Result<R::Output, DbErr> {
        let (connection, pgbouncer) = (self.connection.clone(), self.pgbouncer);
        let transaction = async move {
            if !pgbouncer {
                return request.send(&connection).await;
            }
            let transaction = begin(&connection, pgbouncer).await?;
            let answer = request.send(&transaction).await?;
            transaction.commit().await?;
            Ok(answer)
        };
        self.observer.detached(transaction).await
    }
}

/// Begins a transaction that will write.
///
/// SQLite takes its write lock here, because it can only wait for it at the start. MySQL's default isolation level would
/// lock the gaps between rows, so that logins that delete and insert would deadlock. Behind PgBouncer, a server connection
/// still has statements that other clients prepared, with the names that the driver will use.
async fn begin(
    connection: &DatabaseConnection,
    pgbouncer: bool,
) -> Result<DatabaseTransaction, DbErr> {
    let is_mysql = connection.get_database_backend() == DbBackend::MySql;
    let options = TransactionOptions {
        isolation_level: is_mysql.then_some(IsolationLevel::ReadCommitted),
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    // If the caller is gone, the task's result is dropped, which rolls back the transaction.
    let transaction = connection.begin_with_options(options).await?;
    if pgbouncer {
        transaction.execute_unprepared("DEALLOCATE ALL").await?;
    }
    Ok(transaction)
}

/// A transaction. Each statement runs to its end; without `commit`, the changes are rolled back.
#[derive(Debug)]
pub struct DetachedTransaction {
    transaction: Arc<DatabaseTransaction>,
    observer: ErrorObserver,
}

impl DetachedTransaction {
    /// Commits the changes.
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        let Some(transaction) = Arc::into_inner(self.transaction) else {
            // The caller stopped waiting for a statement that is still running.
            return Err(DbErr::Conn(RuntimeErr::Internal(
                "a statement of the transaction is still running".to_owned(),
            )));
        };
        self.observer.detached(transaction.commit()).await
    }

    async fn run<R: Request>(&self, request: R) -> Result<R::Output, DbErr> {
        let transaction = Arc::clone(&self.transaction);
        self.observer
            .detached(async move { request.send(&*transaction).await })
            .await
    }
}

/// A request to a connection.
trait Request: Send + 'static {
    type Output: Send + 'static;

    fn send<C: ConnectionTrait>(
        self,
        connection: &C,
    ) -> impl Future<Output = Result<Self::Output, DbErr>> + Send;
}

struct Execute(Statement);
struct ExecuteUnprepared(String);
struct QueryOne(Statement);
struct QueryAll(Statement);

impl Request for Execute {
    type Output = ExecResult;

    async fn send<C: ConnectionTrait>(self, connection: &C) -> Result<ExecResult, DbErr> {
        connection.execute_raw(self.0).await
    }
}

impl Request for ExecuteUnprepared {
    type Output = ExecResult;

    async fn send<C: ConnectionTrait>(self, connection: &C) -> Result<ExecResult, DbErr> {
        connection.execute_unprepared(&self.0).await
    }
}

impl Request for QueryOne {
    type Output = Option<QueryResult>;

    async fn send<C: ConnectionTrait>(self, connection: &C) -> Result<Option<QueryResult>, DbErr> {
        connection.query_one_raw(self.0).await
    }
}

impl Request for QueryAll {
    type Output = Vec<QueryResult>;

    async fn send<C: ConnectionTrait>(self, connection: &C) -> Result<Vec<QueryResult>, DbErr> {
        connection.query_all_raw(self.0).await
    }
}

/// Implements SeaORM's trait with `run`.
macro_rules! connection {
    ($type:ty, $inner:ident) => {
        #[async_trait::async_trait]
        impl ConnectionTrait for $type {
            fn get_database_backend(&self) -> DbBackend {
                self.$inner.get_database_backend()
            }

            async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
                self.run(Execute(statement)).await
            }

            async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
                self.run(ExecuteUnprepared(sql.to_owned())).await
            }

            async fn query_one_raw(
                &self,
                statement: Statement,
            ) -> Result<Option<QueryResult>, DbErr> {
                self.run(QueryOne(statement)).await
            }

            async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
                self.run(QueryAll(statement)).await
            }
        }
    };
}

connection!(Pool, connection);
connection!(DetachedTransaction, transaction);
