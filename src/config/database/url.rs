//! A database URL: its kind of database, its checks, and a form without secrets for display.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    parameters,
    postgres_url::{INVALID_URL, PostgresUrl},
};

/// The kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// Embedded.
    Sqlite,
    /// PostgreSQL 15 or later.
    Postgres,
    /// MySQL 8, or MariaDB 10.11 or later.
    MySql,
}

/// A database URL. It may contain a password.
#[derive(Clone)]
pub struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    /// Accepts any text. The command line's parser would repeat an invalid URL in its error, with the password in it.
    pub(crate) fn take(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the kind of database, by the URL's scheme.
    pub fn kind(&self) -> Option<DatabaseKind> {
        match self.expose().split_once("://")?.0 {
            "sqlite" => Some(DatabaseKind::Sqlite),
            "postgres" | "postgresql" => Some(DatabaseKind::Postgres),
            "mysql" => Some(DatabaseKind::MySql),
            _ => None,
        }
    }

    /// Returns the whole URL. Only the driver may read it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns one URL for each PostgreSQL host, in order, in the form that the driver reads.
    pub fn postgres_servers(&self) -> Vec<SecretString> {
        let servers = PostgresUrl::parse(self.expose()).map(|url| url.servers());
        servers.unwrap_or_default()
    }

    /// Returns whether PgBouncer is between Gatelodge and PostgreSQL, as the parameter `pgbouncer=true` says.
    pub fn is_pgbouncer(&self) -> bool {
        self.kind() == Some(DatabaseKind::Postgres)
            && PostgresUrl::parse(self.expose()).is_ok_and(|url| url.pgbouncer)
    }

    /// Checks the URL. The error does not repeat it.
    pub(crate) fn check(&self) -> Result<(), String> {
        let text = self.expose();
        let kind = self
            .kind()
            .ok_or("must start with sqlite://, postgres:// or mysql://")?;
        match kind {
            DatabaseKind::Sqlite if !names_a_file(text) => {
                return Err(
                    "must name a file: a database in memory is lost at every restart. Write it like \
                     sqlite://gatelodge.db?mode=rwc"
                        .to_owned(),
                );
            }
            DatabaseKind::Sqlite => {}
            DatabaseKind::Postgres => drop(PostgresUrl::parse(text)?),
            DatabaseKind::MySql => {
                let (_, rest) = text.split_once("://").unwrap_or_default();
                let authority = rest.split(['/', '?']).next().unwrap_or_default();
                let hosts = authority
                    .rsplit_once('@')
                    .map_or(authority, |(_, hosts)| hosts);
                if hosts.contains(',') {
                    return Err(
                        "names several hosts, which only postgres:// supports. Write one host"
                            .to_owned(),
                    );
                }
                if !Url::parse(text).is_ok_and(|url| url.has_host()) {
                    return Err(INVALID_URL.to_owned());
                }
            }
        }
        let (_, query) = text.split_once('?').unwrap_or_default();
        parameters::check(kind, query)
    }
}

/// Returns whether a SQLite URL names a file on disk.
fn names_a_file(url: &str) -> bool {
    let path = url.trim_start_matches("sqlite://");
    !path.is_empty()
        && !path.starts_with('?')
        && !path.contains(":memory:")
        && !path.contains("mode=memory")
}

