//! Notifications: on PostgreSQL, nodes send each other cache invalidations, and each node checks that they arrive.
//!
//! A separate connection listens, because the pool may be busy. A socket can look healthy for minutes after its peer is
//! gone, so the node sends heartbeats: notifications to itself, through the listening connection. PostgreSQL delivers in
//! commit order. So when a heartbeat comes back, all notifications from before it was sent have arrived.

use std::{io::ErrorKind, time::Duration};

use sea_orm::{
    ConnectionTrait, DbBackend, Statement,
    sqlx::{
        self,
        postgres::{PgListener, PgPoolOptions},
    },
};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::{cache::SessionCache, watched::WatchedSessions};
use crate::store::{
    DetachedTransaction, Invalidation, Store, StoreError, connect::postgres::Servers,
    error::bounded,
};

/// The channel of invalidations.
const CHANNEL: &str = "gatelodge_stale";
/// Time between heartbeats. Four fit into the second for which the cache is trusted, so one may be late.
const HEARTBEAT_INTERVAL: Duration = Duration::from_millis(250);
/// Timeout of sending a heartbeat. After this time the cache is no longer trusted anyway.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(1);
/// Timeout of connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time between two attempts to connect.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// Sends invalidations to all nodes. PostgreSQL delivers them only after the transaction's commit.
pub(crate) async fn notify(
    transaction: &DetachedTransaction,
    invalidations: &[Invalidation],
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    if backend != DbBackend::Postgres {
        return Ok(());
    }
    // One statement for any number of notifications.
    let notify = Statement::from_sql_and_values(
        backend,
        "SELECT pg_notify($1, payload) FROM string_to_table($2, ',') AS payload",
        [
            CHANNEL.into(),
            Invalidation::payloads(invalidations).join(",").into(),
        ],
    );
    bounded(transaction.execute_raw(notify)).await?;
    Ok(())
}

impl Store {
    /// Receives other nodes' invalidations for as long as it is polled. Returns at once if there is no cache or no
    /// PostgreSQL.
    pub async fn keep_listening(&self) {
        let (Some(cache), Some(servers)) = (&self.cache, &self.notify_servers) else {
            return;
        };
        // The last logged state: only changes are logged.
        let mut is_listening = None;
        loop {
            let error = match Listener::connect(servers, cache, &self.watched).await {
                Ok(mut listener) => {
                    let result = listener
                        .listen(|| log_change(&mut is_listening, None))
                        .await;
                    result.err().map(|error| error.to_string())
                }
                Err(error) => Some(error.to_string()),
            };
            log_change(&mut is_listening, error.as_deref());
            sleep(RETRY_DELAY).await;
        }
    }
}

/// Logs whether notifications arrive, if that has changed.
fn log_change(is_listening: &mut Option<bool>, error: Option<&str>) {
    let now = error.is_none();
    if is_listening.replace(now) == Some(now) {
        return;
    }
    match error {
        None => tracing::info!("the session cache is on: other nodes' revocations arrive"),
        Some(error) => {
            tracing::warn!(
                error,
                "the session cache is off: other nodes' revocations do not arrive, so every request queries the database"
            );
        }
    }
}

/// The listening connection.
struct Listener<'c> {
    connection: PgListener,
    /// The channel of its own heartbeats. Its name contains the process id of the server's connection, which is unique.
    heartbeat_channel: String,
    cache: &'c SessionCache,
    watched: &'c WatchedSessions,
}

impl<'c> Listener<'c> {
    async fn connect(
        servers: &Servers,
        cache: &'c SessionCache,
        watched: &'c WatchedSessions,
    ) -> Result<Self, StoreError> {
        // A read-only server does not forward notifications.
        let options = servers.find().await?.options;
        let options = options.application_name("gatelodge listener");
        let connect = async {
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .max_lifetime(None)
                .idle_timeout(None)
                .test_before_acquire(false)
                .connect_with(options)
                .await?;
            let mut connection = PgListener::connect_with(&pool).await?;
            // A lost connection must be noticed, so it must not reconnect by itself.
            connection.eager_reconnect(false);
            // A heartbeat needs no sync to disk.
            sqlx::query("SET synchronous_commit = off")
                .execute(&mut connection)
                .await?;
            let process: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
                .fetch_one(&mut connection)
                .await?;
            let heartbeat_channel = format!("gatelodge_beat_{process}");
            connection.listen_all([CHANNEL, &heartbeat_channel]).await?;
            Ok(Self {
                connection,
                heartbeat_channel,
                cache,
                watched,
            })
        };
        let listener = within(CONNECT_TIMEOUT, connect)
            .await
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        // Notifications from before this connection listened are lost, so all earlier entries are removed.
        listener.invalidate(&[Invalidation::Everything]);
        Ok(listener)
    }

    fn invalidate(&self, invalidations: &[Invalidation]) {
        self.cache.invalidate(invalidations);
        self.watched.invalidate(invalidations);
    }

    /// Listens until the connection is lost.
    async fn listen(&mut self, mut on_heartbeat: impl FnMut()) -> Result<(), sqlx::Error> {
        let mut heartbeats = interval(HEARTBEAT_INTERVAL);
        heartbeats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let notification = tokio::select! {
                notification = self.connection.try_recv() => notification?,
                _ = heartbeats.tick() => {
                    self.send_heartbeat().await?;
                    continue;
                }
            };
            let Some(notification) = notification else {
                return Err(sqlx::Error::Io(ErrorKind::UnexpectedEof.into()));
            };
            if notification.channel() != self.heartbeat_channel {
                self.invalidate(&Invalidation::read(notification.payload()));
            } else if let Ok(sent_at) = notification.payload().parse() {
                self.cache.heartbeat(Duration::from_micros(sent_at));
                on_heartbeat();
            }
        }
    }

    async fn send_heartbeat(&mut self) -> Result<(), sqlx::Error> {
        let sent_at = self.cache.monotonic().as_micros().to_string();
        let heartbeat = sqlx::query("SELECT pg_notify($1, $2)")
            .bind(&self.heartbeat_channel)
            .bind(sent_at)
            .execute(&mut self.connection);
        within(HEARTBEAT_TIMEOUT, heartbeat).await.map(|_| ())
    }
}

/// Waits for a result, at most `limit`.
async fn within<T>(
    limit: Duration,
    result: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(limit, result)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(ErrorKind::TimedOut.into())))
}
