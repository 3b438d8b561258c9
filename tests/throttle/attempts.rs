//! The throttle: how often clients may guess passwords and register.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use gatelodge::config::Config;
use serde_json::{Value, json};

use crate::harness::{PASSWORD, TestApp, assert_no_errors, on_every_database, test_with};

/// The default: five failures are free.
pub fn five_free_failures(config: &mut Config) {
    config.throttle.account = 5;
}

/// Advances the clock.
pub async fn advance_seconds(app: &TestApp, seconds: u64) {
    app.advance(TimeDelta::seconds(i64::try_from(seconds).unwrap()));
}

#[test]
fn after_five_failures_waits_grow_and_a_refused_attempt_does_not_lengthen_them() {
    test_with(five_free_failures, async |app| {
        app.register("ada").await;
        for _ in 0..5 {
            assert_eq!(app.fail_login("ada").await, None);
        }
        for expected in [30, 60, 120, 240, 480, 960, 1200, 1200] {
            assert_eq!(app.fail_login("ada").await, Some(expected));
            advance_seconds(app, expected - 1).await;
            assert_eq!(app.fail_login("ada").await, Some(1));
            advance_seconds(app, 1).await;
            assert_eq!(app.fail_login("ada").await, None);
        }
    });
}

#[test]
fn known_and_unknown_names_are_throttled_alike_in_all_spellings() {
    test_with(five_free_failures, async |app| {
        app.register("John").await;
        for names in [
            ["john", "JOHN", "ｊｏｈｎ", "John", "joHn"],
            ["nobody", "NOBODY", "ｎｏｂｏｄｙ", "Nobody", "noBody"],
        ] {
            for name in names {
                assert_eq!(app.fail_login(name).await, None);
            }
            // Even the right password is not checked.
            let throttled = app.browser().login(names[0], PASSWORD).await;
            assert_eq!(
                throttled["userErrors"],
                json!([{ "code": "THROTTLED", "message": "Too many attempts, try again later", "field": null,
                         "retryAfter": 30 }])
            );
            assert_eq!(throttled["user"], Value::Null);
        }
        // An invalid name is counted as well.
        for _ in 0..5 {
            assert_eq!(app.fail_login("a b").await, None);
        }
        assert_eq!(app.fail_login("a b").await, Some(30));
    });
}

#[test]
fn failures_of_other_browsers_do_not_delay_a_known_browser() {
    let both = |config: &mut Config| {
        five_free_failures(config);
        config.throttle.source = "6/10m".parse().unwrap();
    };
    test_with(both, async |app| {
        let known = app.register("ada").await;
        known.logout().await;
        for _ in 0..5 {
            assert_eq!(app.fail_login("ada").await, None);
        }
        assert!(app.fail_login("ada").await.is_some());
        for _ in 0..2 {
            app.fail_login("somebody").await;
        }
        assert!(
            app.fail_login("anybody").await.is_some(),
            "the source has reached its limit"
        );
        assert_no_errors(&known.login("ADA", PASSWORD).await);
        assert_eq!(known.me().await.as_deref(), Some("ada"));

        // It has its own count, and no effect on other accounts.
        for _ in 0..5 {
            assert_eq!(known.fail_login("ada").await, None);
        }
        assert_eq!(known.fail_login("ada").await, Some(30));
        assert!(known.fail_login("anybody").await.is_some());
    });
}

