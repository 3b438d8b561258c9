//! The database that holds users and sessions.

pub(crate) mod inspect;
pub(crate) mod parameters;
pub(crate) mod postgres_url;
pub(crate) mod url;

use std::{convert::Infallible, path::PathBuf};

use clap::Args;

pub use self::url::{DatabaseKind, DatabaseUrl};
use super::{ConfigError, secret_file};

/// The settings of the database.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Database")]
pub struct DatabaseConfig {
    /// URL of the database: sqlite://, postgres:// or mysql://
    #[arg(
        long = "database-url",
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://gatelodge.db?mode=rwc",
        value_parser = |text: &str| Ok::<_, Infallible>(DatabaseUrl::take(text))
    )]
    pub url: DatabaseUrl,

    /// File that contains the database URL
    #[arg(long = "database-url-file", env = "DATABASE_URL_FILE")]
    pub url_file: Option<PathBuf>,

    /// URL that reaches PostgreSQL directly, without PgBouncer, for notifications between nodes [default: the database
    /// URL]
    #[arg(
        long = "database-listen-url",
        env = "GATELODGE_DATABASE_LISTEN_URL",
        hide_env_values = true,
        value_parser = |text: &str| Ok::<_, Infallible>(DatabaseUrl::take(text))
    )]
    pub listen_url: Option<DatabaseUrl>,

    /// File that contains the listen URL
    #[arg(
        long = "database-listen-url-file",
        env = "GATELODGE_DATABASE_LISTEN_URL_FILE"
    )]
    pub listen_url_file: Option<PathBuf>,

    /// Maximum number of database connections. SQLite has one more, for writing
    #[arg(long = "database-connections", env = "GATELODGE_DATABASE_CONNECTIONS", default_value = "16", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub connections: u32,
}

impl DatabaseConfig {
    /// Reads the URLs' files, if set, and checks the URLs.
    pub fn resolve(&mut self) -> Result<(), ConfigError> {
        let mut setting = "DATABASE_URL";
        if let Some(path) = &self.url_file {
            setting = "DATABASE_URL_FILE";
            self.url = DatabaseUrl::take(&secret_file::read(path, setting)?);
        }
        self.url
            .check()
            .map_err(|problem| ConfigError { setting, problem })?;
        self.resolve_listen_url()
    }

    fn resolve_listen_url(&mut self) -> Result<(), ConfigError> {
        let mut setting = "GATELODGE_DATABASE_LISTEN_URL";
        if let Some(path) = &self.listen_url_file {
            setting = "GATELODGE_DATABASE_LISTEN_URL_FILE";
            self.listen_url = Some(DatabaseUrl::take(&secret_file::read(path, setting)?));
        }
        let Some(url) = &self.listen_url else {
            return Ok(());
        };
        let kinds = (self.url.kind(), url.kind());
        let checked = if kinds != (Some(DatabaseKind::Postgres), Some(DatabaseKind::Postgres)) {
            Err(
                "works only with PostgreSQL: this URL and DATABASE_URL must start with postgres://"
                    .to_owned(),
            )
        } else if url.is_pgbouncer() {
            Err(
                "must reach PostgreSQL directly: PgBouncer does not forward notifications. Remove pgbouncer=true, and \
                 write PostgreSQL's own address"
                    .to_owned(),
            )
        } else {
            url.check()
        };
        checked.map_err(|problem| ConfigError { setting, problem })
    }
}

impl DatabaseConfig {
    /// Stops SQLite from creating a missing database. For commands that work on an existing one.
    pub fn must_exist(&mut self) {
        let url = self.url.expose();
        if self.url.kind() == Some(DatabaseKind::Sqlite) {
            self.url = DatabaseUrl::take(&url.replace("mode=rwc", "mode=rw"));
        }
    }
}
