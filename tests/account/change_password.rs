//! `changePassword`: a new password ends everything that the old one opened.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Browser, PASSWORD, assert_no_errors, codes, test, test_with};

const NEW: &str = "battery staple";

async fn change(browser: &Browser, current: &str, new: &str) -> Value {
    let input = json!({ "currentPassword": current, "newPassword": new, "confirmPassword": new });
    let wanted = "user { username } session { id current authenticatedAt }";
    browser.mutate("changePassword", input, wanted).await
}

#[test]
fn after_a_change_the_new_password_works_and_the_old_one_does_not() {
    test(async |app| {
        let browser = app.register("ada").await;
        let before = browser.query("{ session { id } }").await;
        app.advance(TimeDelta::days(1));
        let payload = change(&browser, PASSWORD, NEW).await;
        assert_no_errors(&payload);
        assert_eq!(payload["user"]["username"], "ada");
        assert_eq!(payload["session"]["id"], before["session"]["id"]);
        assert_eq!(
            payload["session"]["authenticatedAt"],
            "2027-01-16T08:00:00+00:00"
        );
        let codes_of = async |password| {
            let payload = app.browser().login("ada", password).await;
            codes(&payload).join(" ")
        };
        assert_eq!(codes_of(PASSWORD).await, "INVALID_CREDENTIALS");
        assert_eq!(codes_of(NEW).await, "");
    });
}

#[test]
fn this_browser_gets_a_new_token_and_all_other_sessions_end() {
    test(async |app| {
        let other = app.register("ada").await;
        let bob = app.register("bob").await;
        let browser = app.log_in("ada").await;
        let token = browser.token().unwrap();
        change(&browser, PASSWORD, NEW).await;
        assert_ne!(browser.token().unwrap(), token);
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
        assert_eq!(other.me().await, None);
        assert_eq!(bob.me().await.as_deref(), Some("bob"));
        browser.set_token(&token);
        assert_eq!(
            browser.me().await,
            None,
            "the old token does not work any more"
        );
    });
}

#[test]
fn a_wrong_input_is_reported_at_its_field_and_changes_nothing() {
    test(async |app| {
        let browser = app.register("ada_lovelace").await;
        for (current, new, again, code, field) in [
            ("", "", "", "REQUIRED", "currentPassword"),
            (PASSWORD, "", "", "REQUIRED", "newPassword"),
            (
                PASSWORD,
                NEW,
                "battery stable",
                "PASSWORDS_DO_NOT_MATCH",
                "confirmPassword",
            ),
            (
                PASSWORD,
                "short",
                "short",
                "PASSWORD_TOO_SHORT",
                "newPassword",
            ),
            (
                PASSWORD,
                &"x".repeat(257),
                &"x".repeat(257),
                "PASSWORD_TOO_LONG",
                "newPassword",
            ),
            (
                PASSWORD,
                "password1",
                "password1",
                "PASSWORD_TOO_COMMON",
                "newPassword",
            ),
            (
                PASSWORD,
                "ada_lovelace!",
                "ada_lovelace!",
                "PASSWORD_TOO_COMMON",
                "newPassword",
            ),
            (
                "correct horsf",
                NEW,
                NEW,
                "INVALID_CREDENTIALS",
                "currentPassword",
            ),
        ] {
            let input =
                json!({ "currentPassword": current, "newPassword": new, "confirmPassword": again });
            let payload = browser.mutate("changePassword", input, "user { id }").await;
            assert_eq!(payload["user"], Value::Null);
            assert_eq!(payload["userErrors"][0]["code"], code, "{payload:#}");
            assert_eq!(
                payload["userErrors"][0]["field"],
                json!([field]),
                "{payload:#}"
            );
        }
        assert_eq!(browser.me().await.as_deref(), Some("ada_lovelace"));
        let payload = app.browser().login("ada_lovelace", PASSWORD).await;
        assert_no_errors(&payload);
    });
}