#[test]
fn a_device_cookie_is_ignored_for_another_account_and_when_it_is_forged() {
    test_with(five_free_failures, async |app| {
        let ada = app.register("ada").await;
        let mallory = app.register("mallory").await;
        // New browsers use up their five failures. A browser that the account knows would have five of its own.
        for _ in 0..5 {
            assert_eq!(app.fail_login("ada").await, None);
        }
        assert_eq!(mallory.fail_login("ada").await, Some(30));
        let put = |value: &str| {
            let mut jar = mallory.jar.lock().unwrap();
            jar.insert("gatelodge-device".to_owned(), value.to_owned());
        };
        for forged in [
            "",
            "A",
            &"A".repeat(43),
            &"_".repeat(128),
            &"A".repeat(5000),
        ] {
            put(forged);
            assert_eq!(mallory.fail_login("ada").await, Some(30), "{forged}");
        }
        // The account's own cookie with one bit changed: in the browser's id, the day, or the keyed hash.
        let own = ada.jar.lock().unwrap()["gatelodge-device"].clone();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&own).unwrap();
        for index in [0, 15, 16, 19, 20, 35] {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            put(&BASE64_URL_SAFE_NO_PAD.encode(changed));
            assert_eq!(mallory.fail_login("ada").await, Some(30), "byte {index}");
        }
        // Unchanged it is accepted, so the test uses the right cookie.
        put(&own);
        assert_eq!(mallory.fail_login("ada").await, None);
    });
}

#[test]
fn a_successful_login_releases_only_its_own_reservation() {
    test_with(five_free_failures, async |app| {
        app.register("ada").await;
        for _ in 0..3 {
            assert_eq!(app.fail_login("ada").await, None);
        }
        for _ in 0..20 {
            app.log_in("ada").await;
        }
        assert_eq!(app.fail_login("ada").await, None);
        assert_eq!(app.fail_login("ada").await, None);
        assert_eq!(app.fail_login("ada").await, Some(30));
    });
}

#[test]
fn nodes_share_their_throttle_counts_and_a_restart_keeps_them() {
    test_with(five_free_failures, async |app| {
        app.register("ada").await;
        let other = app.another_node(five_free_failures).await;
        for number in 0..5 {
            let node = if number % 2 == 0 { app } else { &other };
            assert_eq!(node.fail_login("ada").await, None);
        }
        assert_eq!(other.fail_login("ada").await, Some(30));
        other.stop().await;
        let again = app.another_node(five_free_failures).await;
        assert_eq!(again.fail_login("ada").await, Some(30));
        again.stop().await;
    });
}

#[test]
fn a_wait_never_lasts_longer_than_twenty_minutes_whichever_way_the_clock_steps() {
    test_with(five_free_failures, async |app| {
        app.register("ada").await;
        for _ in 0..5 {
            app.fail_login("ada").await;
        }
        assert_eq!(app.fail_login("ada").await, Some(30));
        app.advance(TimeDelta::days(-1));
        assert_eq!(app.fail_login("ada").await, Some(30));
        advance_seconds(app, 30).await;
        assert_eq!(app.fail_login("ada").await, None);
        app.advance(TimeDelta::days(2));
        assert_eq!(app.fail_login("ada").await, None);
    });
}

#[test]
fn the_throttle_table_contains_no_names_and_is_swept() {
    test_with(five_free_failures, async |app| {
        app.register("ada").await;
        app.fail_login("ada").await;
        app.fail_login("somebody-typed-a-password-here").await;
        let keys = app
            .database
            .db_column::<Vec<u8>>("SELECT throttle_key FROM throttles")
            .await;
        assert!(keys.len() >= 3);
        assert!(
            keys.iter()
                .all(|key| key.len() == 32 && !key.windows(3).any(|window| window == b"ada"))
        );
        // Two days after their last use, and not before: no swept count is needed.
        let failures = async || {
            let held = "SELECT COUNT(*) FROM throttles WHERE taken > 0";
            app.database.db_column::<i64>(held).await[0]
        };
        app.advance(TimeDelta::days(2));
        app.auth.delete_idle_throttles().await.unwrap();
        assert_eq!(failures().await, 2);
        app.advance(TimeDelta::microseconds(1));
        assert!(app.auth.delete_idle_throttles().await.unwrap() >= 2);
        assert_eq!(app.database.db_count("throttles").await, 0);
    });
}

