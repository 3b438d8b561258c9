//! Schema levels: a database that a newer version has migrated serves this one if the newer version allows it.

use std::{collections::BTreeMap, process::Output};

use chrono::TimeDelta;
use gatelodge::store::Store;
use migration::{
    Migrator, MigratorTrait,
    levels::{LEVEL, LEVELS},
};
use reqwest::StatusCode;
use tempfile::TempDir;

use crate::harness::{TestApp, TestDatabase, config, gatelodge, on_every_database};

/// How long an answer of `/readyz` is good.
const A_SECOND: TimeDelta = TimeDelta::seconds(1);
const FUTURE: &str = "m20990101_000001_add_future";

/// Imitates a newer version's migration: it writes its level first, then its record.
async fn migrate_further(database: &TestDatabase, min_level: i32) {
    let level = LEVEL + 1;
    for sql in [
        format!("INSERT INTO schema_levels VALUES ('{FUTURE}', {level}, {min_level}, '9.8.7')"),
        format!("INSERT INTO seaql_migrations VALUES ('{FUTURE}', 1)"),
    ] {
        database.db_execute(&sql).await;
    }
}

async fn migrated(database: &TestDatabase) -> Store {
    let store = Store::connect(&config(database).database).await.unwrap();
    store.migrate_up().await.unwrap();
    store
}

fn run(database: &TestDatabase, arguments: &[&str]) -> (Option<i32>, String) {
    let directory = tempfile::tempdir().unwrap();
    status_and_output(command(&directory, database, arguments))
}

fn command(directory: &TempDir, database: &TestDatabase, arguments: &[&str]) -> Output {
    gatelodge(directory)
        .env("DATABASE_URL", &database.url)
        .env("GATELODGE_LISTEN", "127.0.0.1:0")
        .args(arguments)
        .output()
        .unwrap()
}

fn status_and_output(output: Output) -> (Option<i32>, String) {
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert!(!text.contains("is missing, this migration"), "{text}");
    (output.status.code(), text)
}

fn healthcheck(app: &TestApp) -> Option<i32> {
    let directory = tempfile::tempdir().unwrap();
    let mut command = gatelodge(&directory);
    command.arg("healthcheck");
    command.env("GATELODGE_LISTEN", app.public.to_string());
    command.status().unwrap().code()
}

/// Asserts that `migrate down` names the version that can undo its migration.
fn assert_down_names_the_version(database: &TestDatabase) {
    let (status, output) = run(database, &["migrate", "down"]);
    assert_eq!(status, Some(1), "{output}");
    for word in [FUTURE, "`gatelodge migrate down` with Gatelodge 9.8.7"] {
        assert!(output.contains(word), "should say {word}: {output}");
    }
}

#[test]
fn a_newer_database_that_allows_this_schema_level_is_served() {
    on_every_database(async |database| {
        let old = TestApp::spawn(database.clone(), |_| {}).await;
        old.register("ada").await;
        migrate_further(&database, LEVEL).await;
        let restarted = TestApp::spawn(database.clone(), |_| {}).await;
        let unmigrating = old
            .another_node(|config| config.server.no_migrate = true)
            .await;
        for app in [&old, &restarted, &unmigrating] {
            app.advance(A_SECOND);
            let ready = app.browser().get("/readyz").await;
            assert_eq!(ready.status, StatusCode::OK);
            assert_eq!(healthcheck(app), Some(0));
            let admin = app.browser().at(app.admin).get("/readyz").await.json();
            assert_eq!(admin["schema"]["level"], LEVEL + 1);
            assert_eq!(admin["schema"]["programLevel"], LEVEL);
            assert_eq!(admin["schema"]["version"], "9.8.7");
        }
        restarted.register("bob").await;
        for app in [old, restarted, unmigrating] {
            app.stop().await;
        }

        let (status, output) = run(&database, &["user", "list"]);
        assert_eq!(status, Some(0), "{output}");
        assert!(output.contains("ada") && output.contains("bob"), "{output}");
        for direction in ["status", "up"] {
            let (status, output) = run(&database, &["migrate", direction]);
            assert_eq!(status, Some(0), "{output}");
            assert!(output.contains(&format!("applied {FUTURE}")), "{output}");
            assert!(
                output.contains("9.8.7") && !output.contains("cannot serve"),
                "{output}"
            );
        }
        assert_down_names_the_version(&database);
    });
}