/// Shows the database's location, without user, password and options.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.expose();
        if self.kind() == Some(DatabaseKind::Sqlite) {
            return f.write_str(url.split_once('?').map_or(url, |(path, _)| path));
        }
        if self.kind() == Some(DatabaseKind::Postgres) {
            return match PostgresUrl::parse(url) {
                Ok(url) => write!(f, "{url}"),
                Err(_) => f.write_str("[REDACTED]"),
            };
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
    fn the_error_for_an_invalid_database_url_does_not_repeat_it() {
        for wrong in [
            "hunter2",
            "oracle://u:hunter2@h/d",
            "postgres://u:hun/ter2@:x",
            "sqlite://:memory:hunter2",
            "sqlite://",
            "sqlite://?mode=rwc&hunter2",
            "sqlite://a.db?mode=rwc&hunter2",
            "postgres://u:x@h/d?password=hunter1&hunter2",
            "postgres://u:x@h/d?sslmode=hunter2",
            "postgres://u:hunter2@h:1:2/d",
            "mysql://u:hunter2@h1,h2/d",
            "postgres://h/d?hunter2=",
            "postgres://h/d?hunter2!=x",
            "mysql://u:a?b&hunter2=@h/d",
            "sqlite://a.db?mode=rwc&hunter2=1",
        ] {
            let error = DatabaseUrl::take(wrong).check().err();
            assert!(
                error.is_some_and(|error| !error.contains("hunter2")),
                "{wrong}"
            );
        }
    }

    #[test]
    fn each_host_of_a_postgres_url_becomes_a_url_of_its_own() {
        for (url, servers) in [
            (
                "postgres://u:p%40+s@h1:5433,h2/db?sslmode=require",
                vec![
                    "postgres:///db?user=u&password=p%40%2Bs&host=h1&port=5433&sslmode=require",
                    "postgres:///db?user=u&password=p%40%2Bs&host=h2&sslmode=require",
                ],
            ),
            (
                "postgresql://u@[::1]:5432/db",
                vec!["postgres:///db?user=u&host=::1&port=5432"],
            ),
            (
                "postgres:///db?host=/run/postgresql",
                vec!["postgres:///db?host=%2Frun%2Fpostgresql"],
            ),
            (
                "postgres://u@/db?host=a,b&port=5433,5434",
                vec![
                    "postgres:///db?user=u&host=a&port=5433",
                    "postgres:///db?user=u&host=b&port=5434",
                ],
            ),
            (
                "postgres:///db?host=a,[::1]&port=6000&pgbouncer=true&target_session_attrs=read-write",
                vec![
                    "postgres:///db?host=a&port=6000",
                    "postgres:///db?host=::1&port=6000",
                ],
            ),
            (
                "postgres://%2Frun%2Fpostgresql/db",
                vec!["postgres:///db?host=%2Frun%2Fpostgresql"],
            ),
        ] {
            let parsed = DatabaseUrl::take(url);
            assert_eq!(parsed.check(), Ok(()), "{url}");
            let all = parsed.postgres_servers();
            let all: Vec<_> = all.iter().map(ExposeSecret::expose_secret).collect();
            assert_eq!(all, servers, "{url}");
            assert_eq!(parsed.is_pgbouncer(), url.contains("pgbouncer"));
        }
    }

    #[test]
    fn the_hosts_of_a_postgres_url_are_shown_without_its_password() {
        for (url, shown) in [
            (
                "postgres://u:hunter2@h1:1,h2/db?sslmode=disable",
                "postgres://h1:1,h2/db",
            ),
            ("postgres://u:hunter2@[::1]:1/db", "postgres://[::1]:1/db"),
            (
                "postgres://u:hunter2@/db?host=/run/postgresql",
                "postgres:///run/postgresql/db",
            ),
        ] {
            assert_eq!(DatabaseUrl::take(url).to_string(), shown);
        }
    }

    #[test]
    fn an_unknown_parameter_is_refused_by_its_name() {
        for (url, name) in [
            ("postgres://h/d?sslmod=verify-full", "sslmod"),
            ("postgres://h/d?ssl_mode=require", "ssl_mode"),
            ("postgres://h/d?connect_timeout=3", "connect_timeout"),
            ("mysql://h/d?ssl_mode=required", "ssl_mode"),
            ("mysql://h/d?sslrootcert=a", "sslrootcert"),
            ("mysql://h/d?pgbouncer=true", "pgbouncer"),
            ("sqlite://a.db?mod=rwc", "mod"),
            ("sqlite://a.db?Mode=rwc", "Mode"),
        ] {
            let error = DatabaseUrl::take(url).check().unwrap_err();
            assert!(error.contains(&format!("`{name}`")), "{url}: {error}");
        }
        // Such a name may be a part of a password.
        for name in [
            "options[a",
            "p4ss",
            "p%C3%A4ss",
            "",
            "battery",
            &"p".repeat(33),
        ] {
            let url = format!("postgres://h/d?{name}=b");
            let error = DatabaseUrl::take(&url).check().unwrap_err();
            assert!(error.contains("an unknown parameter."), "{url}: {error}");
        }
    }

    #[test]
    fn the_error_for_an_invalid_parameter_value_names_the_valid_values() {
        for (url, right) in [
            ("postgres://h/d?sslmode=verifyfull", "verify-full"),
            ("mysql://h/d?ssl-mode=verify-full", "verify_identity"),
            ("sqlite://a.db?mode=wr", "rwc"),
            ("postgres://h/d?pgbouncer=yes", "true"),
            ("postgres://h/d?target_session_attrs=standby", "read-write"),
            ("postgres://u@/d", "no host"),
            ("postgres://h1,/d", "no host"),
            ("postgres://h1,h2/d?port=1,2,3", "port"),
            ("postgres://h/d?port=x", "port"),
            ("postgres://h/d?host=h:5432", "brackets"),
            ("postgres://h/d?hostaddr=db", "hostaddr"),
            ("postgres://h/d?statement-cache-capacity=x", "number"),
        ] {
            let error = DatabaseUrl::take(url).check().err().unwrap_or_default();
            assert!(error.contains(right), "{url}: {error}");
        }
        for right in [
            "postgres://h/d?sslmode=VERIFY-FULL&ssl-ca=a&options[search_path]=x&application_name=g",
            "mysql://h/d?ssl-mode=VERIFY_CA&sslca=a&charset=utf8mb4",
            "sqlite://a.db?mode=rwc&cache=private",
        ] {
            assert_eq!(DatabaseUrl::take(right).check(), Ok(()), "{right}");
        }
    }
}
