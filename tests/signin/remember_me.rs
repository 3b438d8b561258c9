//! `rememberMe`: sessions that outlive the browser, and sessions that do not.

use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{Browser, PASSWORD, assert_no_errors, test, test_with};

/// Registers or logs in, and returns the session's cookie.
async fn enter(browser: &Browser, field: &str, remember_me: Option<bool>) -> String {
    let mut input = json!({ "username": "ada", "password": PASSWORD });
    if field == "register" {
        input["confirmPassword"] = json!(PASSWORD);
    }
    if let Some(remember_me) = remember_me {
        input["rememberMe"] = json!(remember_me);
    }
    let reply = browser
        .mutate_reply(field, input, "session { expiresAt }")
        .await;
    assert_no_errors(&reply.data()[field]);
    let cookies = reply.set_cookies();
    let mut ours = cookies
        .iter()
        .filter(|cookie| cookie.starts_with("gatelodge="));
    ours.next().unwrap().clone()
}

#[test]
fn without_remember_me_the_cookie_ends_with_the_browser_and_the_session_sooner() {
    test(async |app| {
        for field in ["register", "login"] {
            let browser = app.browser();
            let cookie = enter(&browser, field, Some(false)).await;
            assert!(
                !cookie.contains("Max-Age") && !cookie.contains("Expires"),
                "{cookie}"
            );
            assert_eq!(
                browser.session_expires_at().await,
                "2027-01-15T20:00:00+00:00"
            );
        }
        for remember_me in [None, Some(true)] {
            let browser = app.browser();
            let cookie = enter(&browser, "login", remember_me).await;
            assert!(cookie.contains("Max-Age=2592000"), "{cookie}");
            assert_eq!(
                browser.session_expires_at().await,
                "2027-01-22T08:00:00+00:00"
            );
        }
    });
}

#[test]
fn a_session_that_ends_with_its_browser_ends_after_twelve_hours_unused_and_is_swept() {
    test(async |app| {
        let (short, long) = (app.browser(), app.browser());
        enter(&short, "register", Some(false)).await;
        enter(&long, "login", None).await;
        app.advance(TimeDelta::hours(12) - TimeDelta::microseconds(1));
        assert_eq!(app.auth.delete_expired().await.unwrap(), 0);
        app.advance(TimeDelta::microseconds(1));
        assert_eq!(app.auth.delete_expired().await.unwrap(), 1);
        assert_eq!(short.me().await, None);
        assert_eq!(long.me().await.as_deref(), Some("ada"));
    });
}

#[test]
fn the_short_idle_time_is_never_longer_than_the_other() {
    let change = |config: &mut gatelodge::config::Config| {
        config.session.idle = Some(std::time::Duration::from_hours(1));
    };
    test_with(change, async |app| {
        let browser = app.browser();
        enter(&browser, "register", Some(false)).await;
        assert_eq!(
            browser.session_expires_at().await,
            "2027-01-15T09:00:00+00:00"
        );
    });
}

#[test]
fn a_renewed_token_is_kept_as_long_as_the_one_before() {
    test(async |app| {
        let browser = app.browser();
        enter(&browser, "register", Some(false)).await;
        let input = json!({ "password": PASSWORD });
        let reply = browser
            .mutate_reply("reauthenticate", input, "session { id }")
            .await;
        let cookies = reply.set_cookies();
        let ours: Vec<_> = cookies
            .iter()
            .filter(|cookie| cookie.starts_with("gatelodge="))
            .collect();
        assert_eq!(ours.len(), 1);
        assert!(!ours[0].contains("Max-Age"), "{ours:?}");
    });
}
