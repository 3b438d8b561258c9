//! A fresh database for each test: a file of SQLite, or a database on a server of `TEST_DATABASE_URLS`.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement, TryGetable};
use tempfile::TempDir;
use url::Url;

/// Kind of database, and its server.
#[derive(Clone)]
pub enum Kind {
    Sqlite,
    Server(Url),
}

/// Returns SQLite and the servers that the environment names; with `TEST_THROUGH_PGBOUNCER`, PostgreSQL alone.
pub fn kinds() -> Vec<Kind> {
    let servers = std::env::var("TEST_DATABASE_URLS").unwrap_or_default();
    let servers = servers.split(',').filter(|url| !url.is_empty());
    let servers = servers.map(|url| Kind::Server(Url::parse(url).unwrap()));
    if is_through_pgbouncer() {
        let is_postgres =
            |kind: &Kind| matches!(kind, Kind::Server(url) if url.scheme().starts_with("postgres"));
        return servers.filter(is_postgres).collect();
    }
    [Kind::Sqlite].into_iter().chain(servers).collect()
}

/// Returns whether the apps reach PostgreSQL through PgBouncer.
fn is_through_pgbouncer() -> bool {
    std::env::var_os("TEST_THROUGH_PGBOUNCER").is_some()
}

/// Returns the same URL with the port of a PgBouncer, if the environment names it.
pub fn through_pgbouncer(url: &str, variable: &str) -> Option<String> {
    let port = std::env::var(variable).ok()?.parse().unwrap();
    let mut url = Url::parse(url).unwrap();
    url.set_port(Some(port)).unwrap();
    url.query_pairs_mut().append_pair("pgbouncer", "true");
    Some(url.into())
}

const POSTGRES_DUMP: &[&str] = &[
    "SELECT concat_ws(' ', n.nspname, c.relname, c.relkind, c.oid, c.relfilenode, c.xmin) FROM pg_class c \
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^(pg_|information_schema)' ORDER BY 1",
    "SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, atttypmod, attnotnull, a.xmin) FROM pg_attribute a \
     JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname !~ '^(pg_|information_schema)' ORDER BY 1",
    "SELECT nspname::text FROM pg_namespace ORDER BY 1",
    "SELECT query_to_xml(format('SELECT * FROM %s', c.oid::regclass), true, false, '')::text FROM pg_class c \
     JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname !~ '^(pg_|information_schema)' AND c.relkind IN ('r', 'v') ORDER BY c.oid",
];

const MYSQL_DUMP: &[&str] = &[
    "SELECT CONCAT_WS(' ', table_name, table_type, create_time, update_time, table_rows) FROM information_schema.tables \
     WHERE table_schema = DATABASE() ORDER BY 1",
    "SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, column_default) \
     FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1",
    "SELECT CONCAT_WS(' ', table_name, index_name, column_name) FROM information_schema.statistics \
     WHERE table_schema = DATABASE() ORDER BY 1",
    "SELECT CONCAT_WS(' ', table_name, constraint_name) FROM information_schema.table_constraints \
     WHERE constraint_schema = DATABASE() ORDER BY 1",
];

/// Database of one test.
#[derive(Clone)]
pub struct TestDatabase {
    pub url: String,
    /// The URL without PgBouncer, if the app uses PgBouncer.
    pub direct: Option<String>,
    kind: Kind,
    database: String,
    /// Kept so that the file lives as long as this value.
    _directory: Arc<TempDir>,
}

