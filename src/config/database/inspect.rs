//! What a database URL says of its server and its password, for `gatelodge config` and `gatelodge doctor`.

use std::{net::IpAddr, path::PathBuf};

use url::{Url, form_urlencoded};

use super::{
    postgres_url::PostgresUrl,
    url::{DatabaseKind, DatabaseUrl},
};
use crate::config::values::redacted::REDACTED;

impl DatabaseUrl {
    /// Returns whether the URL has a password. An invalid URL may have one.
    pub fn has_password(&self) -> bool {
        match self.kind() {
            Some(DatabaseKind::Sqlite) => false,
            Some(DatabaseKind::Postgres) => {
                PostgresUrl::parse(self.expose()).map_or(true, |url| url.has_password())
            }
            _ => Url::parse(self.expose()).map_or(true, |url| url.password().is_some()),
        }
    }

    /// Returns SQLite's file.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        if self.kind() != Some(DatabaseKind::Sqlite) {
            return None;
        }
        let (path, _) = self.expose().split_once('?').unwrap_or((self.expose(), ""));
        let path = path.trim_start_matches("sqlite:");
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = percent_decode(path);
        Some(PathBuf::from(path))
    }

    /// Returns whether the server is on this machine, or reached by a socket.
    pub fn is_local(&self) -> bool {
        match self.kind() {
            Some(DatabaseKind::Sqlite) => true,
            Some(DatabaseKind::Postgres) => {
                PostgresUrl::parse(self.expose()).is_ok_and(|url| url.is_local())
            }
            _ => Url::parse(self.expose()).is_ok_and(|url| {
                is_local_host(url.host_str().unwrap_or_default())
                    || url.query_pairs().any(|(name, _)| name == "socket")
            }),
        }
    }

    /// Returns whether the server's certificate and name are checked.
    pub fn verifies_server(&self) -> bool {
        let (_, query) = self.expose().split_once('?').unwrap_or_default();
        form_urlencoded::parse(query.as_bytes()).any(|(name, value)| {
            matches!(&*name, "sslmode" | "ssl-mode")
                && matches!(
                    value.to_ascii_lowercase().as_str(),
                    "verify-full" | "verify_identity"
                )
        })
    }

    /// Returns the URL with `[redacted]` in place of its password.
    pub fn redacted(&self) -> String {
        let url = self.expose();
        match self.kind() {
            Some(DatabaseKind::Sqlite) => url.to_owned(),
            Some(DatabaseKind::Postgres) => {
                PostgresUrl::parse(url).map_or_else(|_| REDACTED.to_owned(), |url| url.redacted())
            }
            _ => match Url::parse(url) {
                Ok(parsed) if parsed.password().is_none() => url.to_owned(),
                Ok(parsed) => {
                    let (_, after) = url.rsplit_once('@').unwrap_or_default();
                    format!("mysql://{}:{REDACTED}@{after}", parsed.username())
                }
                Err(_) => REDACTED.to_owned(),
            },
        }
    }
}

/// Decodes a percent-encoded path.
fn percent_decode(path: &str) -> String {
    // A form has spaces as `+`, which a path does not.
    let path = format!("path={}", path.replace('+', "%2B").replace('&', "%26"));
    let decoded = form_urlencoded::parse(path.as_bytes()).next();
    decoded.map_or_else(String::new, |(_, path)| path.into_owned())
}

/// Returns whether a host is this machine.
pub(crate) fn is_local_host(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redacted_database_url_shows_everything_but_its_password() {
        for (url, shown) in [
            ("sqlite://a.db?mode=rwc", "sqlite://a.db?mode=rwc"),
            (
                "postgres://gate:hunter2@h1,h2:1/d?sslmode=require",
                "postgres://gate:[redacted]@h1,h2:1/d?sslmode=require",
            ),
            (
                "postgres://gate@h/d?password=hunter2&pgbouncer=true",
                "postgres://gate@h/d?password=[redacted]&pgbouncer=true",
            ),
            ("postgres://h/d", "postgres://h/d"),
            ("postgres://u:hunter2@:x", "[redacted]"),
            ("mysql://gate:hunter2@h/d", "mysql://gate:[redacted]@h/d"),
            ("mysql://gate:hun@ter2@h/d", "mysql://gate:[redacted]@h/d"),
            ("mysql://gate@h:3306/d", "mysql://gate@h:3306/d"),
            ("hunter2", "[redacted]"),
        ] {
            let parsed = DatabaseUrl::take(url);
            assert_eq!(parsed.redacted(), shown);
            assert_eq!(parsed.has_password(), shown.contains(REDACTED), "{url}");
        }
    }
}
