//! `reauthenticate`: changes that cannot be undone need a recent password check.

use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{PASSWORD, codes, test};

#[test]
fn reauthenticate_renews_the_password_check_and_the_token_of_the_same_session() {
    test(async |app| {
        let browser = app.register("ada").await;
        let (token, before) = (
            browser.token().unwrap(),
            browser.query("{ session { id } }").await,
        );
        app.advance(TimeDelta::hours(1));
        let wanted = "session { id authenticatedAt createdAt }";
        let input = json!({ "password": PASSWORD });
        let reply = browser.mutate_reply("reauthenticate", input, wanted).await;
        assert_eq!(
            reply.data()["reauthenticate"]["session"],
            json!({ "id": before["session"]["id"], "authenticatedAt": "2027-01-15T09:00:00+00:00",
                    "createdAt": "2027-01-15T08:00:00+00:00" })
        );
        // The cookie lasts as long as the session: 30 days less an hour.
        let cookies = reply.set_cookies();
        let session = cookies
            .iter()
            .find(|cookie| cookie.starts_with("gatelodge="))
            .unwrap();
        assert!(session.contains("Max-Age=2588400"), "{session}");
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
        browser.set_token(&token);
        assert_eq!(
            browser.me().await,
            None,
            "the old token does not work any more"
        );
    });
}

#[test]
fn a_username_change_needs_a_password_check_within_fifteen_minutes() {
    test(async |app| {
        let browser = app.register("ada").await;
        let rename = async |name: &str| {
            let input = json!({ "username": name });
            browser
                .mutate("changeUsername", input, "user { username }")
                .await
        };
        app.advance(TimeDelta::minutes(15) - TimeDelta::microseconds(1));
        assert_eq!(rename("ada1").await["user"]["username"], "ada1");
        app.advance(TimeDelta::microseconds(1));
        assert_eq!(codes(&rename("ada2").await), ["REAUTHENTICATION_REQUIRED"]);
        let input = json!({ "password": PASSWORD });
        browser
            .mutate("reauthenticate", input, "session { id }")
            .await;
        assert_eq!(rename("ada2").await["user"]["username"], "ada2");
    });
}

#[test]
fn a_password_check_counts_for_its_own_session_alone() {
    test(async |app| {
        let (first, second) = (app.browser(), app.browser());
        first.must_register("ada", PASSWORD).await;
        second.login("ada", PASSWORD).await;
        app.advance(TimeDelta::minutes(16));
        let input = json!({ "password": PASSWORD });
        first
            .mutate("reauthenticate", input, "session { id }")
            .await;
        let input = json!({ "username": "other" });
        let payload = second.mutate("changeUsername", input, "user { id }").await;
        assert_eq!(codes(&payload), ["REAUTHENTICATION_REQUIRED"]);
    });
}