#[test]
fn guesses_with_a_stolen_cookie_are_counted_like_failed_logins() {
    test_with(
        |config| config.throttle.account = 3,
        async |app| {
            let browser = app.register("ada").await;
            // Only the session's cookie: the account does not know this browser.
            let thief = app.browser();
            thief.set_token(&browser.token().unwrap());
            for _ in 0..3 {
                let payload = change(&thief, "a wrong guess", NEW).await;
                assert_eq!(codes(&payload), ["INVALID_CREDENTIALS"]);
            }
            let payload = change(&thief, PASSWORD, NEW).await;
            assert_eq!(codes(&payload), ["THROTTLED"]);
            assert_eq!(payload["userErrors"][0]["retryAfter"], 30);
            assert_eq!(
                codes(&app.browser().login("ada", PASSWORD).await),
                ["THROTTLED"]
            );
            assert_no_errors(&change(&browser, PASSWORD, NEW).await);
        },
    );
}

#[test]
fn a_known_browser_is_unknown_after_a_password_change() {
    test_with(
        |config| config.throttle.account = 2,
        async |app| {
            let known = app.register("ada").await;
            let changer = app.log_in("ada").await;
            let exhaust = async || {
                for _ in 0..2 {
                    app.browser().login("ada", "a wrong guess").await;
                }
                assert_eq!(
                    codes(&app.browser().login("ada", PASSWORD).await),
                    ["THROTTLED"]
                );
            };
            exhaust().await;
            assert_no_errors(&known.login("ada", PASSWORD).await);
            change(&changer, PASSWORD, NEW).await;
            assert_eq!(codes(&known.login("ada", NEW).await), ["THROTTLED"]);
            assert_no_errors(&changer.login("ada", NEW).await);
        },
    );
}

#[test]
fn one_of_two_concurrent_changes_wins() {
    test(async |app| {
        for round in 0..10 {
            let name = format!("ada{round}");
            let browsers = app.browsers(2).await;
            browsers[0].must_register(&name, PASSWORD).await;
            browsers[1].login(&name, PASSWORD).await;
            let mut racers = JoinSet::new();
            for (number, browser) in browsers.iter().cloned().enumerate() {
                racers.spawn(async move {
                    let new = format!("{NEW} {number}");
                    let input = json!({ "currentPassword": PASSWORD, "newPassword": new,
                                        "confirmPassword": new });
                    let reply = browser
                        .mutate_reply("changePassword", input, "user { id }")
                        .await;
                    let json = reply.json();
                    let payload = &json["data"]["changePassword"];
                    (number, payload["user"]["id"].is_string())
                });
            }
            let won: Vec<_> = racers.join_all().await;
            let winners: Vec<_> = won.iter().filter(|(_, won)| *won).collect();
            assert_eq!(winners.len(), 1, "{won:?}");
            let winner = winners[0].0;
            let password = format!("{NEW} {winner}");
            assert_eq!(browsers[winner].me().await, Some(name.clone()));
            assert_eq!(browsers[1 - winner].me().await, None);
            assert_no_errors(&app.browser().login(&name, &password).await);
            assert_eq!(
                codes(&app.browser().login(&name, PASSWORD).await),
                ["INVALID_CREDENTIALS"]
            );
        }
    });
}

#[test]
fn a_login_with_the_old_password_never_outlives_the_change() {
    // The login also replaces the hash, which must not restore the old password.
    test(async |app| {
        let node = app
            .another_node(|config| config.password.iterations = 2)
            .await;
        for round in 0..10 {
            let name = format!("ada{round}");
            let browser = app.register(&name).await;
            let logins: Vec<_> = app
                .browsers(6)
                .await
                .iter()
                .map(|one| one.at(node.public))
                .collect();
            let mut racing = JoinSet::new();
            for login in logins.clone() {
                let name = name.clone();
                racing.spawn(async move { login.login(&name, PASSWORD).await });
            }
            let changed = change(&browser, PASSWORD, NEW).await;
            assert_no_errors(&changed);
            racing.join_all().await;
            app.advance(TimeDelta::seconds(2));
            for login in &logins {
                assert_eq!(login.me().await, None);
            }
            assert_eq!(
                codes(&app.browser().login(&name, PASSWORD).await),
                ["INVALID_CREDENTIALS"]
            );
            assert_no_errors(&app.browser().login(&name, NEW).await);
        }
        node.stop().await;
    });
}
