//! The throttle: how often passwords may be guessed at, and registrations made.

use chrono::TimeDelta;
use gatelodge::config::{Config, throttle::Rate};
use serde_json::{Value, json};

use crate::harness::{Browser, TestApp, codes, eventually, on_every_database, test_with};

const PASSWORD: &str = "correct horse";

/// The default: five failures are free.
fn five(config: &mut Config) {
    config.throttle.account = 5;
}

fn wait(payload: &Value) -> Option<u64> {
    if codes(payload) != ["THROTTLED"] {
        return None;
    }
    let error = &payload["userErrors"][0];
    assert_eq!(error["field"], Value::Null);
    Some(error["retryAfter"].as_u64().unwrap())
}

async fn fail(browser: &Browser, username: &str) -> Option<u64> {
    let payload = browser.login(username, "wrong password").await;
    if codes(&payload) == ["INVALID_CREDENTIALS"] {
        return None;
    }
    Some(wait(&payload).unwrap_or_else(|| panic!("{payload:#}")))
}

async fn seconds(app: &TestApp, seconds: u64) {
    app.advance(TimeDelta::seconds(i64::try_from(seconds).unwrap()));
}

#[test]
fn after_five_failures_waits_grow_and_a_refused_try_does_not_lengthen_them() {
    test_with(five, async |app| {
        app.browser().registered("ada", PASSWORD).await;
        for _ in 0..5 {
            assert_eq!(fail(&app.browser(), "ada").await, None);
        }
        for expected in [30, 60, 120, 240, 480, 960, 1200, 1200] {
            assert_eq!(fail(&app.browser(), "ada").await, Some(expected));
            seconds(app, expected - 1).await;
            assert_eq!(fail(&app.browser(), "ada").await, Some(1));
            seconds(app, 1).await;
            assert_eq!(fail(&app.browser(), "ada").await, None);
        }
    });
}

#[test]
fn known_and_unknown_names_are_throttled_alike_in_all_their_spellings() {
    test_with(five, async |app| {
        app.browser().registered("John", PASSWORD).await;
        for names in [
            ["john", "JOHN", "ｊｏｈｎ", "John", "joHn"],
            ["nobody", "NOBODY", "ｎｏｂｏｄｙ", "Nobody", "noBody"],
        ] {
            for name in names {
                assert_eq!(fail(&app.browser(), name).await, None);
            }
            // The right password, too, is not looked at.
            let throttled = app.browser().login(names[0], PASSWORD).await;
            assert_eq!(
                throttled["userErrors"],
                json!([{ "code": "THROTTLED", "message": "Too many tries, try again later", "field": null,
                         "retryAfter": 30 }])
            );
            assert_eq!(throttled["user"], Value::Null);
        }
        // What nobody can be called is counted as well.
        for _ in 0..5 {
            assert_eq!(fail(&app.browser(), "a b").await, None);
        }
        assert_eq!(fail(&app.browser(), "a b").await, Some(30));
    });
}

#[test]
fn a_browser_that_signed_in_before_is_delayed_by_nobody_else() {
    let both = |config: &mut Config| {
        five(config);
        config.throttle.source = "6/10m".parse().unwrap();
    };
    test_with(both, async |app| {
        let known = app.browser();
        known.registered("ada", PASSWORD).await;
        known.logout().await;
        for _ in 0..5 {
            assert_eq!(fail(&app.browser(), "ada").await, None);
        }
        assert!(fail(&app.browser(), "ada").await.is_some());
        for _ in 0..2 {
            fail(&app.browser(), "somebody").await;
        }
        assert!(
            fail(&app.browser(), "anybody").await.is_some(),
            "the source has had its share"
        );
        assert_eq!(
            codes(&known.login("ADA", PASSWORD).await),
            Vec::<&str>::new()
        );
        assert_eq!(known.me().await.as_deref(), Some("ada"));

        // It has its own count, and no say about other accounts.
        for _ in 0..5 {
            assert_eq!(fail(&known, "ada").await, None);
        }
        assert_eq!(fail(&known, "ada").await, Some(30));
        assert!(fail(&known, "anybody").await.is_some());
    });
}

