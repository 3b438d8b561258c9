//! Several nodes on one database: what ends on one ends on all, whatever breaks between them.

use chrono::TimeDelta;
use reqwest::StatusCode;

use crate::harness::{
    Browser, Door, Proxy, TestApp, TestDatabase, config, eventually, on_every_database, test,
};

const PASSWORD: &str = "correct horse";
const SECOND: TimeDelta = TimeDelta::seconds(1);

/// Whether a node answers from memory: it shows nothing of what is changed behind its back.
async fn remembers(database: &TestDatabase, browser: &Browser) -> bool {
    let Some(shown) = browser.me().await else {
        return false;
    };
    let other = if shown == "ada" { "Ada" } else { "ada" };
    database
        .db_execute(&format!("UPDATE users SET username = '{other}'"))
        .await;
    browser.me().await == Some(shown)
}

/// Waits until a node hears the others, and answers from memory.
async fn remembering(database: &TestDatabase, browser: &Browser) {
    eventually("a session is remembered", async || {
        remembers(database, browser).await
    })
    .await;
}

/// A person who is signed in on two nodes by one session.
async fn on_two_nodes(app: &TestApp, other: &TestApp) -> (Browser, Browser) {
    let browser = app.browser();
    browser.registered("ada", PASSWORD).await;
    let there = browser.at(other.public);
    remembering(&app.database, &browser).await;
    remembering(&app.database, &there).await;
    (browser, there)
}

/// Cuts the connections that listen.
async fn cut_listeners(database: &TestDatabase) {
    database
        .db_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'gatelodge listener'",
        )
        .await;
}

/// Runs a test on PostgreSQL, whose nodes hear each other, if there is one.
fn on_postgres(body: impl AsyncFn(TestDatabase)) {
    on_every_database(async |database| {
        if database.name().starts_with("postgres") {
            body(database).await;
        }
    });
}

/// A node whose way to the database has a door.
async fn behind(app: &TestApp, proxy: &Proxy) -> TestApp {
    let database = config(&app.database.by_port(proxy.port)).database;
    app.another_node(|config| config.database.url = database.url.clone())
        .await
}

#[test]
fn what_ends_on_one_node_ends_on_another_within_a_second() {
    test(async |app| {
        let other = app.another_node(|_| {}).await;
        let (browser, there) = on_two_nodes(app, &other).await;
        // The browser's own jar is empty after this; the copy of its cookie is what is tried.
        let copied = there.token().unwrap();
        assert!(browser.logout().await);
        for browser in [&browser, &there] {
            browser.set_token(&copied);
        }
        assert_eq!(browser.me().await, None, "at once where it ended");
        if app.database.name().starts_with("postgres") {
            // The clock stands still: nothing but the announcement ends it.
            eventually("the other node hears of it", async || {
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
fn a_new_name_is_seen_on_another_node_within_a_second() {
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
fn a_node_whose_listener_is_killed_in_the_middle_believes_nothing_after_a_second() {
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
        // It hears again.
        browser.login("ada", PASSWORD).await;
        remembering(&app.database, &there).await;
        other.stop().await;
        app.stop().await;
    });
}

#[test]
fn a_node_that_has_lost_its_database_believes_nothing_after_a_second() {
    for door in [Door::Shut, Door::Frozen] {
        on_postgres(async |database| {
            let proxy = Proxy::to(database.server().unwrap()).await;
            let app = TestApp::spawn(database, |_| {}).await;
            let other = behind(&app, &proxy).await;
            let (browser, there) = on_two_nodes(&app, &other).await;
            let copied = there.token().unwrap();
            proxy.set(door);
            assert!(browser.logout().await);
            there.set_token(&copied);
            // The clock stands still: what was remembered is good to the end of its second.
            assert!(there.me().await.is_some(), "{door:?}");
            app.advance(SECOND);
            let reply = there.run("{ me { id } }", serde_json::json!({})).await;
            assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{reply:?}");

            proxy.set(Door::Open);
            eventually("the node serves again, and knows", async || {
                let reply = there.run("{ me { id } }", serde_json::json!({})).await;
                reply.status == StatusCode::OK && reply.data()["me"].is_null()
            })
            .await;
            let back = other.browser();
            back.login("ada", PASSWORD).await;
            remembering(&app.database, &back).await;
            other.stop().await;
            app.stop().await;
        });
    }
}

#[test]
fn when_the_database_is_restarted_nodes_serve_and_hear_each_other_again() {
    on_postgres(async |database| {
        let proxy = Proxy::to(database.server().unwrap()).await;
        let direct = database.clone();
        let app = TestApp::spawn(database.by_port(proxy.port), |_| {}).await;
        let other = app.another_node(|_| {}).await;
        let (browser, there) = on_two_nodes(&app, &other).await;
        proxy.set(Door::Shut);
        app.advance(SECOND);
        for browser in [&browser, &there] {
            let reply = browser.run("{ me { id } }", serde_json::json!({})).await;
            assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{reply:?}");
        }
        proxy.set(Door::Open);
        for browser in [&browser, &there] {
            eventually("the node serves again", async || {
                let reply = browser.run("{ me { id } }", serde_json::json!({})).await;
                reply.status == StatusCode::OK
            })
            .await;
            remembering(&direct, browser).await;
        }
        let copied = there.token().unwrap();
        assert!(browser.logout().await);
        there.set_token(&copied);
        eventually("the other node hears of it", async || {
            there.me().await.is_none()
        })
        .await;
        other.stop().await;
        app.stop().await;
    });
}
