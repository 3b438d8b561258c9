//! PostgreSQL's servers: which of a URL's hosts is writable, and whether its database is one that can be used.

use std::{str::FromStr, time::Duration};

use sea_orm::sqlx::{self, ConnectOptions, Connection, Executor, Row, postgres::PgConnectOptions};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use crate::{
    config::database::DatabaseUrl,
    store::{StoreError, rights},
};

/// How long each host may take to answer.
const TIMEOUT: Duration = Duration::from_millis(2500);

/// The servers that a URL names, in its order.
#[derive(Clone, Debug)]
pub(crate) struct Servers {
    all: Vec<PgConnectOptions>,
}

/// A server that answered.
pub(crate) struct Found {
    pub(crate) options: PgConnectOptions,
    pub(crate) is_writable: bool,
}

impl Servers {
    pub(crate) fn of(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let pgbouncer = url.is_pgbouncer();
        let options = |server: &secrecy::SecretString| {
            let options = PgConnectOptions::from_str(server.expose_secret())
                .map_err(|error| StoreError::Unavailable(error.to_string()))?;
            // Statements carry users' names; what is worth logging is logged by `auth`.
            let options = options.disable_statement_logging();
            Ok(if pgbouncer {
                // A statement that is kept would be asked for on another server connection; PgBouncer 1.18 refuses the
                // start-up parameter.
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

    /// Returns the first server that is writable; if none is, the first that answers. A server whose database cannot be
    /// used is passed over; the error names it when there is no other.
    pub(crate) async fn find(&self) -> Result<Found, StoreError> {
        let (mut read_only, mut unsuitable) = (None, None);
        let mut errors = vec![];
        for options in &self.all {
            let looked = timeout(TIMEOUT, look(options)).await;
            match looked.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut)) {
                Ok(server) => {
                    if let Err(error) = server.check_encoding() {
                        unsuitable = unsuitable.or(Some(error));
                        continue;
                    }
                    let found = Found {
                        options: options.clone(),
                        is_writable: server.is_writable,
                    };
                    if found.is_writable {
                        return Ok(found);
                    }
                    read_only = read_only.or(Some(found));
                }
                Err(error) => {
                    errors.push(format!("{}: {}", address(options), cause(&error, options)))
                }
            }
        }
        read_only
            .ok_or_else(|| unsuitable.unwrap_or_else(|| StoreError::Unavailable(errors.join("; "))))
    }
}

/// What a server says of itself.
struct Server {
    encoding: String,
    is_writable: bool,
}

impl Server {
    /// Names and user agents are Unicode; another encoding cannot hold them.
    fn check_encoding(&self) -> Result<(), StoreError> {
        if self.encoding == "UTF8" {
            return Ok(());
        }
        Err(StoreError::Unsuitable(format!(
            "its encoding is {}, which cannot hold all names. Create another: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE \
             template0",
            self.encoding
        )))
    }
}

async fn look(options: &PgConnectOptions) -> Result<Server, sqlx::Error> {
    let mut connection = options.connect().await?;
    // Not prepared: PgBouncer may be in between.
    let row = connection
        .fetch_one(
            "SELECT current_setting('server_encoding'), current_setting('transaction_read_only')",
        )
        .await?;
    let read_only: String = row.try_get(1)?;
    let server = Server {
        encoding: row.try_get(0)?,
        is_writable: read_only == "off",
    };
    // A connection that cannot be closed is as good as closed.
    let _ = connection.close().await;
    Ok(server)
}

/// Returns where a server is, for messages.
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
                options.get_username(),
            )
        }
        _ => error.to_string(),
    }
}
