//! `changePassword`: another password, and whatever the old one opened ends.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Browser, codes, test, test_with};

const OLD: &str = "correct horse";
const NEW: &str = "battery staple";

async fn change(browser: &Browser, current: &str, new: &str) -> Value {
    let input = json!({ "currentPassword": current, "newPassword": new, "confirmPassword": new });
    let wanted = "user { username } session { id current authenticatedAt }";
    browser.mutate("changePassword", input, wanted).await
}

#[test]
fn the_new_password_counts_and_the_old_one_does_not() {
    test(async |app| {
        let browser = app.browser();
        browser.registered("ada", OLD).await;
        let before = browser.query("{ session { id } }").await;
        app.advance(TimeDelta::days(1));
        let payload = change(&browser, OLD, NEW).await;
        assert_eq!(payload["userErrors"], json!([]));
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
        assert_eq!(codes_of(OLD).await, "INVALID_CREDENTIALS");
        assert_eq!(codes_of(NEW).await, "");
    });
}

#[test]
fn this_browser_gets_a_new_token_and_all_other_sessions_end() {
    test(async |app| {
        let other = app.browser();
        other.registered("ada", OLD).await;
        let bob = app.browser();
        bob.registered("bob", OLD).await;
        let browser = app.browser();
        browser.login("ada", OLD).await;
        let token = browser.token().unwrap();
        change(&browser, OLD, NEW).await;
        assert_ne!(browser.token().unwrap(), token);
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
        assert_eq!(other.me().await, None);
        assert_eq!(bob.me().await.as_deref(), Some("bob"));
        browser.set_token(&token);
        assert_eq!(browser.me().await, None, "the old token is dead");
    });
}

#[test]
fn what_is_wrong_is_told_at_its_field_and_changes_nothing() {
    test(async |app| {
        let browser = app.browser();
        browser.registered("ada_lovelace", OLD).await;
        for (current, new, again, code, field) in [
            ("", "", "", "REQUIRED", "currentPassword"),
            (OLD, "", "", "REQUIRED", "newPassword"),
            (
                OLD,
                NEW,
                "battery stable",
                "PASSWORDS_DO_NOT_MATCH",
                "confirmPassword",
            ),
            (OLD, "short", "short", "PASSWORD_TOO_SHORT", "newPassword"),
            (
                OLD,
                &"x".repeat(257),
                &"x".repeat(257),
                "PASSWORD_TOO_LONG",
                "newPassword",
            ),
            (
                OLD,
                "password1",
                "password1",
                "PASSWORD_TOO_COMMON",
                "newPassword",
            ),
            (
                OLD,
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
        let payload = app.browser().login("ada_lovelace", OLD).await;
        assert_eq!(payload["userErrors"], json!([]));
    });
}

#[test]
fn guesses_with_a_stolen_cookie_are_counted_as_those_at_logins() {
    test_with(
        |config| config.throttle.account = 3,
        async |app| {
            let browser = app.browser();
            browser.registered("ada", OLD).await;
            // The session's cookie alone: the browser is none that is known to the account.
            let thief = app.browser();
            thief.set_token(&browser.token().unwrap());
            for _ in 0..3 {
                let payload = change(&thief, "a wrong guess", NEW).await;
                assert_eq!(codes(&payload), ["INVALID_CREDENTIALS"]);
            }
            let payload = change(&thief, OLD, NEW).await;
            assert_eq!(codes(&payload), ["THROTTLED"]);
            assert_eq!(payload["userErrors"][0]["retryAfter"], 30);
            assert_eq!(codes(&app.browser().login("ada", OLD).await), ["THROTTLED"]);
            assert_eq!(codes(&change(&browser, OLD, NEW).await), Vec::<&str>::new());
        },
    );
}

#[test]
fn a_browser_that_knew_the_old_password_is_a_new_one_afterwards() {
    test_with(
        |config| config.throttle.account = 2,
        async |app| {
            let known = app.browser();
            known.registered("ada", OLD).await;
            let changer = app.browser();
            changer.login("ada", OLD).await;
            let exhaust = async || {
                for _ in 0..2 {
                    app.browser().login("ada", "a wrong guess").await;
                }
                assert_eq!(codes(&app.browser().login("ada", OLD).await), ["THROTTLED"]);
            };
            exhaust().await;
            assert_eq!(codes(&known.login("ada", OLD).await), Vec::<&str>::new());
            change(&changer, OLD, NEW).await;
            assert_eq!(codes(&known.login("ada", NEW).await), ["THROTTLED"]);
            assert_eq!(codes(&changer.login("ada", NEW).await), Vec::<&str>::new());
        },
    );
}

#[test]
fn of_two_changes_at_once_one_wins() {
    test(async |app| {
        for round in 0..10 {
            let name = format!("ada{round}");
            let browsers = app.browsers(2).await;
            browsers[0].registered(&name, OLD).await;
            browsers[1].login(&name, OLD).await;
            let mut racers = JoinSet::new();
            for (number, browser) in browsers.iter().cloned().enumerate() {
                racers.spawn(async move {
                    let new = format!("{NEW} {number}");
                    let input = json!({ "currentPassword": OLD, "newPassword": new,
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
            assert_eq!(
                codes(&app.browser().login(&name, &password).await),
                Vec::<&str>::new()
            );
            assert_eq!(
                codes(&app.browser().login(&name, OLD).await),
                ["INVALID_CREDENTIALS"]
            );
        }
    });
}

#[test]
fn a_login_that_proved_the_old_password_never_outlives_the_change() {
    // The hash at login is made anew meanwhile, too: it must not bring the old password back.
    test(async |app| {
        let node = app
            .another_node(|config| config.password.iterations = 2)
            .await;
        for round in 0..10 {
            let name = format!("ada{round}");
            let browser = app.browser();
            browser.registered(&name, OLD).await;
            let logins: Vec<_> = app
                .browsers(6)
                .await
                .iter()
                .map(|one| one.at(node.public))
                .collect();
            let mut racing = JoinSet::new();
            for login in logins.clone() {
                let name = name.clone();
                racing.spawn(async move { login.login(&name, OLD).await });
            }
            let changed = change(&browser, OLD, NEW).await;
            assert_eq!(changed["userErrors"], json!([]));
            racing.join_all().await;
            app.advance(TimeDelta::seconds(2));
            for login in &logins {
                assert_eq!(login.me().await, None);
            }
            assert_eq!(
                codes(&app.browser().login(&name, OLD).await),
                ["INVALID_CREDENTIALS"]
            );
            assert_eq!(
                codes(&app.browser().login(&name, NEW).await),
                Vec::<&str>::new()
            );
        }
        node.stop().await;
    });
}
