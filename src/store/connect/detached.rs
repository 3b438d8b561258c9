//! Database work that runs to its end, whatever happens to the request that started it.
//!
//! A request's future is dropped when its client disconnects. The drivers do not survive that everywhere: dropped
//! during BEGIN, PostgreSQL and MySQL give a connection back to the pool inside a transaction, where the next statements
//! are acknowledged and lost and the locks stay; dropped while a statement is prepared, MySQL leaves an answer unread,
//! which the next request takes for its own. So every statement runs in a task of its own. A caller that gives up
//! stops waiting; a transaction that nobody receives is rolled back.

use std::{future::Future, sync::Arc};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    IsolationLevel, QueryResult, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait, prelude::async_trait,
};
use tracing::Instrument;

use super::failover::Watch;

/// Runs database work in a task of its own, and waits for it.
pub(crate) async fn detached<T: Send + 'static>(
    transaction: impl Future<Output = Result<T, DbErr>> + Send + 'static,
) -> Result<T, DbErr> {
    tokio::spawn(transaction.in_current_span())
        .await
        .unwrap_or_else(|error| {
            // The task panicked, or the program is ending.
            Err(DbErr::Conn(RuntimeErr::Internal(error.to_string())))
        })
}

impl Watch {
    /// The same, and observes the error, also when nobody waits for it any more.
    async fn detached<T: Send + 'static>(
        &self,
        transaction: impl Future<Output = Result<T, DbErr>> + Send + 'static,
    ) -> Result<T, DbErr> {
        let watch = self.clone();
        detached(async move { transaction.await.inspect_err(|error| watch.observe(error)) }).await
    }
}

/// A pool of connections. Each statement runs to its end.
#[derive(Clone, Debug)]
pub struct Pool {
    connection: DatabaseConnection,
    watch: Watch,
    /// Whether PgBouncer gives each transaction a server connection that others have used.
    pgbouncer: bool,
}

impl Pool {
    pub(crate) fn new(connection: DatabaseConnection, watch: Watch) -> Self {
        Self {
            connection,
            watch,
            pgbouncer: false,
        }
    }

    /// Sends each statement in a transaction, as PgBouncer's transaction mode needs it.
    pub(crate) fn behind_pgbouncer(mut self, pgbouncer: bool) -> Self {
        self.pgbouncer = pgbouncer;
        self
    }

    /// Begins a transaction that will write.
    pub(crate) async fn begin(&self) -> Result<DetachedTransaction, DbErr> {
        Ok(DetachedTransaction {
            transaction: Arc::new(self.begin_plain().await?),
            watch: self.watch.clone(),
        })
    }

    /// Begins a transaction of the driver's own type, for work that is detached as a whole.
    pub(crate) async fn begin_plain(&self) -> Result<DatabaseTransaction, DbErr> {
        let (connection, pgbouncer) = (self.connection.clone(), self.pgbouncer);
        self.watch
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
        self.watch.detached(transaction).await
    }
}

/// Begins a transaction that will write.
///
/// SQLite takes its write lock now, where it can wait for it. MySQL's default isolation level would lock the gaps
/// between rows, where logins that delete and insert deadlock. Behind PgBouncer a server connection comes with the
/// statements that others prepared on it, whose names the driver is about to use.
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
    // If the caller is gone, the task's result is dropped, and that rolls back.
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
    watch: Watch,
}

impl DetachedTransaction {
    /// Makes the changes last.
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        let Some(transaction) = Arc::into_inner(self.transaction) else {
            // A statement was given up on, and is still running.
            return Err(DbErr::Conn(RuntimeErr::Internal(
                "a statement of the transaction has not ended".to_owned(),
            )));
        };
        self.watch.detached(transaction.commit()).await
    }

    async fn run<R: Request>(&self, request: R) -> Result<R::Output, DbErr> {
        let transaction = Arc::clone(&self.transaction);
        self.watch
            .detached(async move { request.send(&*transaction).await })
            .await
    }
}

/// Something that a connection is asked for.
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

/// Implements SeaORM's trait by `run`.
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