#[test]
fn a_sweep_of_more_counts_than_one_statement_deletes_leaves_none() {
    test_with(five_free_failures, async |app| {
        app.fail_login("ada").await;
        let key = match app.database.name() {
            "sqlite" => "randomblob(32)",
            "mysql" => "UNHEX(SHA2(UUID(), 256))",
            _ => "sha256(gen_random_uuid()::text::bytea)",
        };
        let until = match app.database.name() {
            "mysql" => "`until`",
            _ => "\"until\"",
        };
        let first = app.database.db_count("throttles").await;
        for _ in 0..8 {
            let copy = format!(
                "INSERT INTO throttles (throttle_key, taken, {until}, taken_at, version)
                 SELECT {key}, taken, {until}, taken_at, version FROM throttles"
            );
            app.database.db_execute(&copy).await;
        }
        app.advance(TimeDelta::days(3));
        let swept = app.auth.delete_idle_throttles().await.unwrap();
        assert_eq!(swept, u64::try_from(first).unwrap() * 256);
        assert_eq!(app.database.db_count("throttles").await, 0);
    });
}

#[test]
fn failures_are_forgotten_a_day_after_the_last_one_even_if_another_login_succeeds() {
    test_with(five_free_failures, async |app| {
        app.register("ada").await;
        for _ in 0..4 {
            assert_eq!(app.fail_login("ada").await, None);
        }
        app.advance(TimeDelta::hours(23));
        app.log_in("ada").await;
        app.advance(TimeDelta::hours(2));
        for _ in 0..5 {
            assert_eq!(app.fail_login("ada").await, None);
        }
        assert_eq!(app.fail_login("ada").await, Some(30));
    });
}

#[test]
fn a_browser_is_known_to_an_account_for_four_hundred_days() {
    test_with(five_free_failures, async |app| {
        let ada = app.register("ada").await;
        let others_fail = async || {
            for _ in 0..5 {
                assert_eq!(app.fail_login("ada").await, None);
            }
        };
        app.advance(TimeDelta::days(400));
        others_fail().await;
        assert_eq!(ada.fail_login("ada").await, None);
        // By then the failures of the day before are forgotten.
        app.advance(TimeDelta::hours(25));
        others_fail().await;
        assert_eq!(ada.fail_login("ada").await, Some(30));
    });
}

#[test]
fn another_secret_gives_other_keys_for_the_same_name_and_address() {
    test_with(five_free_failures, async |app| {
        let keys = async || {
            let keys = "SELECT throttle_key FROM throttles";
            app.database.db_column::<Vec<u8>>(keys).await.len()
        };
        app.fail_login("ada").await;
        let before = keys().await;
        let other = app
            .another_node(|config| {
                config.secret.secret = Some("another secret of tests, 32 bytes".into());
            })
            .await;
        other.fail_login("ada").await;
        // Plain hashes would be equal, and an attacker could guess the names.
        assert_eq!(keys().await, 2 * before);
        other.stop().await;
    });
}

#[test]
fn nodes_that_started_before_their_tables_still_share_a_secret() {
    let before = |config: &mut Config| {
        five_free_failures(config);
        config.server.no_migrate = true;
        config.secret.secret = None;
    };
    on_every_database(async |database| {
        let one = TestApp::spawn(database, before).await;
        let two = one.another_node(|_| {}).await;
        let reply = one.browser().login_reply("ada", PASSWORD).await;
        assert_eq!(reply.code(), "INTERNAL_SERVER_ERROR");
        one.auth.store().migrate_up().await.unwrap();
        for number in 0..5 {
            let node = if number % 2 == 0 { &one } else { &two };
            assert_eq!(node.fail_login("ada").await, None);
        }
        for node in [&one, &two] {
            assert_eq!(node.fail_login("ada").await, Some(30));
            assert_eq!(node.browser().get("/readyz").await.status, 200);
        }
        two.stop().await;
        one.stop().await;
    });
}
