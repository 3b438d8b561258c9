//! A database that another application uses is recognized before the first change, and left unchanged.

use gatelodge::store::{Store, StoreError};
use migration::{Migrator, MigratorTrait, levels, objects};
use tempfile::TempDir;

use crate::harness::{TestApp, TestDatabase, config, gatelodge, on_every_database};

/// Runs a command on a database, and returns its exit status and output.
fn run(directory: &TempDir, database: &TestDatabase, arguments: &[&str]) -> (Option<i32>, String) {
    let output = gatelodge(directory)
        .env("DATABASE_URL", &database.url)
        .env("GATELODGE_LISTEN", "127.0.0.1:0")
        .args(arguments)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// Returns the output of every command that uses the database.
async fn refusals(database: &TestDatabase) -> Vec<StoreError> {
    let store = match Store::connect(&config(database).database).await {
        Ok(store) => store,
        Err(error) => return vec![error],
    };
    let refused = vec![
        store.migrate_up().await.unwrap_err(),
        store.migrate_down(100).await.unwrap_err(),
        store.check_schema().await.unwrap_err(),
        store.schema().await.unwrap_err(),
    ];
    store.close().await;
    refused
}

/// Asserts that the error names the objects of the other application, and that they are unchanged.
async fn assert_refused(database: &TestDatabase, words: &str) {
    let before = database.db_dump().await;
    for error in refusals(database).await {
        let text = error.to_string();
        assert!(matches!(error, StoreError::Schema(_)), "{text}");
        assert!(text.contains(words), "should name {words}: {text}");
        assert!(text.contains("Give Gatelodge its own database"), "{text}");
    }
    assert!(before == database.db_dump().await, "changed by {words}");
}

const USERS: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(100))";
const SESSIONS: &str = "CREATE TABLE sessions (id VARCHAR(40) PRIMARY KEY, data VARCHAR(100))";

#[test]
fn every_command_names_the_objects_of_another_application_and_changes_nothing() {
    on_every_database(async |database| {
        for sql in [
            USERS,
            SESSIONS,
            "INSERT INTO users VALUES (1, 'ada@example.com')",
        ] {
            database.db_execute(sql).await;
        }
        let before = database.db_dump().await;
        let directory = tempfile::tempdir().unwrap();
        for arguments in [
            &[][..],
            &["--no-migrate"],
            &["migrate", "up"],
            &["migrate", "down"],
            &["migrate", "status"],
            &["user", "list"],
        ] {
            let (status, output) = run(&directory, &database, arguments);
            assert_eq!(status, Some(1), "{arguments:?}: {output}");
            for word in [
                "a table `users` without the column `username`",
                "a table `sessions` without the column `user_id`",
                "has changed nothing",
                "Give Gatelodge its own database",
            ] {
                assert!(
                    output.contains(word),
                    "{arguments:?} should say {word}: {output}"
                );
            }
        }
        assert!(before == database.db_dump().await);
        let emails: Vec<String> = database.db_column("SELECT email FROM users").await;
        assert_eq!(emails, ["ada@example.com"]);
    });
}

#[test]
fn a_view_with_the_name_of_our_table_belongs_to_another_application() {
    on_every_database(async |database| {
        let view = "CREATE VIEW secrets AS SELECT 'a' AS name, 'b' AS secret_value";
        database.db_execute(view).await;
        assert_refused(&database, "a view `secrets`").await;
    });
}

#[test]
fn a_table_with_our_columns_but_other_types_belongs_to_another_application() {
    on_every_database(async |database| {
        let table = "CREATE TABLE users (id INTEGER PRIMARY KEY, username VARCHAR(150), username_key VARCHAR(450), \
                     password_hash VARCHAR(512), created_at INTEGER)";
        database.db_execute(table).await;
        assert_refused(&database, "a table `users` whose column `id` is `int").await;
    });
}

#[test]
fn a_table_like_ours_without_our_earlier_tables_belongs_to_another_application() {
    on_every_database(async |database| {
        let table =
            "CREATE TABLE secrets (name VARCHAR(64) PRIMARY KEY, secret_value VARCHAR(128))";
        database.db_execute(table).await;
        assert_refused(&database, "a table `secrets`, but no `users`").await;
    });
}

