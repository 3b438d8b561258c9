//! Where users and sessions are kept: one file a table. The only room that names SeaORM and the entities.
//!
//! It gives and takes domain types, and knows no rules: who may log in is `auth`'s to say.

use std::{path::PathBuf, sync::Arc};

use sea_orm::ConnectionTrait;

mod connect;
mod entity;
mod error;
mod migrations;
mod rights;
mod schema;
pub mod session;
pub mod tables;
pub(crate) mod transaction;

pub use self::connect::detached::{DetachedTransaction, Pool};
pub use self::session::invalidation::Invalidation;
pub use self::tables::foreign_hashes::{ForeignHashRow, ForeignHashes};
pub use self::tables::imported_users::ImportedUsers;
pub use self::tables::security_events::SecurityEvents;
pub use self::tables::sessions::Sessions;
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
    read: Pool,
    /// Does writes. On SQLite it is one connection, so that writers queue here instead of failing as busy.
    write: Pool,
    /// Where SQLite's deployment keeps a secret that it made for itself.
    secret_file: Option<PathBuf>,
    /// Where PostgreSQL announces what is stale.
    announced_at: Option<Servers>,
    /// Sessions that need not be asked for.
    cache: Option<Arc<SessionCache>>,
}

impl Store {
    /// Connects; the database must answer.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, StoreError> {
        connect::connect(config).await
    }

    /// The same, but it remembers about `most` sessions; none with 0.
    #[must_use]
    pub fn remembering(mut self, most: u32, clock: Arc<dyn Clock>) -> Self {
        let heed = if self.announced_at.is_some() {
            CacheTrust::Announcements
        } else {
            CacheTrust::Age
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        self.cache = (most > 0).then(|| Arc::new(SessionCache::new(most, heed, clock)));
        self
    }

    /// Finds the session of a token, and whose it is: remembered, or in one statement; live or not.
    ///
    /// What is remembered and not `live` is asked for anew: another node may have noted a use.
    pub async fn find_session(
        &self,
        token: &SessionTokenHash,
        live: impl Fn(&Session) -> bool,
    ) -> Result<Option<(Session, User)>, StoreError> {
        let Some(cache) = &self.cache else {
            return self.sessions().find(token).await;
        };
        let remembered = cache.get(token);
        if let Some(found) = remembered.filter(|(session, _)| live(session)) {
            return Ok(Some(found));
        }
        let ticket = cache.ticket();
        let found = self.sessions().find(token).await?;
        if let Some((session, user)) = &found {
            cache.fill(ticket, token, session, user);
        }
        Ok(found)
    }

    /// Whether a use of a session at `to` is the caller's to write: not, if another request is about to.
    pub fn claim_use(&self, token: &SessionTokenHash, from: Timestamp, to: Timestamp) -> bool {
        let cache = self.cache.as_ref();
        cache.is_none_or(|cache| cache.claim_use(token, from, to))
    }

    /// Checks that the database answers, and accepts writes. Changes nothing.
    ///
    /// A read-only server refuses the statement although no row matches. SQLite's single writer is waited for, as logins
    /// wait for it.
    pub async fn check_writable(&self) -> Result<(), StoreError> {
        let nothing = "DELETE FROM throttles WHERE 1 = 0";
        bounded(self.write.execute_unprepared(nothing)).await?;
        Ok(())
    }

    /// The people, for reading.
    pub fn users(&self) -> Users<'_, Pool> {
        Users::on(&self.read)
    }

    /// The sessions, for reading.
    pub fn sessions(&self) -> Sessions<'_, Pool> {
        Sessions::on(&self.read)
    }

    /// The people, for a single change.
    pub fn users_mut(&self) -> Users<'_, Pool> {
        Users::on(&self.write)
    }

    /// The sessions, for a single change.
    pub fn sessions_mut(&self) -> Sessions<'_, Pool> {
        Sessions::on(&self.write)
    }

    /// The security events, for reading.
    pub fn security_events(&self) -> SecurityEvents<'_, Pool> {
        SecurityEvents::on(&self.read)
    }

    /// The security events, for a single change.
    pub fn security_events_mut(&self) -> SecurityEvents<'_, Pool> {
        SecurityEvents::on(&self.write)
    }

    /// The hashes of other systems, for reading.
    pub fn foreign_hashes(&self) -> ForeignHashes<'_, Pool> {
        ForeignHashes::on(&self.read)
    }

    /// The hashes of other systems, for a single change.
    pub fn foreign_hashes_mut(&self) -> ForeignHashes<'_, Pool> {
        ForeignHashes::on(&self.write)
    }

    /// What people brought from elsewhere, for reading.
    pub fn imported_users(&self) -> ImportedUsers<'_, Pool> {
        ImportedUsers::on(&self.read)
    }

    /// The throttles, for reading.
    pub fn throttles(&self) -> Throttles<'_, Pool> {
        Throttles::on(&self.read)
    }

    /// The throttles, for a single change.
    pub fn throttles_mut(&self) -> Throttles<'_, Pool> {
        Throttles::on(&self.write)
    }

    /// Closes the connections.
    pub async fn close(self) {
        // A connection that cannot be closed is as good as closed; one whose statement never ends is not waited for.
        let _ = bounded(self.write.close()).await;
        let _ = bounded(self.read.close()).await;
    }
}