#[test]
fn a_device_cookie_is_no_proof_for_another_account_and_none_when_it_is_forged() {
    test_with(five, async |app| {
        app.browser().registered("ada", PASSWORD).await;
        let mallory = app.browser();
        mallory.registered("mallory", PASSWORD).await;
        for _ in 0..5 {
            assert_eq!(fail(&mallory, "ada").await, None);
        }
        assert_eq!(fail(&mallory, "ada").await, Some(30));
        for forged in [
            "",
            "A",
            &"A".repeat(43),
            &"_".repeat(128),
            &"A".repeat(5000),
        ] {
            mallory
                .jar
                .lock()
                .unwrap()
                .insert("gatelodge-device".to_owned(), forged.to_owned());
            assert_eq!(fail(&mallory, "ada").await, Some(30), "{forged}");
        }
    });
}

#[test]
fn a_success_gives_its_own_place_back_and_no_other() {
    test_with(five, async |app| {
        app.browser().registered("ada", PASSWORD).await;
        for _ in 0..3 {
            assert_eq!(fail(&app.browser(), "ada").await, None);
        }
        for _ in 0..20 {
            assert_eq!(
                codes(&app.browser().login("ada", PASSWORD).await),
                Vec::<&str>::new()
            );
        }
        assert_eq!(fail(&app.browser(), "ada").await, None);
        assert_eq!(fail(&app.browser(), "ada").await, None);
        assert_eq!(fail(&app.browser(), "ada").await, Some(30));
    });
}

#[test]
fn of_fifty_tries_at_once_with_one_place_left_one_is_made() {
    test_with(five, async |app| {
        app.browser().registered("ada", PASSWORD).await;
        for _ in 0..4 {
            assert_eq!(fail(&app.browser(), "ada").await, None);
        }
        let mut tries = tokio::task::JoinSet::new();
        for browser in app.browsers(50).await {
            tries.spawn(async move { fail(&browser, "ada").await });
        }
        let waits = tries.join_all().await;
        let made = waits.iter().filter(|wait| wait.is_none());
        assert_eq!(made.count(), 1, "{waits:?}");
    });
}

#[test]
fn nodes_share_their_counts_and_a_restart_keeps_them() {
    test_with(five, async |app| {
        app.browser().registered("ada", PASSWORD).await;
        let other = app.another_node(five).await;
        for number in 0..5 {
            let node = if number % 2 == 0 { app } else { &other };
            assert_eq!(fail(&node.browser(), "ada").await, None);
        }
        assert_eq!(fail(&other.browser(), "ada").await, Some(30));
        other.stop().await;
        let again = app.another_node(five).await;
        assert_eq!(fail(&again.browser(), "ada").await, Some(30));
        again.stop().await;
    });
}

#[test]
fn nodes_that_started_before_their_tables_share_a_secret_all_the_same() {
    let before = |config: &mut Config| {
        five(config);
        config.server.no_migrate = true;
        config.secret.secret = None;
    };
    on_every_database(async |database| {
        let one = TestApp::spawn(database, before).await;
        let two = one.another_node(|_| {}).await;
        let reply = one.browser().login_reply("ada", PASSWORD).await;
        assert_eq!(reply.code(), "INTERNAL_SERVER_ERROR");
        one.auth.store.migrate_up().await.unwrap();
        for number in 0..5 {
            let node = if number % 2 == 0 { &one } else { &two };
            assert_eq!(fail(&node.browser(), "ada").await, None);
        }
        for node in [&one, &two] {
            assert_eq!(fail(&node.browser(), "ada").await, Some(30));
            assert_eq!(node.browser().get("/readyz").await.status, 200);
        }
        two.stop().await;
        one.stop().await;
    });
}

#[test]
fn a_wait_never_lasts_longer_than_twenty_minutes_whichever_way_the_clock_steps() {
    test_with(five, async |app| {
        app.browser().registered("ada", PASSWORD).await;
        for _ in 0..5 {
            fail(&app.browser(), "ada").await;
        }
        assert_eq!(fail(&app.browser(), "ada").await, Some(30));
        app.advance(TimeDelta::days(-1));
        // The source's count is put right first.
        assert_eq!(fail(&app.browser(), "ada").await, Some(1));
        seconds(app, 1).await;
        assert_eq!(fail(&app.browser(), "ada").await, Some(1200));
        seconds(app, 1200).await;
        assert_eq!(fail(&app.browser(), "ada").await, None);
        app.advance(TimeDelta::days(2));
        assert_eq!(fail(&app.browser(), "ada").await, None);
    });
}

