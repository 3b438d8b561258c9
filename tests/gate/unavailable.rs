//! Requests that cannot be decided: 503, in time, and never a pass.

use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::{ask, ask_with, assert_passed, assert_refused, assert_stranger, with_policies};
use crate::harness::{
    Browser, Proxy, ProxyState, Reply, TestApp, eventually, on_every_database, test_with,
};

const PATH: &str = "/forward-auth";

#[track_caller]
fn assert_unavailable(reply: &Reply) {
    assert_refused(reply, 503, "SERVICE_UNAVAILABLE");
    let seconds = reply.json()["errors"][0]["extensions"]["retryAfter"].clone();
    let header = reply.header("retry-after").unwrap();
    assert_eq!(seconds.to_string(), header);
    for word in ["sqlx", "connection", "SQL", "table", "127.0.0.1", "panick"] {
        assert!(!reply.text.contains(word), "{}", reply.text);
    }
}

async fn assert_unavailable_in_time(browser: &Browser, path: &str) {
    let start = Instant::now();
    assert_unavailable(&ask(browser, path).await);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn without_a_database_a_warm_session_passes_while_the_cache_is_trusted() {
    for state in [ProxyState::Cut, ProxyState::Frozen] {
        on_every_database(async |database| {
            let Some(server) = database.server() else {
                return;
            };
            let proxy = Proxy::to(server).await;
            let app = TestApp::spawn(database.with_port(proxy.port), with_policies).await;
            let warm = app.register("ada").await;
            let cold = app.log_in("ada").await;
            let is_cached = async || {
                let sql = "UPDATE users SET roles = ' x '";
                database.db_execute(sql).await;
                let reply = ask(&warm, PATH).await;
                let is_cached = reply.header("gatelodge-roles") == Some("-");
                database.db_execute("UPDATE users SET roles = ''").await;
                is_cached
            };
            ask(&warm, PATH).await;
            eventually("the session is cached", async || {
                let cached = is_cached().await;
                if !cached {
                    app.advance(TimeDelta::minutes(1));
                    ask(&warm, PATH).await;
                }
                cached
            })
            .await;
            proxy.set(state);
            // The clock stands still, so the cache is trusted until it is moved.
            assert_passed(&ask(&warm, PATH).await, "ada");
            for path in [PATH, "/forward-auth-optional"] {
                assert_unavailable_in_time(&cold, path).await;
            }
            // Without a cookie there is nothing to ask the database.
            assert_refused(&ask(&app.browser(), PATH).await, 401, "UNAUTHENTICATED");
            assert_stranger(&ask(&app.browser(), "/forward-auth-optional").await);
            app.advance(TimeDelta::seconds(1));
            assert_unavailable_in_time(&warm, PATH).await;
            proxy.set(ProxyState::Open);
            eventually("the node serves again", async || {
                ask(&warm, PATH).await.status == 200
            })
            .await;
            app.stop().await;
        });
    }
}

#[test]
fn with_an_exhausted_pool_a_cold_session_is_503_and_a_stranger_401() {
    on_every_database(async |database| {
        if database.is_sqlite() {
            // Readers have connections of their own there, which nothing holds.
            return;
        }
        let app = TestApp::spawn(database, |config| config.database.connections = 2).await;
        let ada = app.register("ada").await;
        app.advance(TimeDelta::minutes(1));
        let mut held = vec![];
        for _ in 0..2 {
            held.push(app.auth.store().begin().await.unwrap());
        }
        assert_unavailable_in_time(&ada, PATH).await;
        assert_refused(&ask(&app.browser(), PATH).await, 401, "UNAUTHENTICATED");
        held.clear();
        assert_passed(&ask(&ada, PATH).await, "ada");
        app.stop().await;
    });
}

#[test]
fn an_internal_error_is_503_and_masked() {
    test_with(with_policies, async |app| {
        let ada = app.register("ada").await;
        assert_passed(&ask(&ada, PATH).await, "ada");
        app.advance(TimeDelta::minutes(1));
        let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
        app.database.db_execute(&rename("sessions", "gone")).await;
        for path in [PATH, "/forward-auth-optional", "/forward-auth-admins"] {
            assert_unavailable(&ask(&ada, path).await);
        }
        // A page of an allowed origin can read it.
        let origin = ("origin", "http://localhost:5173");
        let get = ("x-forwarded-method", "GET");
        let reply = ask_with(&ada, PATH, &[get, origin]).await;
        assert_unavailable(&reply);
        assert_eq!(reply.header("access-control-allow-origin"), Some(origin.1));
        // A refusal of the origin does not need the session.
        let evil = [("origin", "https://evil.test")];
        assert_refused(&ask_with(&ada, PATH, &evil).await, 403, "FORBIDDEN");
        assert_refused(&ask(&app.browser(), PATH).await, 401, "UNAUTHENTICATED");
        app.database.db_execute(&rename("gone", "sessions")).await;
        assert_passed(&ask(&ada, PATH).await, "ada");
    });
}
