//! `changeUsername`: another name for the same user.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Browser, PASSWORD, assert_no_errors, codes, test, test_with};

async fn rename(browser: &Browser, name: &str) -> Value {
    let input = json!({ "username": name });
    browser
        .mutate("changeUsername", input, "user { id username }")
        .await
}

#[test]
fn a_new_username_keeps_the_user_the_sessions_and_the_password() {
    test(async |app| {
        let browser = app.browser();
        let registered = browser.must_register("ada", PASSWORD).await;
        let other = app.log_in("ada").await;
        assert_eq!(other.me().await.as_deref(), Some("ada"));
        let payload = rename(&browser, " Countess ").await;
        assert_eq!(
            payload["user"],
            json!({ "id": registered["user"]["id"], "username": "Countess" })
        );
        assert_eq!(browser.me().await.as_deref(), Some("Countess"));
        assert_eq!(other.me().await.as_deref(), Some("Countess"));
        assert_eq!(
            codes(&app.browser().login("ada", PASSWORD).await),
            ["INVALID_CREDENTIALS"]
        );
        app.log_in("countess").await;
        app.register("ada").await;
    });
}

#[test]
fn an_unavailable_name_is_refused_and_another_spelling_of_the_own_name_is_accepted() {
    test(async |app| {
        app.register("Bob").await;
        let browser = app.register("ada").await;
        for (name, code) in [
            ("", "REQUIRED"),
            ("a b", "USERNAME_INVALID"),
            (&"x".repeat(151), "USERNAME_INVALID"),
            ("bob", "USERNAME_TAKEN"),
            ("ＢＯＢ", "USERNAME_TAKEN"),
        ] {
            let payload = rename(&browser, name).await;
            assert_eq!(codes(&payload), [code], "{name}");
            assert_eq!(payload["userErrors"][0]["field"], json!(["username"]));
        }
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
        assert_eq!(rename(&browser, "ADA").await["user"]["username"], "ADA");
    });
}

#[test]
fn one_of_many_racing_for_a_name_gets_it() {
    test(async |app| {
        let browsers = app.browsers(8).await;
        for (number, browser) in browsers.iter().enumerate() {
            browser
                .must_register(&format!("racer{number}"), PASSWORD)
                .await;
        }
        let mut racers = JoinSet::new();
        for browser in browsers {
            racers.spawn(async move { rename(&browser, "prize").await });
        }
        let payloads = racers.join_all().await;
        let won = payloads
            .iter()
            .filter(|payload| payload["user"]["id"].is_string());
        assert_eq!(won.count(), 1, "{payloads:#?}");
        let lost = payloads
            .iter()
            .filter(|payload| codes(payload) == ["USERNAME_TAKEN"]);
        assert_eq!(lost.count(), 7);
    });
}

#[test]
fn a_new_username_keeps_the_count_of_failed_logins() {
    test_with(
        |config| config.throttle.account = 3,
        async |app| {
            let browser = app.register("ada").await;
            let thief = app.browser();
            thief.set_token(&browser.token().unwrap());
            let guess = async || {
                let input = json!({ "password": "a wrong guess" });
                let payload = thief
                    .mutate("reauthenticate", input, "session { id }")
                    .await;
                codes(&payload).join(" ")
            };
            for _ in 0..3 {
                assert_eq!(guess().await, "INVALID_CREDENTIALS");
            }
            assert_eq!(guess().await, "THROTTLED");
            assert_eq!(rename(&thief, "eve").await["user"]["username"], "eve");
            assert_eq!(guess().await, "THROTTLED");
            assert_eq!(
                codes(&app.browser().login("eve", PASSWORD).await),
                ["THROTTLED"]
            );
        },
    );
}

#[test]
fn username_changes_are_throttled_like_registrations() {
    let three = |config: &mut gatelodge::config::Config| config.throttle.register.count = 3;
    test_with(three, async |app| {
        let browser = app.register("ada").await;
        assert_no_errors(&rename(&browser, "ada").await);
        assert_eq!(rename(&browser, "bob").await["user"]["username"], "bob");
        assert_eq!(codes(&rename(&browser, "eve").await), ["THROTTLED"]);
        assert_eq!(browser.me().await.as_deref(), Some("bob"));
    });
}

#[test]
fn a_session_revoked_on_another_node_cannot_change_the_username_even_while_cached() {
    test(async |app| {
        let node = app.another_node(|_| {}).await;
        let stolen = app.browser().at(node.public);
        stolen.must_register("ada", PASSWORD).await;
        assert_eq!(stolen.me().await.as_deref(), Some("ada"));
        let owner = app.log_in("ada").await;
        owner
            .query("mutation { revokeOtherSessions { revokedCount } }")
            .await;
        let input = json!({ "username": "stolen" });
        let reply = stolen
            .mutate_reply("changeUsername", input, "user { id }")
            .await;
        assert_eq!(reply.code(), "UNAUTHENTICATED", "{}", reply.text);
        let reply = stolen
            .run(
                "mutation { revokeOtherSessions { revokedCount } }",
                json!({}),
            )
            .await;
        assert_eq!(reply.code(), "UNAUTHENTICATED", "{}", reply.text);
        assert_eq!(owner.me().await.as_deref(), Some("ada"));
        node.stop().await;
    });
}
