//! The database of users and sessions. Only this module uses SeaORM and the entities.
//!
//! It takes and returns domain types and contains no business rules: `auth` decides, for example, who may log in.

use std::{path::PathBuf, sync::Arc};

use sea_orm::ConnectionTrait;

mod connect;
mod entity;
mod error;
mod inspect;
mod migrations;
mod rights;
mod schema;
pub mod session;
mod shared_secret;
pub mod tables;
pub(crate) mod transaction;

pub use self::connect::detached::{DetachedTransaction, Pool};
pub use self::session::invalidation::Invalidation;
pub use self::session::watched::{
    LiveSession, SessionState, SessionWatch, WatchedSession, WatchedSessions,
};
pub use self::shared_secret::SharedSecret;
pub use self::tables::foreign_hashes::{ForeignHashRow, ForeignHashes};
pub use self::tables::imported_users::ImportedUsers;
pub use self::tables::security_events::SecurityEvents;
pub use self::tables::sessions::Sessions;
pub use self::tables::signing_keys::{SigningKeyRow, SigningKeys};
pub use self::tables::throttles::{ThrottleKey, Throttles, Versioned};
pub use self::tables::user_search::UserFilter;
pub use self::tables::users::{InsertUserError, NewUser, StoredPassword, Users};
pub use self::transaction::Transaction;
use self::{
    connect::postgres::Servers,
    error::bounded,
    session::cache::{CacheTrust, SessionCache},
};
use crate::{
    config::database::DatabaseConfig,
    domain::{
        clock::{Clock, Timestamp},
        session::Session,
        token::SessionTokenHash,
        user::User,
    },
};
pub use error::StoreError;
/// This program's schema level.
pub use migration::levels::LEVEL;
pub use schema::{NewerStep, Schema, SchemaError};

/// The drivers' names in the log. Drivers know the whole database URL, with its password.
pub const DRIVERS: &[&str] = &[
    "sea_orm",
    "sqlx",
    "sqlx_core",
    "sqlx_mysql",
    "sqlx_postgres",
    "sqlx_sqlite",
];

/// A connected database.
#[derive(Clone, Debug)]
pub struct Store {
    /// The connections for reads. On SQLite, reads never wait for a writer (WAL).
    read: Pool,
    /// The connections for writes. On SQLite it is one connection, so that writers wait here instead of failing as busy.
    write: Pool,
    /// The file for the generated secret of a deployment with SQLite.
    secret_file: Option<PathBuf>,
    /// The PostgreSQL servers that send notifications of invalidations.
    notify_servers: Option<Servers>,
    /// The session cache, if it is on.
    cache: Option<Arc<SessionCache>>,
    /// The sessions that have open sockets on this node.
    watched: Arc<WatchedSessions>,
}

