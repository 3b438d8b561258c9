//! Where users and sessions live.

use std::{convert::Infallible, fmt, path::PathBuf};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

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
            .map_err(|mend| ConfigError { setting, mend })
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

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// Embedded.
    Sqlite,
    /// PostgreSQL 15 or later.
    Postgres,
    /// MySQL 8, or MariaDB 10.11 or later.
    MySql,
}

/// A database's URL, which may hold its password.
#[derive(Clone)]
pub struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    /// Takes any text: the command line's parser would repeat a wrong one, and a password with it.
    fn take(text: &str) -> Self {
        Self(text.into())
    }

    /// Which database it names, by its scheme.
    pub fn kind(&self) -> Option<DatabaseKind> {
        match self.expose().split_once("://")?.0 {
            "sqlite" => Some(DatabaseKind::Sqlite),
            "postgres" | "postgresql" => Some(DatabaseKind::Postgres),
            "mysql" => Some(DatabaseKind::MySql),
            _ => None,
        }
    }

    /// The whole URL, for the driver alone.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Says what is wrong with it, without repeating it.
    fn check(&self) -> Result<(), String> {
        let text = self.expose();
        let wrong = match self.kind() {
            None => "must start with sqlite://, postgres:// or mysql://",
            Some(DatabaseKind::Sqlite) if !names_a_file(text) => {
                "must name a file: what is in memory alone is lost at every restart"
            }
            Some(DatabaseKind::Sqlite) => return Ok(()),
            Some(_) if Url::parse(text).is_ok_and(|url| url.has_host()) => return Ok(()),
            Some(_) => "is no URL; percent-encode special characters in the password",
        };
        Err(wrong.to_owned())
    }
}

/// Whether what follows `sqlite://` is a path on disk.
fn names_a_file(url: &str) -> bool {
    let path = url.trim_start_matches("sqlite://");
    !path.is_empty()
        && !path.starts_with('?')
        && !path.contains(":memory:")
        && !path.contains("mode=memory")
}

/// Shows where the database is, without user, password and options.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.expose();
        if self.kind() == Some(DatabaseKind::Sqlite) {
            return f.write_str(url.split_once('?').map_or(url, |(path, _)| path));
        }
        let Ok(url) = Url::parse(url) else {
            return f.write_str("[REDACTED]");
        };
        write!(
            f,
            "{}://{}",
            url.scheme(),
            url.host_str().unwrap_or_default()
        )?;
        if let Some(port) = url.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(url.path())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_url_never_shows_its_password() {
        let url = DatabaseUrl::take(
            "postgres://gate:hunter2@db.internal:5433/gatelodge?sslpassword=hunter2",
        );
        assert_eq!(
            format!("{url} {url:?}"),
            "postgres://db.internal:5433/gatelodge DatabaseUrl(postgres://db.internal:5433/gatelodge)"
        );
        assert!(!DatabaseUrl::take("hunter2").to_string().contains("hunter2"));
    }

    #[test]
    fn a_wrong_database_url_is_refused_without_being_repeated() {
        for wrong in [
            "hunter2",
            "oracle://u:hunter2@h/d",
            "postgres://u:hun/ter2@:x",
            "sqlite://:memory:hunter2",
            "sqlite://",
            "sqlite://?mode=rwc&hunter2",
        ] {
            let error = DatabaseUrl::take(wrong).check().err();
            assert!(
                error.is_some_and(|error| !error.contains("hunter2")),
                "{wrong}"
            );
        }
    }
}
