//! The two timeouts of a session: idle and absolute.

use std::time::Duration;

use chrono::TimeDelta;
use gatelodge::config::Config;

use crate::harness::{Browser, PASSWORD, TestApp, test, test_with};

/// Uses the session, and waits until the use is recorded.
async fn use_session(app: &TestApp, browser: &Browser, expected_end: &str) {
    browser.me().await;
    app.finish_background_work().await;
    assert_eq!(browser.session_expires_at().await, expected_end);
}

#[test]
fn a_session_that_is_not_used_ends() {
    test(async |app| {
        let browser = app.register("ada").await;
        app.advance(TimeDelta::days(7) - TimeDelta::microseconds(1));
        let idle = app.log_in("ada").await;
        app.advance(TimeDelta::microseconds(1));
        assert_eq!(browser.me().await, None, "exactly at the timeout");
        assert_eq!(idle.me().await.as_deref(), Some("ada"));
    });
}

#[test]
fn a_session_that_is_used_continues() {
    test(async |app| {
        let browser = app.register("ada").await;
        assert_eq!(
            browser.session_expires_at().await,
            "2027-01-22T08:00:00+00:00"
        );
        app.advance(TimeDelta::days(6));
        use_session(app, &browser, "2027-01-28T08:00:00+00:00").await;
        app.advance(TimeDelta::days(6));
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
    });
}

#[test]
fn a_use_within_a_minute_is_not_written() {
    test(async |app| {
        let browser = app.register("ada").await;
        app.advance(TimeDelta::seconds(59));
        browser.me().await;
        app.finish_background_work().await;
        assert_eq!(
            browser.session_expires_at().await,
            "2027-01-22T08:00:00+00:00"
        );
    });
}

#[test]
fn with_a_short_idle_timeout_a_used_session_continues_and_an_unused_one_ends() {
    let short = |config: &mut Config| {
        config.session.idle = Some(Duration::from_secs(10));
        config.session.idle_short = Some(Duration::from_secs(10));
    };
    test_with(short, async |app| {
        let other = app.another_node(short).await;
        let browser = app.register("ada").await;
        // Two nodes in turn, a little more often than a tenth of the timeout.
        for step in 0..50 {
            app.advance(TimeDelta::milliseconds(900));
            let node = if step % 2 == 0 { app } else { &other };
            assert!(browser.at(node.public).me().await.is_some(), "{step}");
            node.finish_background_work().await;
        }
        app.advance(TimeDelta::milliseconds(8_100));
        assert!(
            browser.me().await.is_some(),
            "nine tenths of the timeout at least"
        );
        app.finish_background_work().await;
        app.advance(TimeDelta::seconds(10));
        assert_eq!(browser.me().await, None);
        other.stop().await;
    });
}

#[test]
fn a_session_ends_after_its_lifetime_even_if_it_is_used() {
    test(async |app| {
        let browser = app.register("ada").await;
        for (days, end) in [
            (5, "2027-01-27T08:00:00+00:00"),
            (5, "2027-02-01T08:00:00+00:00"),
            (5, "2027-02-06T08:00:00+00:00"),
            (5, "2027-02-11T08:00:00+00:00"),
            (5, "2027-02-14T08:00:00+00:00"),
            (4, "2027-02-14T08:00:00+00:00"),
        ] {
            app.advance(TimeDelta::days(days));
            use_session(app, &browser, end).await;
        }
        app.advance(TimeDelta::days(1));
        assert_eq!(browser.me().await, None);
    });
}

#[test]
fn an_expired_session_stays_expired_when_the_clock_goes_back() {
    test(async |app| {
        let browser = app.register("ada").await;
        app.advance(TimeDelta::days(8));
        assert_eq!(browser.me().await, None);
        app.advance(TimeDelta::days(-8));
        assert_eq!(browser.me().await, None);
        assert_eq!(app.database.db_count("sessions").await, 0);
    });
}

#[test]
fn ended_sessions_are_swept_and_live_ones_stay() {
    test(async |app| {
        let browser = app.register("ada").await;
        for _ in 0..4 {
            app.browser().login("ada", PASSWORD).await;
        }
        app.advance(TimeDelta::days(8));
        browser.login("ada", PASSWORD).await;
        assert_eq!(
            app.auth.delete_expired().await.unwrap(),
            4,
            "the browser's own was replaced"
        );
        assert_eq!(app.database.db_count("sessions").await, 1);
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
        assert_eq!(app.auth.delete_expired().await.unwrap(), 0);
    });
}

#[test]
fn a_sweep_of_more_than_one_batch_leaves_nothing_behind() {
    test(async |app| {
        app.register("ada").await;
        // Hashes of tokens are 32 bytes: those of the numbers from 1 on will do.
        let copy = match app.database.name() {
            "sqlite" => "randomblob(16), user_id, randomblob(32)",
            "mysql" => "UNHEX(REPLACE(UUID(), '-', '')), user_id, UNHEX(SHA2(UUID(), 256))",
            _ => "gen_random_uuid(), user_id, sha256(gen_random_uuid()::text::bytea)",
        };
        for _ in 0..10 {
            app.database
                .db_execute(&format!(
                    "INSERT INTO sessions (id, user_id, token_hash, created_at, authenticated_at, last_seen_at, expires_at)
                     SELECT {copy}, created_at, authenticated_at, last_seen_at, expires_at FROM sessions"
                ))
                .await;
        }
        assert_eq!(app.database.db_count("sessions").await, 1024);
        app.advance(TimeDelta::days(31));
        assert_eq!(app.auth.delete_expired().await.unwrap(), 1024);
        assert_eq!(app.database.db_count("sessions").await, 0);
    });
}