impl Store {
    /// Connects to the database. Fails if it does not answer.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, StoreError> {
        connect::connect(config).await
    }

    /// Adds a cache of about `capacity` sessions, or none with 0.
    #[must_use]
    pub fn with_session_cache(mut self, capacity: u32, clock: Arc<dyn Clock>) -> Self {
        let trust = if self.notify_servers.is_some() {
            CacheTrust::Notifications
        } else {
            CacheTrust::Age
        };
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        self.cache = (capacity > 0).then(|| Arc::new(SessionCache::new(capacity, trust, clock)));
        self
    }

    /// Returns the sessions that have open sockets on this node.
    pub fn watched(&self) -> &Arc<WatchedSessions> {
        &self.watched
    }

    /// Returns whether notifications of all other nodes' changes arrive now.
    pub fn has_notifications(&self) -> bool {
        self.notify_servers.is_some() && self.cache.as_ref().is_some_and(|cache| cache.is_trusted())
    }

    /// Returns the cached session and user of a token. The session may have ended, or another node may have recorded a use
    /// of it: see [`Store::find_session`].
    pub fn cached_session(&self, token: &SessionTokenHash) -> Option<(Session, User)> {
        self.cache.as_ref()?.get(token)
    }

    /// Finds the session and user of a token in the database with one statement, and caches them. The session may have
    /// ended.
    pub async fn find_session(
        &self,
        token: &SessionTokenHash,
    ) -> Result<Option<(Session, User)>, StoreError> {
        let Some(cache) = &self.cache else {
            return self.sessions().find(token).await;
        };
        let ticket = cache.ticket();
        let found = self.sessions().find(token).await?;
        if let Some((session, user)) = &found {
            cache.fill(ticket, token, session, user);
        }
        Ok(found)
    }

    /// Returns whether the caller must write a session's use at `to` to the database. Returns false if another request
    /// writes it.
    pub fn claim_use(&self, token: &SessionTokenHash, from: Timestamp, to: Timestamp) -> bool {
        let cache = self.cache.as_ref();
        cache.is_none_or(|cache| cache.claim_use(token, from, to))
    }

    /// Checks that the database answers and accepts writes, without changing it.
    ///
    /// A read-only server refuses the statement even though no row matches. The check waits for SQLite's single writer, as
    /// logins do.
    pub async fn check_writable(&self) -> Result<(), StoreError> {
        let nothing = "DELETE FROM throttles WHERE 1 = 0";
        bounded(self.write.execute_unprepared(nothing)).await?;
        Ok(())
    }

    /// Returns the table of users, for reading.
    pub fn users(&self) -> Users<'_, Pool> {
        Users::on(&self.read)
    }

    /// Returns the table of sessions, for reading.
    pub fn sessions(&self) -> Sessions<'_, Pool> {
        Sessions::on(&self.read)
    }

    /// Returns the table of users, for a single change.
    pub fn users_mut(&self) -> Users<'_, Pool> {
        Users::on(&self.write)
    }

    /// Returns the table of sessions, for a single change.
    pub fn sessions_mut(&self) -> Sessions<'_, Pool> {
        Sessions::on(&self.write)
    }

    /// Returns the table of security events, for reading.
    pub fn security_events(&self) -> SecurityEvents<'_, Pool> {
        SecurityEvents::on(&self.read)
    }

    /// Returns the table of security events, for a single change.
    pub fn security_events_mut(&self) -> SecurityEvents<'_, Pool> {
        SecurityEvents::on(&self.write)
    }

    /// Returns the table of other systems' hashes, for reading.
    pub fn foreign_hashes(&self) -> ForeignHashes<'_, Pool> {
        ForeignHashes::on(&self.read)
    }

    /// Returns the table of other systems' hashes, for a single change.
    pub fn foreign_hashes_mut(&self) -> ForeignHashes<'_, Pool> {
        ForeignHashes::on(&self.write)
    }

    /// Returns the table of imported users' data, for reading.
    pub fn imported_users(&self) -> ImportedUsers<'_, Pool> {
        ImportedUsers::on(&self.read)
    }

    /// Returns the table of throttles, for reading.
    pub fn throttles(&self) -> Throttles<'_, Pool> {
        Throttles::on(&self.read)
    }

    /// Returns the table of throttles, for a single change.
    pub fn throttles_mut(&self) -> Throttles<'_, Pool> {
        Throttles::on(&self.write)
    }

    /// Returns the table of signing keys, for reading.
    pub fn signing_keys(&self) -> SigningKeys<'_, Pool> {
        SigningKeys::on(&self.read)
    }

    /// Returns the table of signing keys, for a single change.
    pub fn signing_keys_mut(&self) -> SigningKeys<'_, Pool> {
        SigningKeys::on(&self.write)
    }

    /// Closes the connections.
    pub async fn close(self) {
        // Errors are ignored: a connection that cannot be closed is broken. The wait is bounded, because a statement may
        // never end.
        let _ = bounded(self.write.close()).await;
        let _ = bounded(self.read.close()).await;
    }
}
