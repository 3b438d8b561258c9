//! Connects to each kind of database.

pub(crate) mod detached;
pub(crate) mod failover;
pub(crate) mod postgres;
pub(crate) mod retirement;

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use sea_orm::{
    ConnectOptions, Database, DbErr, RuntimeErr, SqlxPostgresConnector,
    sqlx::{
        self, ConnectOptions as _, Connection,
        mysql::MySqlConnectOptions,
        postgres::PgPoolOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use self::{failover::ErrorObserver, postgres::Servers, retirement::Retirement};
use super::{
    Pool, Store, StoreError,
    error::{bounded, bounded_store},
    schema::{Schema, SchemaError},
};
use crate::config::database::{DatabaseConfig, DatabaseKind};

/// How long SQLite waits for another process's write. Shorter than the timeout of a statement.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a statement waits for a free or new connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(2500);

pub(super) async fn connect(config: &DatabaseConfig) -> Result<Store, StoreError> {
    match config.url.kind() {
        Some(DatabaseKind::Postgres) => connect_postgres(config).await,
        Some(DatabaseKind::MySql) => connect_mysql(config).await,
        _ => connect_sqlite(config).await,
    }
}

async fn connect_postgres(config: &DatabaseConfig) -> Result<Store, StoreError> {
    let pgbouncer = config.url.is_pgbouncer();
    let servers = Servers::of(&config.url)?;
    let notify_servers = match &config.listen_url {
        Some(url) => Some(Servers::of(url)?),
        None => (!pgbouncer).then(|| servers.clone()),
    };
    let retirement = Retirement::new();
    let retired = retirement.clone();
    let pool = PgPoolOptions::new()
        .max_connections(config.connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // The driver's own ping has no deadline.
        .test_before_acquire(false)
        .before_acquire(move |connection, metadata| {
            let retirement = retired.clone();
            Box::pin(async move { retirement.check(connection, metadata.age).await })
        })
        .connect_lazy_with(servers.find().await?.options);
    let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
    let observer = ErrorObserver::among(retirement, servers, pool);
    let both = Pool::new(connection, observer).behind_pgbouncer(pgbouncer);
    Ok(Store {
        read: both.clone(),
        write: both,
        secret_file: None,
        notify_servers,
        cache: None,
        watched: Arc::default(),
    })
}

async fn connect_mysql(config: &DatabaseConfig) -> Result<Store, StoreError> {
    let url = config.url.expose();
    let unusable = |error: sqlx::Error| StoreError::Unavailable(error.to_string());
    let server = MySqlConnectOptions::from_str(url).map_err(unusable)?;
    let server = without_brackets(server);
    // Tests one connection first: a pool would retry for a while, and would not report the reason.
    let probe = bounded(async {
        let connection = server.connect().await.map_err(connection_error)?;
        connection.close().await.map_err(connection_error)
    });
    probe.await.map_err(|error| match error {
        StoreError::Unavailable(why) => StoreError::Unavailable(format!(
            "{}:{}: {why}",
            server.get_host(),
            server.get_port()
        )),
        other => other,
    })?;
    let mut options = options(url, config.connections);
    options.map_sqlx_mysql_opts(without_brackets);
    let both = open(options).await?;
    Ok(Store {
        read: both.clone(),
        write: both,
        secret_file: None,
        notify_servers: None,
        cache: None,
        watched: Arc::default(),
    })
}

/// Removes the brackets of an IPv6 address. With brackets, the driver would resolve it as a name.
fn without_brackets(options: MySqlConnectOptions) -> MySqlConnectOptions {
    let host = options.get_host().trim_matches(['[', ']']).to_owned();
    options.host(&host)
}

fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

async fn connect_sqlite(config: &DatabaseConfig) -> Result<Store, StoreError> {
    let url = config.url.expose();
    let database = create_private(url)?;
    refuse_foreign(url).await?;
    let write = open(sqlite(url, 1)).await?;
    let read = open(sqlite(url, config.connections)).await?;
    Ok(Store {
        read,
        write,
        secret_file: Some(database.with_extension("secret")),
        notify_servers: None,
        cache: None,
        watched: Arc::default(),
    })
}

async fn open(mut options: ConnectOptions) -> Result<Pool, StoreError> {
    let retirement = Retirement::new();
    let (mysql, sqlite) = (retirement.clone(), retirement.clone());
    options
        .test_before_acquire(false)
        .map_sqlx_mysql_before_acquire(move |connection, metadata| {
            let retirement = mysql.clone();
            Box::pin(async move { retirement.check(connection, metadata.age).await })
        })
        // When the disk is full, SQLite ends the transaction by itself, and the driver does not notice. All later work
        // would be in a nested transaction that is never committed: acknowledged and lost. Such a connection is closed.
        // The ping waits for the rollback of an abandoned transaction.
        .map_sqlx_sqlite_before_acquire(move |connection, metadata| {
            let keep = !sqlite.is_retired(metadata.age);
            Box::pin(async move {
                connection.ping().await?;
                Ok(keep && !connection.is_in_transaction())
            })
        });
    let connection = bounded(Database::connect(options)).await?;
    Ok(Pool::new(connection, ErrorObserver::new(retirement)))
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(ACQUIRE_TIMEOUT)
        // Statements contain usernames. `auth` logs what is needed.
        .sqlx_logging(false);
    options
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = options(url, connections);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .journal_mode(SqliteJournalMode::Wal)
            // Acknowledged changes survive a power failure.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
    });
    options
}

/// Refuses another application's file before anything changes in it. Later connections switch the file to a write-ahead
/// log.
async fn refuse_foreign(url: &str) -> Result<(), StoreError> {
    let db = open(options(url, 1)).await?;
    let schema = bounded_store(Box::pin(Schema::read(&db))).await;
    db.close().await?;
    match schema {
        Err(StoreError::Schema(error)) if matches!(*error, SchemaError::Foreign { .. }) => {
            Err(StoreError::Schema(error))
        }
        // All other errors are reported when the database is used.
        _ => Ok(()),
    }
}

/// Creates SQLite's file if needed, and returns its path. Only the owner can read the file, because it contains hashes of
/// passwords and tokens.
///
/// SQLite creates its journals with the same mode.
fn create_private(url: &str) -> Result<PathBuf, StoreError> {
    let options = SqliteConnectOptions::from_str(url).map_err(connection_error)?;
    let may_create = url
        .split_once('?')
        .is_some_and(|(_, query)| query.split('&').any(|pair| pair == "mode=rwc"));
    let path = options.get_filename().to_owned();
    if path.exists() {
        if !url.contains("mode=ro") {
            check_writable(&path)?;
        }
        return Ok(path);
    }
    if !may_create {
        return Err(StoreError::Unsuitable(format!(
            "there is no file {}. Write ?mode=rwc in DATABASE_URL and run `gatelodge migrate up`, or correct DATABASE_URL",
            path.display()
        )));
    }
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
    {
        // Another process created the same file first.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(path),
        Err(error) => Err(not_writable("create the file", &path, &error)),
        Ok(_) => Ok(path),
    }
}

/// Checks that SQLite's file can be written, and that its folder can: SQLite writes its journals there.
fn check_writable(path: &Path) -> Result<(), StoreError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(|error| not_writable("write to the file", path, &error))?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let probe = path.with_extension(format!("probe-{}", std::process::id()));
    match OpenOptions::new().write(true).create_new(true).open(&probe) {
        Ok(_) => {
            // A file that stays is empty and does no harm.
            let _ = std::fs::remove_file(&probe);
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(not_writable("create files in the folder", folder, &error)),
    }
}

/// Says what the process may not do with SQLite's file or folder, and what to do.
fn not_writable(action: &str, path: &Path, error: &std::io::Error) -> StoreError {
    let path = path.display();
    let why = match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            "the system user that Gatelodge runs as lacks the right to write. Give that user the database's folder and \
             files (chown, chmod u+rw), or run Gatelodge as their owner"
                .to_owned()
        }
        std::io::ErrorKind::ReadOnlyFilesystem => {
            "its file system is read-only. Mount it writable, or name another file in DATABASE_URL".to_owned()
        }
        std::io::ErrorKind::NotFound => {
            "its folder does not exist. Create the folder, or name another file in DATABASE_URL".to_owned()
        }
        _ => error.to_string(),
    };
    StoreError::Denied(format!("cannot {action} {path}: {why}"))
}