impl TestDatabase {
    pub async fn create(kind: Kind) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let mut random = [0; 16];
        #[expect(clippy::disallowed_methods, reason = "a name that no other test has")]
        getrandom::fill(&mut random).unwrap();
        let database = format!("gatelodge_test_{:032x}", u128::from_be_bytes(random));
        let url = match &kind {
            Kind::Sqlite => {
                let path = directory.path().join("gatelodge.db");
                format!("sqlite://{}?mode=rwc", path.display())
            }
            Kind::Server(server) => {
                let admin = Database::connect(server.as_str()).await.unwrap();
                admin
                    .execute_unprepared(&format!("CREATE DATABASE {database}"))
                    .await
                    .unwrap();
                admin.close().await.unwrap();
                let mut url = server.clone();
                url.set_path(&database);
                url.into()
            }
        };
        let mut direct = None;
        let url = if is_through_pgbouncer() {
            let through = through_pgbouncer(&url, "TEST_PGBOUNCER_PORT").unwrap();
            direct = Some(url);
            through
        } else {
            url
        };
        Self {
            url,
            direct,
            kind,
            database,
            _directory: directory,
        }
    }

    pub async fn drop_database(&self) {
        let Kind::Server(server) = &self.kind else {
            return;
        };
        let admin = Database::connect(server.as_str()).await.unwrap();
        let force = if server.scheme().starts_with("postgres") {
            " WITH (FORCE)"
        } else {
            ""
        };
        admin
            .execute_unprepared(&format!("DROP DATABASE {}{force}", self.database))
            .await
            .unwrap();
        admin.close().await.unwrap();
    }

    pub fn name(&self) -> &str {
        match &self.kind {
            Kind::Sqlite => "sqlite",
            Kind::Server(url) => url.scheme(),
        }
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.kind, Kind::Sqlite)
    }

    /// Returns the server's address, for a proxy in front of it.
    pub fn server(&self) -> Option<String> {
        match &self.kind {
            Kind::Sqlite => None,
            Kind::Server(url) => Some(format!(
                "{}:{}",
                url.host_str().unwrap(),
                url.port().unwrap()
            )),
        }
    }

    /// Returns the same database, reached by another port.
    pub fn with_port(&self, port: u16) -> Self {
        let mut url = Url::parse(&self.url).unwrap();
        url.set_port(Some(port)).unwrap();
        self.with_url(url)
    }

    /// Returns the same database, with another URL.
    pub fn with_url(&self, url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ..self.clone()
        }
    }

    /// Returns the same database, with a parameter in its URL.
    pub fn with_parameter(&self, name: &str, value: &str) -> Self {
        let mut url = Url::parse(&self.url).unwrap();
        // A driver would not decode `+` as a space.
        let value = value.replace(' ', "%20").replace('=', "%3D");
        url.set_query(Some(&format!("{name}={value}")));
        Self {
            url: url.into(),
            ..self.clone()
        }
    }

    /// Returns the contents, for comparisons: SQLite's file byte for byte, elsewhere the catalog and the rows.
    pub async fn db_dump(&self) -> Vec<String> {
        if self.is_sqlite() {
            let path = self.url.trim_start_matches("sqlite://");
            let path = path.split('?').next().unwrap();
            return vec![format!("{:?}", std::fs::read(path).unwrap())];
        }
        let mut dump = vec![];
        for sql in if self.name() == "mysql" {
            MYSQL_DUMP
        } else {
            POSTGRES_DUMP
        } {
            dump.extend(self.db_column::<String>(sql).await);
        }
        dump
    }

    pub async fn connect(&self) -> DatabaseConnection {
        let url = self.direct.as_ref().unwrap_or(&self.url);
        Database::connect(url).await.unwrap()
    }

    /// Runs a statement behind the app's back.
    pub async fn db_execute(&self, sql: &str) {
        let db = self.connect().await;
        db.execute_unprepared(sql).await.unwrap();
        db.close().await.unwrap();
    }

    /// Returns the first column of a query's result.
    pub async fn db_column<T: TryGetable>(&self, sql: &str) -> Vec<T> {
        let db = self.connect().await;
        let backend = db.get_database_backend();
        let rows = db
            .query_all_raw(Statement::from_string(backend, sql))
            .await
            .unwrap();
        let column = rows
            .iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect();
        db.close().await.unwrap();
        column
    }

    /// Returns the number of rows of a table.
    pub async fn db_count(&self, table: &str) -> i64 {
        self.db_column(&format!("SELECT COUNT(*) FROM {table}"))
            .await[0]
    }
}