#[test]
fn a_source_has_its_share_of_failures_whatever_names_it_tries() {
    let ten = |config: &mut Config| config.throttle.source = "10/10m".parse().unwrap();
    test_with(ten, async |app| {
        app.browser().registered("ada", PASSWORD).await;
        for number in 0..10 {
            let right = app.browser().login("ada", PASSWORD).await;
            assert_eq!(
                codes(&right),
                Vec::<&str>::new(),
                "a success counts nowhere"
            );
            let wrong = fail(&app.browser(), &format!("name{number}")).await;
            assert_eq!(wrong, None);
        }
        assert_eq!(fail(&app.browser(), "name").await, Some(60));
        seconds(app, 60).await;
        assert_eq!(fail(&app.browser(), "name").await, None);
        assert_eq!(fail(&app.browser(), "name").await, Some(60));
    });
}

#[test]
fn registrations_that_reach_the_database_are_counted_by_source() {
    let three = |config: &mut Config| {
        config.throttle.register = Rate {
            count: 3,
            within: std::time::Duration::from_hours(1),
        };
    };
    test_with(three, async |app| {
        for _ in 0..10 {
            let payload = app.browser().register("a b", PASSWORD).await;
            assert_eq!(
                codes(&payload),
                ["USERNAME_INVALID"],
                "this one needs no database"
            );
        }
        app.browser().registered("ada", PASSWORD).await;
        assert_eq!(
            codes(&app.browser().register("ada", PASSWORD).await),
            ["USERNAME_TAKEN"]
        );
        app.browser().registered("bob", PASSWORD).await;
        assert_eq!(
            wait(&app.browser().register("eve", PASSWORD).await),
            Some(1200)
        );
        assert_eq!(app.database.db_count("users").await, 2);
        seconds(app, 1200).await;
        app.browser().registered("eve", PASSWORD).await;
    });
}

/// A browser behind a proxy that says where it is.
async fn from(app: &TestApp, header: &str, address: &str) -> Option<u64> {
    let query = "mutation { login(input: { username: \"nobody\", password: \"x\" }) { userErrors { code retryAfter field } } }";
    let reply = app
        .browser()
        .post_with(&[(header, address)], &json!({ "query": query }))
        .await;
    wait(&reply.data()["login"])
}

#[test]
fn a_forwarding_header_counts_from_trusted_proxies_alone() {
    let two = |config: &mut Config| config.throttle.source = "2/10m".parse().unwrap();
    test_with(two, async |app| {
        for number in 0..6 {
            let throttled = from(app, "x-forwarded-for", &format!("1.2.3.{number}")).await;
            assert_eq!(
                throttled.is_some(),
                number >= 2,
                "a stranger's word makes no new source"
            );
        }
    });
    let trusting = |config: &mut Config| {
        two(config);
        config.server.trusted_proxies = vec![
            "127.0.0.0/8".parse().unwrap(),
            "10.0.0.0/8".parse().unwrap(),
        ];
    };
    test_with(trusting, async |app| {
        for number in 0..4 {
            for left in ["", "6.6.6.6, ", "junk, "] {
                let address = format!("{left}1.2.3.{number}, 10.1.1.1");
                let throttled = from(app, "x-forwarded-for", &address).await;
                assert_eq!(
                    throttled.is_some(),
                    left == "junk, ",
                    "the third of one source: {address}"
                );
            }
        }
        // One customer of an IPv6 provider is one source.
        for (host, throttled) in [(1, false), (2, false), (3, true)] {
            let address = format!("2001:db8:1:1::{host}");
            assert_eq!(
                from(app, "x-forwarded-for", &address).await.is_some(),
                throttled
            );
        }
        assert_eq!(from(app, "x-forwarded-for", "2001:db8:1:2::1").await, None);
        for header in [
            "forwarded",
            "x-real-ip",
            "cf-connecting-ip",
            "true-client-ip",
        ] {
            from(app, header, "for=9.9.9.9").await;
        }
        assert!(
            from(app, "x-real-ip", "8.8.8.8").await.is_some(),
            "other headers count for nothing"
        );
    });
}

#[test]
fn the_table_names_nobody_and_forgets() {
    test_with(five, async |app| {
        app.browser().registered("ada", PASSWORD).await;
        fail(&app.browser(), "ada").await;
        fail(&app.browser(), "somebody-typed-a-password-here").await;
        let keys = app
            .database
            .db_column::<Vec<u8>>("SELECT throttle_key FROM throttles")
            .await;
        assert!(keys.len() >= 3);
        assert!(
            keys.iter()
                .all(|key| key.len() == 32 && !key.windows(3).any(|window| window == b"ada"))
        );
        app.advance(TimeDelta::days(3));
        app.auth.sweep_throttles().await.unwrap();
        assert_eq!(app.database.db_count("throttles").await, 0);
    });
}

