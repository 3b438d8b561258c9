//! Connecting to each kind of database.

pub(crate) mod detached;
pub(crate) mod failover;
pub(crate) mod postgres;
pub(crate) mod retirement;

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    str::FromStr,
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

use self::{failover::Watch, postgres::Servers, retirement::Retirement};
use super::{
    Pool, Store, StoreError,
    error::{bounded, bounded_store},
    schema::{Schema, SchemaError},
};
use crate::config::database::{DatabaseConfig, DatabaseKind};

/// How long SQLite waits for another process's write; less than a statement's whole patience.
const BUSY: Duration = Duration::from_secs(2);
/// How long a statement waits for a free connection, or for a new one.
const ACQUIRE: Duration = Duration::from_millis(2500);

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
    let announced_at = match &config.listen_url {
        Some(url) => Some(Servers::of(url)?),
        None => (!pgbouncer).then(|| servers.clone()),
    };
    let retirement = Retirement::new();
    let retired = retirement.clone();
    let pool = PgPoolOptions::new()
        .max_connections(config.connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE)
        // The driver's own ping has no deadline.
        .test_before_acquire(false)
        .before_acquire(move |connection, metadata| {
            let retirement = retired.clone();
            Box::pin(async move { retirement.check(connection, metadata.age).await })
        })
        .connect_lazy_with(servers.find().await?.options);
    let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
    let watch = Watch::among(retirement, servers, pool);
    let both = Pool::new(connection, watch).behind_pgbouncer(pgbouncer);
    Ok(Store {
        read: both.clone(),
        write: both,
        secret_file: None,
        announced_at,
        cache: None,
    })
}

async fn connect_mysql(config: &DatabaseConfig) -> Result<Store, StoreError> {
    let url = config.url.expose();
    let unusable = |error: sqlx::Error| StoreError::Unavailable(error.to_string());
    let server = MySqlConnectOptions::from_str(url).map_err(unusable)?;
    let server = without_brackets(server);
    // A pool would try again for a while, and forget the reason.
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
        announced_at: None,
        cache: None,
    })
}

/// Takes the brackets off an IPv6 address, which the driver would look up as a name.
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
        announced_at: None,
        cache: None,
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
        // When SQLite runs out of room it ends the transaction by itself, and the driver does not learn of it: all later
        // work would nest in one that nobody commits, acknowledged and lost. Such a connection is thrown away. The ping
        // waits for the rollback that an abandoned transaction has left behind.
        .map_sqlx_sqlite_before_acquire(move |connection, metadata| {
            let keep = !sqlite.retires(metadata.age);
            Box::pin(async move {
                connection.ping().await?;
                Ok(keep && !connection.is_in_transaction())
            })
        });
    let connection = bounded(Database::connect(options)).await?;
    Ok(Pool::new(connection, Watch::new(retirement)))
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE)
        .connect_timeout(ACQUIRE)
        // Statements carry people's names; what is worth logging is logged by `auth`.
        .sqlx_logging(false);
    options
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = options(url, connections);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .journal_mode(SqliteJournalMode::Wal)
            // What is acknowledged survives a power cut, too.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
    });
    options
}

/// Refuses another application's file before anything changes in it: the connections that follow switch it to a
/// write-ahead log.
async fn refuse_foreign(url: &str) -> Result<(), StoreError> {
    let db = open(options(url, 1)).await?;
    let schema = bounded_store(Box::pin(Schema::read(&db))).await;
    db.close().await?;
    match schema {
        Err(StoreError::Schema(error)) if matches!(*error, SchemaError::Foreign { .. }) => {
            Err(StoreError::Schema(error))
        }
        // Everything else is reported when the database is used.
        _ => Ok(()),
    }
}

/// Creates SQLite's file, whose path it tells, so that its owner alone can read it: it holds hashes of passwords and tokens.
///
/// SQLite gives its journals the mode of the database.
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
            "there is no file {}. Create it with `gatelodge migrate up`, or correct DATABASE_URL",
            path.display()
        )));
    }
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
    {
        // Another process was faster: it is the same file.
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
