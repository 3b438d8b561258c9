//! Migrations: up, down, interrupted, and run by many nodes at once.

use crate::harness::{TestApp, config, on_every_database};
use gatelodge::store::Store;
use migration::{Migrator, MigratorTrait};

#[test]
fn migrations_go_up_down_and_up_again() {
    on_every_database(async |database| {
        let store = Store::connect(&config(&database).database).await.unwrap();
        let applied = async || {
            let status = store.migration_status().await.unwrap();
            status.iter().filter(|(_, applied)| *applied).count()
        };
        let all = Migrator::migrations().len();
        assert_eq!(applied().await, 0);
        store.migrate_up().await.unwrap();
        assert_eq!(applied().await, all);
        for left in (0..all).rev() {
            store.migrate_down(1).await.unwrap();
            assert_eq!(applied().await, left);
        }
        store.migrate_up().await.unwrap();
        store.migrate_up().await.unwrap();
        assert_eq!(applied().await, all);
        store.close().await;
        let app = TestApp::spawn(database, |_| {}).await;
        app.register("ada").await;
        app.stop().await;
    });
}

#[test]
fn a_migration_interrupted_before_its_record_completes_when_run_again() {
    on_every_database(async |database| {
        let store = Store::connect(&config(&database).database).await.unwrap();
        store.migrate_up().await.unwrap();
        // The changes are made, but not recorded.
        database.db_execute("DELETE FROM seaql_migrations").await;
        store.migrate_up().await.unwrap();
        let all = u32::try_from(Migrator::migrations().len()).unwrap();
        store.migrate_down(all).await.unwrap();
        store.migrate_up().await.unwrap();
        // The opposite case: undone, but still recorded.
        database.db_execute("DROP TABLE sessions").await;
        store.migrate_down(all - 1).await.unwrap();
        store.migrate_up().await.unwrap();
        for table in ["users", "sessions", "throttles", "security_events"] {
            assert_eq!(database.db_count(table).await, 0, "{table}");
        }
        store.close().await;
    });
}

#[test]
fn many_nodes_can_start_at_once_on_an_empty_database() {
    on_every_database(async |database| {
        let mut nodes = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let database = database.clone();
            nodes.spawn(async move {
                let mut config = config(&database).database;
                config.connections = 2;
                let store = Store::connect(&config).await.unwrap();
                let result = store.migrate_up().await;
                store.close().await;
                result
            });
        }
        for result in nodes.join_all().await {
            result.unwrap();
        }
        let all = database.db_count("seaql_migrations").await;
        assert_eq!(usize::try_from(all).unwrap(), Migrator::migrations().len());
    });
}

#[test]
fn an_administrator_from_before_the_index_keeps_the_role() {
    on_every_database(async |database| {
        let store = Store::connect(&config(&database).database).await.unwrap();
        store.migrate_up().await.unwrap();
        let app = TestApp::spawn(database.clone(), |_| {}).await;
        for name in ["ada", "bob"] {
            app.register(name).await;
        }
        app.stop().await;
        let name = "m20261124_000201_add_user_is_admin";
        let all = Migrator::migrations();
        let index = all.iter().position(|one| one.name() == name).unwrap();
        store
            .migrate_down(u32::try_from(all.len() - index).unwrap())
            .await
            .unwrap();
        let promote = "UPDATE users SET roles = ' staff admin ' WHERE username = 'ada'";
        database.db_execute(promote).await;
        store.migrate_up().await.unwrap();
        let found = store.users().admins().await.unwrap();
        let ada = "SELECT username FROM users WHERE is_admin";
        assert_eq!(database.db_column::<String>(ada).await, ["ada"]);
        assert_eq!(found.len(), 1);
        store.close().await;
    });
}
