//! A database that refuses to write, as after a failover: the node is not ready, and recovers as soon as writes
//! succeed.

use chrono::TimeDelta;
use gatelodge::config::database::DatabaseConfig;
use reqwest::StatusCode;

use crate::harness::{PASSWORD, TestApp, TestDatabase, config, eventually, on_every_database};

/// How long an answer of `/readyz` is kept.
const A_SECOND: TimeDelta = TimeDelta::seconds(1);

/// Returns the same database by connections that cannot write.
fn read_only(database: &TestDatabase) -> DatabaseConfig {
    let url = match database.name() {
        "sqlite" => database.url.replace("mode=rwc", "mode=ro"),
        // The driver sets the time zone in a statement of its own.
        "mysql" => format!(
            "{}?timezone=%2B00:00',SESSION+tx_read_only='ON",
            database.url
        ),
        _ => format!("{}?options[default_transaction_read_only]=on", database.url),
    };
    config(&database.with_url(url)).database
}

/// Starts a node whose connections cannot write, beside one whose connections can.
async fn read_only_node(app: &TestApp) -> TestApp {
    let database = read_only(&app.database);
    app.another_node(|config| {
        config.database.url = database.url.clone();
        config.server.no_migrate = true;
    })
    .await
}

/// Returns the server's numbers of this database's connections, except the listeners and this one.
async fn connections(database: &TestDatabase) -> Vec<i64> {
    let sql = if database.name() == "mysql" {
        "SELECT CAST(id AS SIGNED) FROM information_schema.processlist
         WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    } else {
        "SELECT pid::bigint FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()
         AND application_name <> 'gatelodge listener'"
    };
    database.db_column(sql).await
}

#[test]
fn a_node_whose_database_is_read_only_is_not_ready_and_says_why_on_the_admin_listener() {
    on_every_database(async |database| {
        let app = TestApp::spawn(database, |_| {}).await;
        let browser = app.register("ada").await;
        assert_eq!(browser.get("/readyz").await.status, StatusCode::OK);
        let node = read_only_node(&app).await;
        let there = browser.at(node.public);
        let ready = there.get("/readyz").await;
        assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
        let why = there.at(node.admin).get("/readyz").await.json()["database"].to_string();
        let why = why.to_ascii_lowercase();
        assert!(
            why.contains("read only") || why.contains("read-only") || why.contains("readonly"),
            "{why}"
        );
        // The node still answers requests that need no write.
        assert_eq!(there.me().await.as_deref(), Some("ada"));
        node.stop().await;
        app.stop().await;
    });
}

#[test]
fn a_connection_that_refuses_to_write_is_closed() {
    on_every_database(async |database| {
        if database.is_sqlite() {
            return;
        }
        let app = TestApp::spawn(database.clone(), |_| {}).await;
        app.register("ada").await;
        let node = read_only_node(&app).await;
        app.stop().await;
        // A background task may have closed the only connection a moment ago.
        let before = std::cell::RefCell::default();
        eventually("the node has a connection", async || {
            node.browser().me().await;
            before.replace(connections(&database).await);
            !before.borrow().is_empty()
        })
        .await;
        let before = before.into_inner();
        eventually("all connections are opened again", async || {
            let reply = node.browser().login_reply("ada", PASSWORD).await;
            assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{reply:?}");
            let now = connections(&database).await;
            before.iter().all(|connection| !now.contains(connection))
        })
        .await;
        node.stop().await;
    });
}

#[test]
fn a_node_writes_again_without_a_restart_when_its_database_becomes_writable() {
    on_every_database(async |database| {
        if !database.name().starts_with("postgres") {
            return;
        }
        let app = TestApp::spawn(database.clone(), |_| {}).await;
        app.register("ada").await;
        let [name] = &database
            .db_column::<String>("SELECT current_database()::text")
            .await[..]
        else {
            panic!("no database");
        };
        let read_only = async |value: &str| {
            let sql = format!("ALTER DATABASE {name} SET default_transaction_read_only = {value}");
            let sql = format!("BEGIN READ WRITE; {sql}; COMMIT");
            database.db_execute(&sql).await;
        };
        read_only("on").await;
        database
            .db_execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await;
        eventually("the node's connections are read-only", async || {
            app.advance(A_SECOND);
            app.browser().get("/readyz").await.status == StatusCode::SERVICE_UNAVAILABLE
        })
        .await;
        // All connections in the pool stay read-only.
        read_only("off").await;
        eventually("the node writes again", async || {
            app.browser().login_reply("ada", PASSWORD).await.status == StatusCode::OK
        })
        .await;
        app.advance(A_SECOND);
        assert_eq!(app.browser().get("/readyz").await.status, StatusCode::OK);
        app.stop().await;
    });
}
