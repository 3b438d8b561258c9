//! The throttle of right passwords limits the sessions and events that a user with the password can make.

use gatelodge::config::Config;
use serde_json::json;

use crate::{
    harness::{Browser, PASSWORD, assert_no_errors, retry_after, test_with},
    throttle::attempts::advance_seconds,
};

fn three(config: &mut Config) {
    config.throttle.logins = "3/10m".parse().unwrap();
}

/// Logs in with the right password, and returns the wait, if there is one.
async fn right(browser: &Browser) -> Option<u64> {
    let payload = browser.login("ada", PASSWORD).await;
    let throttled = retry_after(&payload);
    assert!(
        throttled.is_some() || payload["user"].is_object(),
        "{payload:#}"
    );
    throttled
}

#[test]
fn each_known_browser_has_a_login_limit_of_its_own() {
    test_with(three, async |app| {
        let (one, two) = (app.browser(), app.browser());
        one.must_register("ada", PASSWORD).await;
        assert_eq!(right(&two).await, None);
        for _ in 0..3 {
            assert_eq!(right(&one).await, None);
        }
        assert_eq!(right(&one).await, Some(200));
        // A reauthentication is the same work, and also an event.
        let proof = json!({ "password": PASSWORD });
        let proof = one.mutate("reauthenticate", proof, "session { id }").await;
        assert_eq!(retry_after(&proof), Some(200));
        for _ in 0..3 {
            assert_eq!(right(&two).await, None);
        }
        // New browsers of this address share one limit. The first login of `two` counted in it.
        for _ in 0..2 {
            assert_eq!(right(&app.browser()).await, None);
        }
        assert_eq!(right(&app.browser()).await, Some(200));
        let sessions = app.database.db_count("sessions").await;
        advance_seconds(app, 200).await;
        assert_eq!(right(&one).await, None);
        assert_eq!(right(&one).await, Some(200));
        assert_eq!(app.database.db_count("sessions").await, sessions);
    });
}

#[test]
fn wrong_passwords_do_not_use_up_the_login_limit_and_each_account_has_its_own() {
    test_with(three, async |app| {
        let browser = app.register("ada").await;
        for _ in 0..5 {
            assert_eq!(browser.fail_login("ada").await, None);
            assert_eq!(app.fail_login("ada").await, None);
        }
        for _ in 0..3 {
            assert_eq!(right(&browser).await, None);
            assert_eq!(right(&app.browser()).await, None);
        }
        assert!(right(&browser).await.is_some());
        browser.must_register("bob", PASSWORD).await;
        let bob = browser.login("bob", PASSWORD).await;
        assert_no_errors(&bob);
    });
}

#[test]
fn of_twenty_concurrent_right_logins_only_the_limit_succeeds() {
    test_with(three, async |app| {
        app.register("ada").await;
        let mut logins = tokio::task::JoinSet::new();
        for browser in app.browsers(20).await {
            logins.spawn(async move { right(&browser).await });
        }
        let waits = logins.join_all().await;
        let passed = waits.iter().filter(|wait| wait.is_none());
        assert_eq!(passed.count(), 3, "{waits:?}");
        assert_eq!(app.database.db_count("sessions").await, 4);
    });
}
