//! Announcements: on PostgreSQL, nodes tell each other what is stale, and each knows whether it still hears.
//!
//! A connection of its own listens; the pool may be busy. A socket whose other end is gone looks healthy for minutes,
//! so only a beat tells: a notification that this node sends by that connection and that comes back through it.
//! PostgreSQL delivers in the order of commits: what was announced before the beat was sent has been heard by then.

use std::{io::ErrorKind, time::Duration};

use sea_orm::{
    ConnectionTrait, DbBackend, Statement,
    sqlx::{
        self,
        postgres::{PgListener, PgPoolOptions},
    },
};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::cache::SessionCache;
use crate::store::{
    DetachedTransaction, Invalidation, Store, StoreError, connect::postgres::Servers,
    error::bounded,
};

/// What is stale is told here.
const CHANNEL: &str = "gatelodge_stale";
/// Between beats: four fit into the second that the cache is believed, so that one may be late.
const HEARTBEAT_INTERVAL: Duration = Duration::from_millis(250);
/// How long a beat may be under way; by then the cache is believed no more anyway.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two tries to connect.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// Tells all nodes what is stale as soon as the transaction is committed, and only then.
pub(crate) async fn announce(
    transaction: &DetachedTransaction,
    stale: &[Invalidation],
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    if backend != DbBackend::Postgres {
        return Ok(());
    }
    // One statement, however many notifications.
    let notify = Statement::from_sql_and_values(
        backend,
        "SELECT pg_notify($1, payload) FROM string_to_table($2, ',') AS payload",
        [
            CHANNEL.into(),
            Invalidation::payloads(stale).join(",").into(),
        ],
    );
    bounded(transaction.execute_raw(notify)).await?;
    Ok(())
}

impl Store {
    /// Hears what other nodes announce, for as long as it is polled. Returns where there is nothing to hear.
    pub async fn keep_listening(&self) {
        let (Some(cache), Some(servers)) = (&self.cache, &self.announced_at) else {
            return;
        };
        // Whether the log says so: it is told once a change.
        let mut heard = None;
        loop {
            let failed = match Listener::connect(servers, cache).await {
                Ok(mut listener) => {
                    let lost = listener.listen(|| tell(&mut heard, None)).await;
                    lost.err().map(|error| error.to_string())
                }
                Err(error) => Some(error.to_string()),
            };
            tell(&mut heard, failed.as_deref());
            sleep(RETRY_DELAY).await;
        }
    }
}

/// Logs that the announcements are heard, or why not, if the log does not say so already.
fn tell(heard: &mut Option<bool>, failed: Option<&str>) {
    let now = failed.is_none();
    if heard.replace(now) == Some(now) {
        return;
    }
    match failed {
        None => tracing::info!("sessions are remembered: other nodes' revocations are heard"),
        Some(error) => {
            tracing::warn!(
                error,
                "other nodes' revocations are not heard: every request asks the database"
            );
        }
    }
}

/// A connection that listens.
struct Listener<'c> {
    connection: PgListener,
    /// Where its own beats come back: no other connection has its process's number.
    beats: String,
    cache: &'c SessionCache,
}

impl<'c> Listener<'c> {
    async fn connect(servers: &Servers, cache: &'c SessionCache) -> Result<Self, StoreError> {
        // A server that is read-only passes no notifications on.
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
            // A connection that is lost must be seen to be lost.
            connection.eager_reconnect(false);
            // A beat is worth no sync of the disk.
            sqlx::query("SET synchronous_commit = off")
                .execute(&mut connection)
                .await?;
            let process: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
                .fetch_one(&mut connection)
                .await?;
            let beats = format!("gatelodge_beat_{process}");
            connection.listen_all([CHANNEL, &beats]).await?;
            Ok(Self {
                connection,
                beats,
                cache,
            })
        };
        let listener = within(CONNECT_TIMEOUT, connect)
            .await
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        // What was announced before it listened is not heard, so what was read before is not believed.
        listener.cache.forget(&[Invalidation::Everything]);
        Ok(listener)
    }

    /// Listens until the connection is lost.
    async fn listen(&mut self, mut when_heard: impl FnMut()) -> Result<(), sqlx::Error> {
        let mut beats = interval(HEARTBEAT_INTERVAL);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let notification = tokio::select! {
                notification = self.connection.try_recv() => notification?,
                _ = beats.tick() => {
                    self.send_beat().await?;
                    continue;
                }
            };
            let Some(notification) = notification else {
                return Err(sqlx::Error::Io(ErrorKind::UnexpectedEof.into()));
            };
            if notification.channel() != self.beats {
                self.cache
                    .forget(&Invalidation::read(notification.payload()));
            } else if let Ok(sent_at) = notification.payload().parse() {
                self.cache.beat(Duration::from_micros(sent_at));
                when_heard();
            }
        }
    }

    async fn send_beat(&mut self) -> Result<(), sqlx::Error> {
        let sent_at = self.cache.monotonic().as_micros().to_string();
        let beat = sqlx::query("SELECT pg_notify($1, $2)")
            .bind(&self.beats)
            .bind(sent_at)
            .execute(&mut self.connection);
        within(HEARTBEAT_TIMEOUT, beat).await.map(|_| ())
    }
}

/// Waits, but not for ever.
async fn within<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(patience, answer)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(ErrorKind::TimedOut.into())))
}
