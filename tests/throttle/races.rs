//! The throttle with concurrent attempts, and with attempts that are not made.

use gatelodge::config::Config;
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use serde_json::json;

use crate::{
    harness::{TestApp, eventually, test_with},
    throttle::attempts::five_free_failures,
};

#[test]
fn of_fifty_concurrent_attempts_with_one_left_one_is_made() {
    test_with(five_free_failures, async |app| {
        app.register("ada").await;
        for _ in 0..4 {
            assert_eq!(app.fail_login("ada").await, None);
        }
        let mut tries = tokio::task::JoinSet::new();
        for browser in app.browsers(50).await {
            tries.spawn(async move { browser.fail_login("ada").await });
        }
        let waits = tries.join_all().await;
        let made = waits.iter().filter(|wait| wait.is_none());
        assert_eq!(made.count(), 1, "{waits:?}");
    });
}

#[test]
fn of_two_hundred_concurrent_attempts_five_are_made_and_the_others_are_not_counted() {
    let both = |config: &mut Config| {
        five_free_failures(config);
        config.throttle.source = "7/10m".parse().unwrap();
    };
    test_with(both, async |app| {
        app.register("ada").await;
        let mut tries = tokio::task::JoinSet::new();
        for browser in app.browsers(200).await {
            tries.spawn(async move { browser.fail_login("ada").await });
        }
        let waits = tries.join_all().await;
        assert_eq!(waits.iter().filter(|wait| wait.is_none()).count(), 5);
        // The source has two attempts left, as after five failures.
        for _ in 0..2 {
            assert_eq!(app.fail_login("somebody").await, None);
        }
        assert!(app.fail_login("somebody").await.is_some());
    });
}

#[test]
fn a_refused_attempt_is_not_counted() {
    let busy = |config: &mut Config| {
        five_free_failures(config);
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

/// One hash at a time, slow enough to disconnect during it.
fn slow(config: &mut Config) {
    config.password.memory_kib = 65_536;
    config.password.iterations = 16;
    config.password.workers = std::num::NonZero::new(1);
}

/// Returns how many hashes are in this state, by the metrics.
async fn hashes(app: &TestApp, how: &str, many: u32) -> bool {
    let metrics = app.metrics().await;
    metrics.contains(&format!("\ngatelodge_hashes_{how} {many}\n"))
}

/// Sends a login, and disconnects when this many hashes are in a state.
async fn leave(app: &TestApp, username: &str, how: &str) {
    let query = format!(
        "mutation {{ login(input: {{ username: \"{username}\", password: \"x\" }}) {{ user {{ id }} }} }}"
    );
    let body = json!({ "query": query }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(app.public).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .unwrap();
    eventually(how, async || hashes(app, how, 1).await).await;
}

#[test]
fn a_client_that_disconnects_during_hashing_is_counted() {
    let change = |config: &mut Config| {
        five_free_failures(config);
        slow(config);
    };
    test_with(change, async |app| {
        for _ in 0..5 {
            eventually("the worker is free", async || {
                hashes(app, "working", 0).await
            })
            .await;
            leave(app, "ada", "working").await;
        }
        assert_eq!(app.fail_login("ada").await, Some(30));
    });
}

#[test]
fn a_client_that_disconnects_while_queued_is_not_counted() {
    let change = |config: &mut Config| {
        slow(config);
        // Long enough that another login reaches the queue in that time, even on a busy machine.
        config.password.iterations = 32;
        config.throttle.account = 1;
    };
    test_with(change, async |app| {
        let other = app.browser();
        let busy = tokio::spawn(async move { other.login("bob", "x").await });
        eventually("the worker is busy", async || {
            hashes(app, "working", 1).await
        })
        .await;
        leave(app, "ada", "waiting").await;
        eventually("nobody waits", async || hashes(app, "waiting", 0).await).await;
        busy.await.unwrap();
        assert_eq!(app.fail_login("ada").await, None);
    });
}

#[test]
fn an_attempt_that_hits_a_serialization_failure_is_counted_on_retry() {
    test_with(five_free_failures, async |app| {
        if !app.database.name().starts_with("postgres") {
            return;
        }
        assert_eq!(app.fail_login("ada").await, None);
        let database: Vec<String> = app.database.db_column("SELECT current_database()").await;
        let strict = "SET default_transaction_isolation = 'serializable'";
        let alter = format!("ALTER DATABASE {} {strict}", database[0]);
        app.database.db_execute(&alter).await;
        let node = app.another_node(five_free_failures).await;

        // Another transaction changes the counts, and is not committed when the attempt reads them.
        let mut one = ConnectOptions::new(app.database.url.clone());
        let other = Database::connect(one.max_connections(1).to_owned())
            .await
            .unwrap();
        let run = async |sql| other.execute_unprepared(sql).await.unwrap();
        run("BEGIN").await;
        run("UPDATE throttles SET version = version + 1").await;
        let browser = node.browser();
        let tried = tokio::spawn(async move { browser.fail_login("ada").await });
        let waits = async || {
            let waiting = "SELECT COUNT(*) FROM pg_stat_activity \
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
            app.database.db_column::<i64>(waiting).await[0] > 0
        };
        eventually("the try waits for the other's commit", waits).await;
        run("COMMIT").await;
        assert_eq!(tried.await.unwrap(), None);
        other.close().await.unwrap();
        node.stop().await;

        // The attempt was counted once.
        for _ in 0..3 {
            assert_eq!(app.fail_login("ada").await, None);
        }
        assert_eq!(app.fail_login("ada").await, Some(30));
    });
}

#[test]
fn a_throttled_attempt_neither_waits_for_a_hash_nor_makes_one() {
    let busy = |config: &mut Config| {
        config.throttle.account = 1;
        config.password.memory_kib = 65_536;
        config.password.iterations = 4;
        config.password.workers = std::num::NonZero::new(1);
        config.password.queue = 1;
    };
    test_with(busy, async |app| {
        assert_eq!(app.fail_login("ada").await, None);
        let mut others = tokio::task::JoinSet::new();
        for (number, browser) in app.browsers(12).await.into_iter().enumerate() {
            others.spawn(async move {
                let name = format!("other{number}");
                browser.login_reply(&name, "wrong password").await.status
            });
        }
        // The queue is full now: a request that needs a hash would be answered with "busy".
        for browser in app.browsers(12).await {
            assert!(browser.fail_login("ada").await.is_some());
        }
        let statuses = others.join_all().await;
        assert!(statuses.iter().any(|status| *status == 503), "{statuses:?}");
    });
}
