//! A session that ends is refused at once. A request is a use of the session.

use chrono::TimeDelta;
use gatelodge::auth::admin::actor::Actor;
use serde_json::json;

use super::{ask, assert_passed, assert_refused};
use crate::harness::{Browser, PASSWORD, TestApp, eventually, test};

const PATH: &str = "/forward-auth";

/// Asserts that a browser, whose session was good, is refused now.
async fn assert_ended(browser: &Browser) {
    assert_refused(&ask(browser, PATH).await, 401, "UNAUTHENTICATED");
}

/// Returns a signed-in browser whose session the node has cached.
async fn warm(app: &TestApp, username: &str) -> Browser {
    let browser = app.register(username).await.browser;
    for _ in 0..2 {
        assert_passed(&ask(&browser, PATH).await, username);
    }
    browser
}

#[test]
fn a_session_that_was_revoked_is_refused_at_once() {
    test(async |app| {
        let browser = warm(app, "ada").await;
        let token = browser.token().unwrap();
        browser.logout().await;
        browser.set_token(&token);
        assert_ended(&browser).await;

        let (here, there) = (app.log_in("ada").await, app.log_in("ada").await);
        assert_passed(&ask(&there, PATH).await, "ada");
        here.query("mutation { revokeOtherSessions { revokedCount } }")
            .await;
        assert_ended(&there).await;
        assert_passed(&ask(&here, PATH).await, "ada");
    });
}

#[test]
fn a_disabled_user_is_refused_at_once() {
    test(async |app| {
        let ada = app.register("ada").await;
        assert_passed(&ask(&ada, PATH).await, "ada");
        let disable = app.auth.disable_user(&Actor::OPERATOR, ada.id.parse().ok());
        disable.await.unwrap();
        assert_ended(&ada).await;
    });
}

#[test]
fn a_user_who_was_disabled_in_the_database_alone_is_refused_when_the_cache_entry_ends() {
    test(async |app| {
        let browser = warm(app, "ada").await;
        let sql = "UPDATE users SET disabled_at = created_at";
        app.database.db_execute(sql).await;
        // An entry of the cache lives for a minute with notifications.
        app.advance(TimeDelta::minutes(1));
        assert_ended(&browser).await;
    });
}

#[test]
fn an_expired_session_is_refused_and_a_request_counts_as_a_use() {
    test(async |app| {
        let browser = app.register("ada").await;
        app.advance(TimeDelta::days(6));
        assert_passed(&ask(&browser, PATH).await, "ada");
        app.finish_background_work().await;
        app.advance(TimeDelta::days(6));
        assert_passed(&ask(&browser, PATH).await, "ada");
        app.finish_background_work().await;
        app.advance(TimeDelta::days(7));
        assert_ended(&browser).await;
        assert_eq!(app.database.db_count("sessions").await, 0);
    });
}

#[test]
fn a_logout_on_one_node_is_a_401_on_another() {
    test(async |app| {
        let other = app.another_node(|_| {}).await;
        let browser = warm(app, "ada").await;
        let there = browser.at(other.public);
        assert_passed(&ask(&there, PATH).await, "ada");
        let token = browser.token().unwrap();
        browser.logout().await;
        browser.set_token(&token);
        assert_ended(&browser).await;
        if app.database.name().starts_with("postgres") {
            // The clock stands still, so only the notification can end it.
            eventually("the other node is notified", async || {
                ask(&there, PATH).await.status == 401
            })
            .await;
        }
        app.advance(TimeDelta::seconds(1));
        assert_ended(&there).await;
        other.stop().await;
    });
}

#[test]
fn a_changed_name_and_changed_roles_are_in_the_next_answer() {
    test(async |app| {
        let ada = app.register("ada").await;
        assert_passed(&ask(&ada, PATH).await, "ada");
        app.give_roles(&ada, "editor").await;
        let reply = ask(&ada, PATH).await;
        assert_eq!(reply.header("gatelodge-roles"), Some("editor"));
        let input = json!({ "username": "grace" });
        ada.mutate("changeUsername", input, "user { id }").await;
        assert_passed(&ask(&ada, PATH).await, "grace");
    });
}

#[test]
fn requests_of_two_sessions_of_one_user_name_their_own_session() {
    test(async |app| {
        let first = app.browser();
        let registered = first.must_register("ada", PASSWORD).await;
        let second = app.browser();
        let logged_in = second.login("ada", PASSWORD).await;
        for (browser, payload) in [(&second, &logged_in), (&first, &registered)] {
            let session = payload["session"]["id"].as_str();
            let reply = ask(browser, PATH).await;
            assert_eq!(reply.header("gatelodge-session-id"), session);
        }
    });
}
