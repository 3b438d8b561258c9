//! The throttle of right passwords: sessions and events that somebody who knows the password can make.

use gatelodge::config::Config;
use serde_json::json;

use crate::{
    harness::{Browser, codes, test_with},
    throttle::attempts::{fail, seconds, wait},
};

const PASSWORD: &str = "correct horse";

fn three(config: &mut Config) {
    config.throttle.logins = "3/10m".parse().unwrap();
}

/// Logs in with the right password; how long it has to wait, if at all.
async fn right(browser: &Browser) -> Option<u64> {
    let payload = browser.login("ada", PASSWORD).await;
    let throttled = wait(&payload);
    assert!(
        throttled.is_some() || payload["user"].is_object(),
        "{payload:#}"
    );
    throttled
}

#[test]
fn each_known_browser_has_a_limit_of_right_passwords_that_no_other_uses_up() {
    test_with(three, async |app| {
        let (one, two) = (app.browser(), app.browser());
        one.registered("ada", PASSWORD).await;
        assert_eq!(right(&two).await, None);
        for _ in 0..3 {
            assert_eq!(right(&one).await, None);
        }
        assert_eq!(right(&one).await, Some(200));
        // A proof of who they are is the same work, and an event as well.
        let proof = json!({ "password": PASSWORD });
        let proof = one.mutate("reauthenticate", proof, "session { id }").await;
        assert_eq!(wait(&proof), Some(200));
        for _ in 0..3 {
            assert_eq!(right(&two).await, None);
        }
        // New browsers of this address share one, of which the first login of `two` was part.
        for _ in 0..2 {
            assert_eq!(right(&app.browser()).await, None);
        }
        assert_eq!(right(&app.browser()).await, Some(200));
        let sessions = app.database.db_count("sessions").await;
        seconds(app, 200).await;
        assert_eq!(right(&one).await, None);
        assert_eq!(right(&one).await, Some(200));
        assert_eq!(app.database.db_count("sessions").await, sessions);
    });
}

#[test]
fn wrong_passwords_use_up_no_logins_and_other_accounts_have_their_own() {
    test_with(three, async |app| {
        let browser = app.browser();
        browser.registered("ada", PASSWORD).await;
        for _ in 0..5 {
            assert_eq!(fail(&browser, "ada").await, None);
            assert_eq!(fail(&app.browser(), "ada").await, None);
        }
        for _ in 0..3 {
            assert_eq!(right(&browser).await, None);
            assert_eq!(right(&app.browser()).await, None);
        }
        assert!(right(&browser).await.is_some());
        browser.registered("bob", PASSWORD).await;
        let bob = browser.login("bob", PASSWORD).await;
        assert_eq!(codes(&bob), Vec::<&str>::new());
    });
}

#[test]
fn of_twenty_right_logins_at_once_as_many_pass_as_the_limit_says() {
    test_with(three, async |app| {
        app.browser().registered("ada", PASSWORD).await;
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
