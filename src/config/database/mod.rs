//! Where users and sessions live.

pub(crate) mod parameters;
pub(crate) mod postgres_url;
pub(crate) mod url;

use std::{convert::Infallible, path::PathBuf};

use clap::Args;

pub use self::url::{DatabaseKind, DatabaseUrl};
use super::{ConfigError, secret_file};

/// The database.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Database")]
pub struct DatabaseConfig {
    /// The database: sqlite://, postgres:// or mysql://
    #[arg(
        long = "database-url",
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://gatelodge.db?mode=rwc",
        value_parser = |text: &str| Ok::<_, Infallible>(DatabaseUrl::take(text))
    )]
    pub url: DatabaseUrl,

    /// A file that holds the database's URL, instead of the URL itself
    #[arg(long = "database-url-file", env = "DATABASE_URL_FILE")]
    pub url_file: Option<PathBuf>,

    /// PostgreSQL without PgBouncer in between, for notifications between nodes [default: the database's URL]
    #[arg(
        long = "database-listen-url",
        env = "GATELODGE_DATABASE_LISTEN_URL",
        hide_env_values = true,
        value_parser = |text: &str| Ok::<_, Infallible>(DatabaseUrl::take(text))
    )]
    pub listen_url: Option<DatabaseUrl>,

    /// A file that holds the listen URL, instead of the URL itself
    #[arg(
        long = "database-listen-url-file",
        env = "GATELODGE_DATABASE_LISTEN_URL_FILE"
    )]
    pub listen_url_file: Option<PathBuf>,

    /// Connections kept to the database; SQLite has one writer beside them
    #[arg(long = "database-connections", env = "GATELODGE_DATABASE_CONNECTIONS", default_value = "16", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub connections: u32,
}

impl DatabaseConfig {
    /// Reads the URL's file where one is named, and judges the URL.
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
            Err("works with PostgreSQL only: both URLs must start with postgres://".to_owned())
        } else if url.is_pgbouncer() {
            Err("must reach PostgreSQL directly: PgBouncer passes no notifications on".to_owned())
        } else {
            url.check()
        };
        checked.map_err(|problem| ConfigError { setting, problem })
    }
}

impl DatabaseConfig {
    /// Keeps SQLite from making a database where there is none: for commands on one that is in use.
    pub fn must_exist(&mut self) {
        let url = self.url.expose();
        if self.url.kind() == Some(DatabaseKind::Sqlite) {
            self.url = DatabaseUrl::take(&url.replace("mode=rwc", "mode=rw"));
        }
    }
}
