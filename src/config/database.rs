//! Where users and sessions live.

use std::{fmt, path::PathBuf, str::FromStr};

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
        default_value = "sqlite://gatelodge.db?mode=rwc"
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
    /// Reads the URL's file where one is named.
    pub fn resolve(&mut self) -> Result<(), ConfigError> {
        if let Some(path) = &self.url_file {
            let text = secret_file::read(path, "DATABASE_URL_FILE")?;
            self.url = text.parse().map_err(|mend| ConfigError {
                setting: "DATABASE_URL_FILE",
                mend,
            })?;
        }
        Ok(())
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
pub struct DatabaseUrl {
    kind: DatabaseKind,
    url: SecretString,
}

impl DatabaseUrl {
    /// Which database it names.
    pub fn kind(&self) -> DatabaseKind {
        self.kind
    }

    /// The whole URL, for the driver alone.
    pub fn expose(&self) -> &str {
        self.url.expose_secret()
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kind = match text.split_once("://").map(|(scheme, _)| scheme) {
            Some("sqlite") => DatabaseKind::Sqlite,
            Some("postgres" | "postgresql") => DatabaseKind::Postgres,
            Some("mysql") => DatabaseKind::MySql,
            _ => {
                return Err("must start with sqlite://, postgres:// or mysql://".to_owned());
            }
        };
        // The message must not repeat the URL: it may hold a password.
        match kind {
            DatabaseKind::Sqlite if text.contains(":memory:") || text.contains("mode=memory") => {
                return Err(
                    "must name a file: what is in memory alone is lost at every restart".to_owned(),
                );
            }
            DatabaseKind::Sqlite => {}
            _ if Url::parse(text).is_ok_and(|url| url.has_host()) => {}
            _ => {
                return Err(
                    "is not a URL; percent-encode special characters in the password".to_owned(),
                );
            }
        }
        Ok(Self {
            kind,
            url: text.into(),
        })
    }
}

/// Shows where the database is, without user, password and options.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == DatabaseKind::Sqlite {
            let url = self.expose();
            return f.write_str(url.split_once('?').map_or(url, |(path, _)| path));
        }
        let Ok(url) = Url::parse(self.expose()) else {
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
        let shown = "postgres://gate:hunter2@db.internal:5433/gatelodge?sslpassword=hunter2"
            .parse::<DatabaseUrl>()
            .map(|url| format!("{url} {url:?}"));
        assert_eq!(
            shown.as_deref(),
            Ok(
                "postgres://db.internal:5433/gatelodge DatabaseUrl(postgres://db.internal:5433/gatelodge)"
            )
        );
    }

    #[test]
    fn a_wrong_database_url_is_refused_without_being_repeated() {
        for wrong in [
            "hunter2",
            "oracle://u:hunter2@h/d",
            "postgres://u:hun/ter2@:x",
            "sqlite://:memory:hunter2",
        ] {
            let error = wrong.parse::<DatabaseUrl>().err();
            assert!(
                error.is_some_and(|error| !error.contains("hunter2")),
                "{wrong}"
            );
        }
    }
}