#[test]
fn a_try_that_was_not_made_is_not_counted() {
    let busy = |config: &mut Config| {
        five(config);
        config.password.memory_kib = 65_536;
        config.password.iterations = 4;
        config.password.workers = std::num::NonZero::new(1);
        config.password.queue = 1;
    };
    test_with(busy, async |app| {
        let mut logins = tokio::task::JoinSet::new();
        for number in 0..12 {
            let browser = app.browser();
            logins.spawn(async move {
                browser
                    .login_reply(&format!("nobody{}", number % 3), "wrong password")
                    .await
            });
        }
        let replies = logins.join_all().await;
        let busy = replies.iter().filter(|reply| reply.status == 503).count();
        assert!(busy > 0);
        let counted: i64 = app
            .database
            .db_column::<i32>("SELECT taken FROM throttles")
            .await
            .iter()
            .map(|&taken| i64::from(taken))
            .sum();
        assert_eq!(counted, i64::try_from(replies.len() - busy).unwrap());
    });
}

#[test]
fn of_two_hundred_tries_at_once_five_are_made_and_the_others_count_nowhere() {
    let both = |config: &mut Config| {
        five(config);
        config.throttle.source = "7/10m".parse().unwrap();
    };
    test_with(both, async |app| {
        app.browser().registered("ada", PASSWORD).await;
        let mut tries = tokio::task::JoinSet::new();
        for browser in app.browsers(200).await {
            tries.spawn(async move { fail(&browser, "ada").await });
        }
        let waits = tries.join_all().await;
        assert_eq!(waits.iter().filter(|wait| wait.is_none()).count(), 5);
        // The source has two places left, as after five failures.
        for _ in 0..2 {
            assert_eq!(fail(&app.browser(), "somebody").await, None);
        }
        assert!(fail(&app.browser(), "somebody").await.is_some());
    });
}

#[test]
fn a_database_that_isolates_more_strictly_makes_no_difference() {
    test_with(five, async |app| {
        if !app.database.name().starts_with("postgres") {
            return;
        }
        let database: Vec<String> = app.database.db_column("SELECT current_database()").await;
        let strict = "SET default_transaction_isolation = 'serializable'";
        let alter = format!("ALTER DATABASE {} {strict}", database[0]);
        app.database.db_execute(&alter).await;
        let (one, two) = (app.another_node(five).await, app.another_node(five).await);
        let mut tries = tokio::task::JoinSet::new();
        for node in [&one, &two] {
            for browser in node.browsers(25).await {
                tries.spawn(async move { fail(&browser, "ada").await });
            }
        }
        let waits = tries.join_all().await;
        assert_eq!(waits.iter().filter(|wait| wait.is_none()).count(), 5);
        one.stop().await;
        two.stop().await;
    });
}

#[test]
fn who_leaves_before_the_answer_has_not_tried() {
    let slow = |config: &mut Config| {
        five(config);
        config.password.memory_kib = 65_536;
        config.password.iterations = 4;
        config.password.workers = std::num::NonZero::new(1);
    };
    test_with(slow, async |app| {
        let body = json!({ "query": "mutation { login(input: { username: \"ada\", password: \"x\" }) { user { id } } }" })
            .to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        for _ in 0..5 {
            let mut stream = tokio::net::TcpStream::connect(app.public).await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
                .await
                .unwrap();
            let taken = async || {
                !app.database
                    .db_column::<i32>("SELECT taken FROM throttles WHERE taken > 0")
                    .await
                    .is_empty()
            };
            eventually("a place is taken", taken).await;
            drop(stream);
            let given_back = async || {
                app.database
                    .db_column::<i32>("SELECT taken FROM throttles WHERE taken > 0")
                    .await
                    .is_empty()
            };
            eventually("the place is given back", given_back).await;
        }
        assert_eq!(fail(&app.browser(), "ada").await, None);
    });
}

#[test]
fn failures_are_forgotten_a_day_after_the_last_whoever_succeeds_meanwhile() {
    test_with(five, async |app| {
        app.browser().registered("ada", PASSWORD).await;
        for _ in 0..4 {
            assert_eq!(fail(&app.browser(), "ada").await, None);
        }
        app.advance(TimeDelta::hours(23));
        assert_eq!(
            codes(&app.browser().login("ada", PASSWORD).await),
            Vec::<&str>::new()
        );
        app.advance(TimeDelta::hours(2));
        for _ in 0..5 {
            assert_eq!(fail(&app.browser(), "ada").await, None);
        }
        assert_eq!(fail(&app.browser(), "ada").await, Some(30));
    });
}
