//! Several nodes on one database: a session that ends on one ends on all, even if the connection between them fails.

use chrono::TimeDelta;
use reqwest::StatusCode;

use crate::harness::{
    Browser, PASSWORD, Proxy, ProxyState, TestApp, TestDatabase, config, eventually,
    on_every_database, test,
};

const SECOND: TimeDelta = TimeDelta::seconds(1);

/// Returns whether a node answers from its cache: it does not show changes made behind its back.
async fn answers_from_cache(database: &TestDatabase, browser: &Browser) -> bool {
    let Some(shown) = browser.me().await else {
        return false;
    };
    let other = if shown == "ada" { "Ada" } else { "ada" };
    database
        .db_execute(&format!("UPDATE users SET username = '{other}'"))
        .await;
    browser.me().await == Some(shown)
}

/// Waits until a node receives notifications, and answers from its cache.
async fn wait_until_cached(database: &TestDatabase, browser: &Browser) {
    eventually("a session is cached", async || {
        answers_from_cache(database, browser).await
    })
    .await;
}

/// A user who is signed in on two nodes with one session.
async fn on_two_nodes(app: &TestApp, other: &TestApp) -> (Browser, Browser) {
    let browser = app.register("ada").await.browser;
    let there = browser.at(other.public);
    wait_until_cached(&app.database, &browser).await;
    wait_until_cached(&app.database, &there).await;
    (browser, there)
}

/// Cuts the connections that listen for notifications.
async fn cut_listeners(database: &TestDatabase) {
    database
        .db_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'gatelodge listener'",
        )
        .await;
}

/// Runs a test on PostgreSQL, whose nodes notify each other, if there is one.
fn on_postgres(body: impl AsyncFn(TestDatabase)) {
    on_every_database(async |database| {
        if database.name().starts_with("postgres") {
            body(database).await;
        }
    });
}

/// Starts a node that reaches the database through a proxy.
async fn node_behind_proxy(app: &TestApp, proxy: &Proxy) -> TestApp {
    let database = config(&app.database.with_port(proxy.port)).database;
    app.another_node(|config| config.database.url = database.url.clone())
        .await
}

#[test]
fn a_session_that_ends_on_one_node_ends_on_another_within_a_second() {
    test(async |app| {
        let other = app.another_node(|_| {}).await;
        let (browser, there) = on_two_nodes(app, &other).await;
        // The browser's own jar is empty after this, so the test uses the copied cookie.
        let copied = there.token().unwrap();
        assert!(browser.logout().await);
        for browser in [&browser, &there] {
            browser.set_token(&copied);
        }
        assert_eq!(browser.me().await, None, "at once where it ended");
        if app.database.name().starts_with("postgres") {
            // The clock stands still, so only the notification can end it.
            eventually("the other node is notified", async || {
                there.me().await.is_none()
            })
            .await;
        }
        app.advance(SECOND);
        assert_eq!(there.me().await, None);
        other.stop().await;
    });
}

#[test]
fn a_new_username_is_visible_on_another_node_within_a_second() {
    test(async |app| {
        let other = app.another_node(|_| {}).await;
        let (browser, there) = on_two_nodes(app, &other).await;
        let payload = browser
            .mutate(
                "changeUsername",
                serde_json::json!({ "username": "grace" }),
                "user { username }",
            )
            .await;
        assert_eq!(payload["user"]["username"], "grace");
        assert_eq!(browser.me().await.as_deref(), Some("grace"));
        app.advance(SECOND);
        eventually("the other node shows it", async || {
            there.me().await.as_deref() == Some("grace")
        })
        .await;
        other.stop().await;
    });
}

#[test]
fn a_node_whose_listener_is_killed_trusts_no_cached_session_after_a_second() {
    on_postgres(async |database| {
        let app = TestApp::spawn(database, |_| {}).await;
        let other = app.another_node(|_| {}).await;
        let (browser, there) = on_two_nodes(&app, &other).await;
        let copied = there.token().unwrap();
        cut_listeners(&app.database).await;
        assert!(browser.logout().await);
        there.set_token(&copied);
        assert_eq!(browser.me().await, None, "at once where it ended");
        app.advance(SECOND);
        assert_eq!(there.me().await, None);
        // It receives notifications again.
        browser.login("ada", PASSWORD).await;
        wait_until_cached(&app.database, &there).await;
        other.stop().await;
        app.stop().await;
    });
}

#[test]
fn a_node_without_its_database_trusts_no_cached_session_after_a_second() {
    for state in [ProxyState::Cut, ProxyState::Frozen] {
        on_postgres(async |database| {
            let proxy = Proxy::to(database.server().unwrap()).await;
            let app = TestApp::spawn(database, |_| {}).await;
            let other = node_behind_proxy(&app, &proxy).await;
            let (browser, there) = on_two_nodes(&app, &other).await;
            let copied = there.token().unwrap();
            proxy.set(state);
            assert!(browser.logout().await);
            there.set_token(&copied);
            // The clock stands still, so a cached session is valid until its second ends.
            assert!(there.me().await.is_some(), "{state:?}");
            app.advance(SECOND);
            let reply = there.run("{ me { id } }", serde_json::json!({})).await;
            assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{reply:?}");

            proxy.set(ProxyState::Open);
            eventually("the node serves again, and knows", async || {
                let reply = there.run("{ me { id } }", serde_json::json!({})).await;
                reply.status == StatusCode::OK && reply.data()["me"].is_null()
            })
            .await;
            let back = other.log_in("ada").await;
            wait_until_cached(&app.database, &back).await;
            other.stop().await;
            app.stop().await;
        });
    }
}

#[test]
fn after_a_database_restart_nodes_serve_and_receive_notifications_again() {
    on_postgres(async |database| {
        let proxy = Proxy::to(database.server().unwrap()).await;
        let direct = database.clone();
        let app = TestApp::spawn(database.with_port(proxy.port), |_| {}).await;
        let other = app.another_node(|_| {}).await;
        let (browser, there) = on_two_nodes(&app, &other).await;
        proxy.set(ProxyState::Cut);
        app.advance(SECOND);
        for browser in [&browser, &there] {
            let reply = browser.run("{ me { id } }", serde_json::json!({})).await;
            assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{reply:?}");
        }
        proxy.set(ProxyState::Open);
        for browser in [&browser, &there] {
            eventually("the node serves again", async || {
                let reply = browser.run("{ me { id } }", serde_json::json!({})).await;
                reply.status == StatusCode::OK
            })
            .await;
            wait_until_cached(&direct, browser).await;
        }
        let copied = there.token().unwrap();
        assert!(browser.logout().await);
        there.set_token(&copied);
        eventually("the other node is notified", async || {
            there.me().await.is_none()
        })
        .await;
        other.stop().await;
        app.stop().await;
    });
}
