//! `logout`: the session of this browser ends.

use crate::harness::{PASSWORD, test};

#[test]
fn a_user_logs_out_and_the_token_stops_working() {
    test(async |app| {
        let browser = app.register("ada").await;
        let token = browser.token().unwrap();
        assert!(browser.logout().await);
        assert_eq!(browser.token(), None);
        assert_eq!(browser.me().await, None);
        browser.set_token(&token);
        assert_eq!(browser.me().await, None);
        assert_eq!(app.database.db_count("sessions").await, 0);
    });
}

#[test]
fn logging_out_ends_this_browsers_session_alone() {
    test(async |app| {
        let (one, two) = (app.browser(), app.browser());
        one.must_register("ada", PASSWORD).await;
        two.login("ada", PASSWORD).await;
        one.logout().await;
        assert_eq!(two.me().await.as_deref(), Some("ada"));
    });
}

#[test]
fn logging_out_without_a_live_session_is_harmless() {
    test(async |app| {
        let browser = app.browser();
        assert!(!browser.logout().await);
        browser.set_token("garbage");
        assert!(!browser.logout().await);
        assert_eq!(browser.token(), None);
        browser.must_register("ada", PASSWORD).await;
        let token = browser.token().unwrap();
        assert!(browser.logout().await);
        browser.set_token(&token);
        assert!(!browser.logout().await);
    });
}

#[test]
fn one_of_many_concurrent_logouts_ends_the_session() {
    test(async |app| {
        for _ in 0..10 {
            let browser = app.browser();
            browser
                .must_register(
                    &format!("ada{}", app.database.db_count("users").await),
                    PASSWORD,
                )
                .await;
            let token = browser.token().unwrap();
            let mut logouts = tokio::task::JoinSet::new();
            for browser in app.browsers(6).await {
                browser.set_token(&token);
                logouts.spawn(async move { browser.logout().await });
            }
            let ended = logouts.join_all().await;
            assert_eq!(ended.iter().filter(|ended| **ended).count(), 1, "{ended:?}");
        }
    });
}
