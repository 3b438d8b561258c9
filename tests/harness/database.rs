//! A fresh database for each test: a file of SQLite, or a database on a server of `TEST_DATABASE_URLS`.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement, TryGetable};
use tempfile::TempDir;
use url::Url;

/// Where databases are made.
#[derive(Clone)]
pub enum Kind {
    Sqlite,
    Server(Url),
}

/// SQLite always, and what the environment names.
pub fn kinds() -> Vec<Kind> {
    let servers = std::env::var("TEST_DATABASE_URLS").unwrap_or_default();
    let servers = servers.split(',').filter(|url| !url.is_empty());
    [Kind::Sqlite]
        .into_iter()
        .chain(servers.map(|url| Kind::Server(Url::parse(url).unwrap())))
        .collect()
}

/// A database of one test's own.
#[derive(Clone)]
pub struct TestDatabase {
    pub url: String,
    kind: Kind,
    database: String,
    /// Held so that the file lives as long as the database's name.
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
        Self {
            url,
            kind,
            database,
            _directory: directory,
        }
    }

    pub async fn drop_it(&self) {
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

    /// Where the server is, for a proxy in front of it.
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

    /// The same database, reached by another port.
    pub fn by_port(&self, port: u16) -> Self {
        let mut url = Url::parse(&self.url).unwrap();
        url.set_port(Some(port)).unwrap();
        Self {
            url: url.into(),
            ..self.clone()
        }
    }

    pub async fn connect(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.unwrap()
    }

    /// Runs a statement behind the app's back.
    pub async fn db_execute(&self, sql: &str) {
        let db = self.connect().await;
        db.execute_unprepared(sql).await.unwrap();
        db.close().await.unwrap();
    }

    /// The first column of what a statement finds.
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

    /// How many rows a table has.
    pub async fn db_count(&self, table: &str) -> i64 {
        self.db_column(&format!("SELECT COUNT(*) FROM {table}"))
            .await[0]
    }
}
