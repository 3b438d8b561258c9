//! PostgreSQL servers: finds the writable host of a URL, and checks that its database can be used.

use std::{str::FromStr, time::Duration};

use sea_orm::sqlx::{self, ConnectOptions, Connection, Executor, Row, postgres::PgConnectOptions};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use crate::{
    config::database::DatabaseUrl,
    store::{StoreError, rights},
};

/// Timeout of each host.
const TIMEOUT: Duration = Duration::from_millis(2500);

/// The servers of a URL, in order.
#[derive(Clone, Debug)]
pub(crate) struct Servers {
    all: Vec<PgConnectOptions>,
}

/// A server that answered.
pub(crate) struct AvailableServer {
    pub(crate) options: PgConnectOptions,
    pub(crate) is_writable: bool,
}

impl Servers {
    pub(crate) fn of(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let pgbouncer = url.is_pgbouncer();
        let options = |server: &secrecy::SecretString| {
            let options = PgConnectOptions::from_str(server.expose_secret())
                .map_err(|error| StoreError::Unavailable(error.to_string()))?;
            // Statements contain usernames. `auth` logs what is needed.
            let options = options.disable_statement_logging();
            Ok(if pgbouncer {
                // A prepared statement would be used on another server connection, which does not have it. PgBouncer
                // 1.18 refuses the start-up parameter.
                options.statement_cache_capacity(0).extra_float_digits(None)
            } else {
                options
            })
        };
        let all: Result<_, StoreError> = url.postgres_servers().iter().map(options).collect();
        Ok(Self { all: all? })
    }

    /// Returns whether there is more than one.
    pub(crate) fn are_several(&self) -> bool {
        self.all.len() > 1
    }

    /// Returns the first writable server. If none is writable, returns the first that answers. A server whose database
    /// cannot be used is skipped. The error names it if there is no other.
    pub(crate) async fn find(&self) -> Result<AvailableServer, StoreError> {
        let (mut read_only, mut unsuitable) = (None, None);
        let mut errors = vec![];
        for options in &self.all {
            let status = timeout(TIMEOUT, inspect(options)).await;
            match status.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut)) {
                Ok(status) => {
                    if let Err(error) = status.check_encoding() {
                        unsuitable = unsuitable.or(Some(error));
                        continue;
                    }
                    let found = AvailableServer {
                        options: options.clone(),
                        is_writable: status.is_writable,
                    };
                    if found.is_writable {
                        return Ok(found);
                    }
                    read_only = read_only.or(Some(found));
                }
                Err(error) => {
                    errors.push(format!("{}: {}", address(options), cause(&error, options)));
                }
            }
        }
        read_only.ok_or_else(|| match unsuitable {
            Some(StoreError::Unsuitable(problem)) => {
                errors.insert(0, problem);
                StoreError::Unsuitable(errors.join("; "))
            }
            _ => StoreError::Unavailable(errors.join("; ")),
        })
    }
}

/// The encoding and state of a server's database.
struct ServerStatus {
    encoding: String,
    is_writable: bool,
}

impl ServerStatus {
    /// Checks that the encoding is UTF-8. Names and user agents are Unicode, and other encodings cannot hold all of them.
    fn check_encoding(&self) -> Result<(), StoreError> {
        if self.encoding == "UTF8" {
            return Ok(());
        }
        Err(StoreError::Unsuitable(format!(
            "its encoding is {}, which cannot hold all names. Create another database: CREATE DATABASE … ENCODING 'UTF8' \
             TEMPLATE template0",
            self.encoding
        )))
    }
}

async fn inspect(options: &PgConnectOptions) -> Result<ServerStatus, sqlx::Error> {
    let mut connection = options.connect().await?;
    // Not a prepared statement, because the server may be PgBouncer.
    let row = connection
        .fetch_one(
            "SELECT current_setting('server_encoding'), current_setting('transaction_read_only')",
        )
        .await?;
    let read_only: String = row.try_get(1)?;
    let status = ServerStatus {
        encoding: row.try_get(0)?,
        is_writable: read_only == "off",
    };
    // An error is ignored: a connection that cannot be closed is broken.
    let _ = connection.close().await;
    Ok(status)
}

/// Returns a server's address, for messages.
fn address(options: &PgConnectOptions) -> String {
    let (host, port) = (options.get_host(), options.get_port());
    match options.get_socket() {
        Some(folder) => format!("{}/.s.PGSQL.{port}", folder.display()),
        None if host.contains(':') => format!("[{host}]:{port}"),
        None => format!("{host}:{port}"),
    }
}

fn cause(error: &sqlx::Error, options: &PgConnectOptions) -> String {
    match error {
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::PoolTimedOut => format!("no answer within {} ms", TIMEOUT.as_millis()),
        sqlx::Error::Database(error) if error.message().contains("startup parameter") => {
            format!("{error}. Is this PgBouncer? Add pgbouncer=true to the URL's parameters")
        }
        sqlx::Error::Database(error)
            if error.code().as_deref() == Some(rights::POSTGRES_DENIED) =>
        {
            rights::named(
                &rights::by_postgres(error.message()),
                &rights::quoted(options.get_username()),
            )
        }
        _ => error.to_string(),
    }
}
