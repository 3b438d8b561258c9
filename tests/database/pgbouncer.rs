//! PgBouncer in transaction mode between Gatelodge and PostgreSQL. `.ci/run` sends a part of the suite through it, too.

use std::sync::Arc;

use chrono::TimeDelta;
use gatelodge::{
    app,
    domain::{clock::SystemClock, entropy::OsEntropy},
};

use crate::harness::{
    PASSWORD, TestApp, TestDatabase, config, eventually, on_every_database, through_pgbouncer,
};

/// Runs a test on a database that is reached through PgBouncer, if there is one. `direct` is the URL without PgBouncer.
fn on_pgbouncer(body: impl AsyncFn(TestDatabase, TestDatabase)) {
    on_every_database(async |database| {
        if !database.name().starts_with("postgres") {
            return;
        }
        let direct = database.direct.clone().unwrap_or(database.url.clone());
        let through = through_pgbouncer(&direct, "TEST_PGBOUNCER_PORT");
        if let Some(through) = through {
            body(database.with_url(through), database.with_url(direct)).await;
        }
    });
}

#[test]
fn many_browsers_at_once_are_served_through_pgbouncer() {
    on_pgbouncer(async |database, _| {
        let app = TestApp::spawn(database, |_| {}).await;
        for round in 0..5 {
            let mut users = tokio::task::JoinSet::new();
            for (at, browser) in app.browsers(12).await.into_iter().enumerate() {
                users.spawn(async move {
                    let name = format!("ada{round}x{at}");
                    browser.must_register(&name, PASSWORD).await;
                    assert_eq!(browser.me().await.as_deref(), Some(name.as_str()));
                    assert!(browser.logout().await);
                    assert_eq!(browser.me().await, None);
                });
            }
            users.join_all().await;
        }
        app.stop().await;
    });
}

#[test]
fn without_a_listen_url_a_revoked_session_ends_on_another_node_within_a_second() {
    on_pgbouncer(async |database, _| {
        let without = |config: &mut gatelodge::config::Config| config.database.listen_url = None;
        let app = TestApp::spawn(database, without).await;
        let other = app.another_node(without).await;
        let browser = app.register("ada").await;
        let there = browser.at(other.public);
        let token = there.token().unwrap();
        assert!(there.me().await.is_some());
        assert!(browser.logout().await);
        there.set_token(&token);
        app.advance(TimeDelta::seconds(1));
        assert_eq!(there.me().await, None);
        other.stop().await;
        app.stop().await;
    });
}

#[test]
fn with_a_listen_url_a_node_is_notified_of_a_session_revoked_on_another_node() {
    on_pgbouncer(async |database, direct| {
        let listen_url = config(&direct).database.url;
        let with = |config: &mut gatelodge::config::Config| {
            config.database.listen_url = Some(listen_url.clone());
        };
        let app = TestApp::spawn(database, with).await;
        let other = app.another_node(with).await;
        let browser = app.register("ada").await;
        let there = browser.at(other.public);
        let token = there.token().unwrap();
        eventually("the session is cached", async || {
            let shown = there.me().await;
            let name = if shown.as_deref() == Some("ada") {
                "Grace"
            } else {
                "ada"
            };
            direct
                .db_execute(&format!("UPDATE users SET username = '{name}'"))
                .await;
            there.me().await == shown
        })
        .await;
        assert!(browser.logout().await);
        there.set_token(&token);
        // The clock stands still, so only the notification can end it.
        eventually("the other node is notified", async || {
            there.me().await.is_none()
        })
        .await;
        other.stop().await;
        app.stop().await;
    });
}

#[test]
fn pgbouncer_without_its_url_parameter_is_refused_at_start_with_a_fix() {
    on_pgbouncer(async |database, _| {
        let database = database.with_url(database.url.replace("pgbouncer=true", ""));
        let built = app::build(
            config(&database),
            Arc::new(SystemClock),
            Arc::new(OsEntropy),
        );
        let why = Box::pin(built).await.err().unwrap().to_string();
        assert!(why.contains("pgbouncer=true"), "{why}");
    });
}