#[test]
fn migrations_of_another_seaorm_application_are_named() {
    on_every_database(async |database| {
        for sql in [
            "CREATE TABLE seaql_migrations (version VARCHAR(255) PRIMARY KEY, applied_at BIGINT NOT NULL)",
            "INSERT INTO seaql_migrations VALUES ('m20220101_000001_create_posts', 1)",
        ] {
            database.db_execute(sql).await;
        }
        assert_refused(&database, "m20220101_000001_create_posts").await;
        // Also beside our own tables.
        let ours = "INSERT INTO seaql_migrations VALUES ('m20261123_000001_create_users', 2)";
        database.db_execute(ours).await;
        assert_refused(&database, "m20220101_000001_create_posts").await;
    });
}

#[test]
fn a_table_of_migrations_with_other_columns_belongs_to_another_application() {
    on_every_database(async |database| {
        let table = "CREATE TABLE seaql_migrations (version INTEGER PRIMARY KEY)";
        database.db_execute(table).await;
        assert_refused(&database, "a table `seaql_migrations` with other columns").await;
    });
}

#[test]
fn the_name_of_an_index_or_a_foreign_key_may_be_taken() {
    on_every_database(async |database| {
        let (sql, words): (&[&str], _) = if database.name() == "mysql" {
            (
                &[
                    "CREATE TABLE people (id INTEGER PRIMARY KEY)",
                    "CREATE TABLE logins (user_id INTEGER, CONSTRAINT fk_sessions_user_id FOREIGN KEY (user_id) \
                     REFERENCES people (id))",
                ],
                "a foreign key `fk_sessions_user_id` of the table `logins`",
            )
        } else {
            (
                &[
                    "CREATE TABLE logins (user_id INTEGER)",
                    "CREATE INDEX idx_sessions_user_id ON logins (user_id)",
                ],
                "an index `idx_sessions_user_id` of the table `logins`",
            )
        };
        for sql in sql {
            database.db_execute(sql).await;
        }
        assert_refused(&database, words).await;
    });
}

#[test]
fn sqlite_ignores_case_in_table_names() {
    on_every_database(async |database| {
        if database.is_sqlite() {
            database.db_execute(&USERS.replace("users", "Users")).await;
            assert_refused(&database, "a table `Users` without the column `username`").await;
        }
    });
}

#[test]
fn a_database_of_an_earlier_version_is_ours_unless_a_new_name_is_taken() {
    on_every_database(async |database| {
        let store = Store::connect(&config(&database).database).await.unwrap();
        store.migrate_up().await.unwrap();
        let all = Migrator::migrations();
        let index = all.iter().position(|step| step.name() == levels::FIRST);
        let back = u32::try_from(all.len() - index.unwrap()).unwrap();
        store.migrate_down(back).await.unwrap();
        store.close().await;
        let table = "CREATE TABLE schema_levels (difficulty INTEGER)";
        database.db_execute(table).await;
        assert_refused(
            &database,
            "a table `schema_levels` without the column `migration`",
        )
        .await;
        database.db_execute("DROP TABLE schema_levels").await;
        let app = TestApp::spawn(database, |_| {}).await;
        app.register("ada").await;
        app.stop().await;
    });
}

#[test]
fn tables_with_other_names_are_ignored() {
    on_every_database(async |database| {
        database
            .db_execute("CREATE TABLE articles (id INTEGER)")
            .await;
        let app = TestApp::spawn(database, |_| {}).await;
        app.register("ada").await;
        app.stop().await;
    });
}

#[test]
fn every_object_that_the_migrations_create_is_listed() {
    on_every_database(async |database| {
        if !database.is_sqlite() {
            return;
        }
        let store = Store::connect(&config(&database).database).await.unwrap();
        store.migrate_up().await.unwrap();
        store.close().await;
        let created = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> 'seaql_migrations'";
        for name in database.db_column::<String>(created).await {
            let tables = objects::TABLES.iter().map(|table| table.name);
            let indexes = objects::INDEXES.iter().map(|index| index.name);
            let mut known = tables.chain(indexes);
            assert!(
                known.any(|known| known == name),
                "add {name} to migration/src/objects.rs"
            );
        }
    });
}