#[test]
fn a_newer_database_that_needs_a_higher_level_is_refused_with_the_level_and_version() {
    on_every_database(async |database| {
        let app = TestApp::spawn(database.clone(), |_| {}).await;
        migrate_further(&database, LEVEL + 1).await;
        let before = database.db_dump().await;
        // A running node becomes not ready.
        let public = app.browser().get("/readyz").await;
        assert_eq!(public.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!public.text.contains("9.8.7"), "{}", public.text);
        assert_eq!(healthcheck(&app), Some(1));
        let admin = app.browser().at(app.admin).get("/readyz").await;
        assert_eq!(admin.status, StatusCode::SERVICE_UNAVAILABLE);
        let words = [
            format!("schema level {} (Gatelodge 9.8.7)", LEVEL + 1),
            format!("with level {LEVEL}"),
            "Run Gatelodge 9.8.7 or later".to_owned(),
        ];
        for word in &words {
            assert!(
                admin.text.contains(word),
                "should say {word}: {}",
                admin.text
            );
        }
        // No command starts.
        for arguments in [
            &[][..],
            &["--no-migrate"],
            &["migrate", "up"],
            &["user", "list"],
        ] {
            let (status, output) = run(&database, arguments);
            assert_eq!(status, Some(1), "{arguments:?}: {output}");
            for word in &words {
                assert!(
                    output.contains(word),
                    "{arguments:?} should say {word}: {output}"
                );
            }
        }
        let (status, output) = run(&database, &["migrate", "status"]);
        assert_eq!(status, Some(0), "{output}");
        assert!(
            output.contains("cannot serve") && output.contains(FUTURE),
            "{output}"
        );
        assert_down_names_the_version(&database);
        if !database.is_sqlite() {
            assert_eq!(before, database.db_dump().await);
        }

        // The newer version undoes its migration, and the node is ready without a restart.
        for table in [
            "seaql_migrations WHERE version",
            "schema_levels WHERE migration",
        ] {
            let sql = format!("DELETE FROM {table} = '{FUTURE}'");
            database.db_execute(&sql).await;
        }
        app.advance(A_SECOND);
        assert_eq!(app.browser().get("/readyz").await.status, StatusCode::OK);
        app.stop().await;
    });
}

#[test]
fn a_schema_level_takes_effect_as_soon_as_it_is_written() {
    on_every_database(async |database| {
        let store = migrated(&database).await;
        // MySQL commits each schema change by itself. Here the newer version was interrupted before its record.
        migrate_further(&database, LEVEL + 1).await;
        let record = format!("DELETE FROM seaql_migrations WHERE version = '{FUTURE}'");
        database.db_execute(&record).await;
        let refused = store.migrate_up().await.unwrap_err().to_string();
        assert!(
            refused.contains("Run Gatelodge 9.8.7 or later"),
            "{refused}"
        );
        store.close().await;
    });
}

#[test]
fn a_newer_database_that_lacks_a_migration_of_this_version_is_left_to_the_newer_version() {
    on_every_database(async |database| {
        let store = migrated(&database).await;
        migrate_further(&database, LEVEL).await;
        let name = "m20261124_000203_index_users_by_beginning";
        let record = format!("DELETE FROM seaql_migrations WHERE version = '{name}'");
        database.db_execute(&record).await;
        let refused = store.migrate_up().await.unwrap_err().to_string();
        for word in [name, "`gatelodge migrate up` with Gatelodge 9.8.7"] {
            assert!(refused.contains(word), "should say {word}: {refused}");
        }
        store.close().await;
    });
}

#[test]
fn schema_levels_are_added_and_removed_with_their_migrations() {
    on_every_database(async |database| {
        let store = migrated(&database).await;
        let levels = "SELECT migration FROM schema_levels ORDER BY level";
        let all: Vec<_> = LEVELS.iter().map(|level| level.migration).collect();
        assert_eq!(database.db_column::<String>(levels).await, all);
        for left in (1..all.len()).rev() {
            store.migrate_down(1).await.unwrap();
            assert_eq!(database.db_column::<String>(levels).await, all[..left]);
        }
        store.migrate_down(1).await.unwrap();
        assert_eq!(store.schema().await.unwrap().level(), 0);
        store.migrate_up().await.unwrap();
        // A lost level is written again.
        database.db_execute("DELETE FROM schema_levels").await;
        store.migrate_up().await.unwrap();
        assert_eq!(database.db_column::<String>(levels).await, all);
        store.close().await;
    });
}

#[test]
fn a_migration_only_adds_to_the_schema() {
    on_every_database(async |database| {
        if !database.is_sqlite() {
            return;
        }
        let store = migrated(&database).await;
        let all = Migrator::migrations();
        // Undo all migrations one by one.
        for index in (0..all.len()).rev() {
            let after = columns(&database).await;
            store.migrate_down(1).await.unwrap();
            let before = columns(&database).await;
            let name = all[index].name();
            for (column, data_type) in &before {
                assert_eq!(
                    after.get(column),
                    Some(data_type),
                    "{name} changes {column}"
                );
            }
            let tables: Vec<_> = before
                .keys()
                .filter_map(|column| column.split('.').next())
                .collect();
            for (column, data_type) in after
                .iter()
                .filter(|(column, _)| !before.contains_key(*column))
            {
                let is_new_table = !tables.contains(&column.split('.').next().unwrap());
                let may_be_left_out =
                    data_type.ends_with(" 0") || data_type.ends_with(" 1 default");
                assert!(
                    is_new_table || may_be_left_out,
                    "{name}: earlier programs do not fill {column}"
                );
            }
        }
        store.close().await;
    });
}

/// Returns all columns with their types, whether they are required, and whether they have a default.
async fn columns(database: &TestDatabase) -> BTreeMap<String, String> {
    let sql = "SELECT m.name || '.' || p.name || ' ' || p.type || ' ' || p.\"notnull\" || \
               CASE WHEN p.\"notnull\" AND p.dflt_value IS NOT NULL THEN ' default' ELSE '' END \
               FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'";
    let lines: Vec<String> = database.db_column(sql).await;
    let pairs = lines.iter().map(|line| line.split_once(' ').unwrap());
    pairs
        .map(|(name, rest)| (name.to_owned(), rest.to_owned()))
        .collect()
}
