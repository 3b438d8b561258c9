//! `User.securityEvents`: the events of an account, for its user to review.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Browser, PASSWORD, test};

const NEW: &str = "battery staple";

async fn events(browser: &Browser) -> Vec<Value> {
    let query = "{ me { securityEvents { nodes { id kind createdAt clientAddress userAgent } } } }";
    let data = browser.query(query).await;
    data["me"]["securityEvents"]["nodes"]
        .as_array()
        .unwrap()
        .clone()
}

async fn kinds(browser: &Browser) -> Vec<String> {
    let events = events(browser).await;
    events
        .iter()
        .map(|event| event["kind"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn security_events_are_recorded_and_listed_newest_first() {
    test(async |app| {
        let browser = app.browser();
        let step = || app.advance(TimeDelta::seconds(1));
        browser.must_register("ada", PASSWORD).await;
        step();
        browser.login("ada", "a wrong guess").await;
        step();
        browser.logout().await;
        step();
        browser.login("ADA", PASSWORD).await;
        step();
        let other = app.log_in("ada").await;
        step();
        let id = other.query("{ session { id } }").await["session"]["id"].clone();
        browser
            .mutate("revokeSession", json!({ "id": id }), "revokedSessionId")
            .await;
        step();
        browser
            .mutate(
                "reauthenticate",
                json!({ "password": PASSWORD }),
                "session { id }",
            )
            .await;
        step();
        browser
            .mutate(
                "reauthenticate",
                json!({ "password": "wrong" }),
                "session { id }",
            )
            .await;
        step();
        let input =
            json!({ "currentPassword": PASSWORD, "newPassword": NEW, "confirmPassword": NEW });
        browser.mutate("changePassword", input, "user { id }").await;
        step();
        browser
            .mutate(
                "changeUsername",
                json!({ "username": "countess" }),
                "user { id }",
            )
            .await;
        assert_eq!(
            kinds(&browser).await,
            [
                "USERNAME_CHANGED",
                "PASSWORD_CHANGED",
                "PASSWORD_REFUSED",
                "REAUTHENTICATED",
                "SESSION_REVOKED",
                "LOGGED_IN",
                "LOGGED_IN",
                "LOGGED_OUT",
                "LOGIN_REFUSED",
                "REGISTERED",
            ]
        );
        let newest = events(&browser).await.remove(0);
        assert!(newest["id"].as_str().unwrap().starts_with("event_"));
        assert_eq!(newest["createdAt"], "2027-01-15T08:00:09+00:00");
        assert_eq!(newest["clientAddress"], "127.0.0.1");
    });
}

#[test]
fn a_refused_change_records_no_event_and_events_are_visible_to_their_user_alone() {
    test(async |app| {
        let (ada, bob) = (app.browser(), app.browser());
        ada.must_register("ada", PASSWORD).await;
        bob.must_register("bob", PASSWORD).await;
        ada.mutate(
            "changeUsername",
            json!({ "username": "bob" }),
            "user { id }",
        )
        .await;
        ada.mutate("revokeSession", json!({ "id": "junk" }), "user { id }")
            .await;
        ada.query("mutation { revokeOtherSessions { revokedCount } }")
            .await;
        app.browser().login("nobody", PASSWORD).await;
        assert_eq!(kinds(&ada).await, ["REGISTERED"]);
        assert_eq!(kinds(&bob).await, ["REGISTERED"]);
    });
}

#[test]
fn a_login_with_an_unknown_name_writes_as_much_as_one_with_a_known_name() {
    test(async |app| {
        app.register("ada").await;
        let before = app.database.db_count("security_events").await;
        app.browser().login("ada", "a wrong guess").await;
        assert_eq!(app.database.db_count("security_events").await, before + 1);
        app.browser().login("nobody", "a wrong guess").await;
        app.browser().login("a b", "a wrong guess").await;
        assert_eq!(app.database.db_count("security_events").await, before + 3);
        let nobodys = "SELECT COUNT(*) FROM security_events WHERE user_id IS NULL";
        assert_eq!(app.database.db_column::<i64>(nobodys).await, [2]);
    });
}

#[test]
fn security_events_are_kept_for_ninety_days() {
    test(async |app| {
        app.register("ada").await;
        app.advance(TimeDelta::days(90));
        assert_eq!(app.auth.delete_old_events().await.unwrap(), 0);
        let browser = app.log_in("ada").await;
        assert_eq!(kinds(&browser).await, ["LOGGED_IN", "REGISTERED"]);
        app.advance(TimeDelta::microseconds(1));
        assert_eq!(
            kinds(&browser).await,
            ["LOGGED_IN"],
            "before the next sweep"
        );
        assert_eq!(app.auth.delete_old_events().await.unwrap(), 1);
        let browser = app.log_in("ada").await;
        assert_eq!(kinds(&browser).await, ["LOGGED_IN", "LOGGED_IN"]);
    });
}
