//! PostgreSQL: a schema of Gatelodge's own, beside another application in the same database.

use gatelodge::store::Store;
use migration::{Migrator, MigratorTrait};

use crate::harness::{TestApp, TestDatabase, config, on_every_database};

/// Runs a test on PostgreSQL, in a database where another application has tables of the same names.
fn beside_another_application(body: impl AsyncFn(TestDatabase)) {
    on_every_database(async |database| {
        if !database.name().starts_with("postgres") {
            return;
        }
        for sql in [
            "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)",
            "CREATE TABLE sessions (id INTEGER PRIMARY KEY)",
            "INSERT INTO users VALUES (1, 'ada@example.com')",
        ] {
            database.db_execute(sql).await;
        }
        body(database).await;
    });
}

fn with_search_path(database: &TestDatabase, schemas: &str) -> TestDatabase {
    database.with_parameter("options", &format!("-c search_path={schemas}"))
}

async fn public(database: &TestDatabase) -> Vec<String> {
    let dump = database.db_dump().await.into_iter();
    dump.filter(|line| line.starts_with("public ") || line.contains("ada@example.com"))
        .collect()
}

#[test]
fn gatelodge_works_in_a_schema_of_its_own() {
    beside_another_application(async |database| {
        let before = public(&database).await;
        database.db_execute("CREATE SCHEMA gatelodge").await;
        let app = TestApp::spawn(with_search_path(&database, "gatelodge"), |_| {}).await;
        app.register("ada").await;
        app.stop().await;
        let names: Vec<String> = database
            .db_column("SELECT username FROM gatelodge.users")
            .await;
        assert_eq!(names, ["ada"]);
        assert_eq!(public(&database).await, before);
    });
}

#[test]
fn a_later_schema_of_the_search_path_is_never_changed() {
    beside_another_application(async |database| {
        let before = public(&database).await;
        database.db_execute("CREATE SCHEMA gatelodge").await;
        let both = with_search_path(&database, "gatelodge,public");
        let store = Store::connect(&config(&both).database).await.unwrap();
        let refused = store.check_schema().await.unwrap_err().to_string();
        assert!(
            refused.contains("schema `public`, which has a table"),
            "{refused}"
        );
        store.migrate_up().await.unwrap();
        store.check_schema().await.unwrap();
        // The migration is recorded, but its table is gone: `DROP TABLE IF EXISTS` must not find the table of the other
        // schema.
        let gone = "DROP TABLE gatelodge.users, gatelodge.sessions CASCADE";
        database.db_execute(gone).await;
        let all = u32::try_from(Migrator::migrations().len()).unwrap();
        store.migrate_down(all).await.unwrap();
        store.close().await;
        assert_eq!(public(&database).await, before);
    });
}

#[test]
fn the_schema_of_another_application_is_named() {
    beside_another_application(async |database| {
        let store = Store::connect(&config(&database).database).await.unwrap();
        let error = store.migrate_up().await.unwrap_err().to_string();
        assert!(
            error.contains("uses this database (schema `public`)"),
            "{error}"
        );
        store.close().await;
    });
}

#[test]
fn a_search_path_without_an_existing_schema_is_refused() {
    beside_another_application(async |database| {
        let nowhere = with_search_path(&database, "gatelodge");
        let store = Store::connect(&config(&nowhere).database).await.unwrap();
        for refused in [store.migrate_up().await, store.check_schema().await] {
            let error = refused.unwrap_err().to_string();
            assert!(error.contains("CREATE SCHEMA gatelodge"), "{error}");
        }
        store.close().await;
    });
}
