//! Health: alive, ready, and what is missing.

use chrono::TimeDelta;
use migration::{
    Migrator, MigratorTrait,
    levels::{LEVEL, LEVELS},
};
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{TestApp, on_every_database, test};

/// How long the result of a check is good.
const A_SECOND: TimeDelta = TimeDelta::seconds(1);

#[test]
fn a_node_that_can_serve_says_so_on_both_listeners() {
    test(async |app| {
        for address in [app.public, app.admin] {
            let browser = app.browser().at(address).on_page(None);
            for path in ["/healthz", "/readyz"] {
                let reply = browser.get(path).await;
                assert_eq!(reply.status, StatusCode::OK);
                assert_eq!(reply.json()["status"], "ok");
            }
        }
        let admin = app.browser().at(app.admin).on_page(None);
        assert_eq!(
            admin.get("/readyz").await.json(),
            json!({
                "status": "ok",
                "database": "ok",
                "pendingMigrations": [],
                "signingKey": "ok",
                "schema": {
                    "programLevel": LEVEL,
                    "level": LEVEL,
                    "minLevel": LEVELS.last().unwrap().min_level,
                    "version": env!("CARGO_PKG_VERSION"),
                },
            })
        );
        assert_eq!(
            admin.get("/graphql?query={me{id}}").await.status,
            StatusCode::NOT_FOUND
        );
        assert_eq!(
            app.browser().get("/metrics").await.status,
            StatusCode::NOT_FOUND
        );
    });
}

#[test]
fn without_its_migrations_a_node_is_not_ready_and_only_the_admin_listener_says_why() {
    on_every_database(async |database| {
        let app = TestApp::spawn(database, |config| config.server.no_migrate = true).await;
        let public = app.browser().get("/readyz").await;
        assert_eq!(public.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(public.json(), json!({ "status": "unavailable" }));
        let admin = app.browser().at(app.admin).get("/readyz").await;
        assert_eq!(admin.status, StatusCode::SERVICE_UNAVAILABLE);
        let pending = admin.json()["pendingMigrations"]
            .as_array()
            .unwrap()
            .clone();
        assert_eq!(pending.len(), Migrator::migrations().len(), "{pending:?}");
        assert_eq!(app.browser().get("/healthz").await.status, StatusCode::OK);

        // The database is migrated, and the node is ready without a restart.
        app.auth.store().migrate_up().await.unwrap();
        // Each check writes to the database: both listeners answer a flood of probes by one check a second.
        for address in [app.public, app.admin] {
            let ready = app.browser().at(address).get("/readyz").await;
            assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
        }
        app.advance(A_SECOND);
        assert_eq!(app.browser().get("/readyz").await.status, StatusCode::OK);
        assert_eq!(app.browser().me().await, None);
        app.stop().await;
    });
}
