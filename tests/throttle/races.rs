//! The throttle when tries come at once, or are not made.

use gatelodge::config::Config;
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use serde_json::json;

use crate::{
    harness::{TestApp, eventually, test_with},
    throttle::attempts::{fail, five},
};

const PASSWORD: &str = "correct horse";

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

/// One hash at a time, slow enough to leave in the middle of it.
fn slow(config: &mut Config) {
    config.password.memory_kib = 65_536;
    config.password.iterations = 16;
    config.password.workers = std::num::NonZero::new(1);
}

/// How many hashes are so far, as the counts tell.
async fn hashes(app: &TestApp, how: &str, many: u32) -> bool {
    let metrics = app.metrics().await;
    metrics.contains(&format!("\ngatelodge_hashes_{how} {many}\n"))
}

/// Sends a login, and leaves when so many hashes are so far.
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
fn who_leaves_while_their_password_is_hashed_has_tried() {
    let change = |config: &mut Config| {
        five(config);
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
        assert_eq!(fail(&app.browser(), "ada").await, Some(30));
    });
}

#[test]
fn who_leaves_the_queue_has_not_tried() {
    let change = |config: &mut Config| {
        slow(config);
        // Long enough that another login reaches the queue meanwhile, on a busy machine too.
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
        assert_eq!(fail(&app.browser(), "ada").await, None);
    });
}

#[test]
fn a_try_that_a_stricter_database_turns_back_is_counted_at_the_second_attempt() {
    test_with(five, async |app| {
        if !app.database.name().starts_with("postgres") {
            return;
        }
        assert_eq!(fail(&app.browser(), "ada").await, None);
        let database: Vec<String> = app.database.db_column("SELECT current_database()").await;
        let strict = "SET default_transaction_isolation = 'serializable'";
        let alter = format!("ALTER DATABASE {} {strict}", database[0]);
        app.database.db_execute(&alter).await;
        let node = app.another_node(five).await;

        // Somebody changes the counts, and has not committed when the try comes to them.
        let mut one = ConnectOptions::new(app.database.url.clone());
        let other = Database::connect(one.max_connections(1).to_owned())
            .await
            .unwrap();
        let run = async |sql| other.execute_unprepared(sql).await.unwrap();
        run("BEGIN").await;
        run("UPDATE throttles SET version = version + 1").await;
        let browser = node.browser();
        let tried = tokio::spawn(async move { fail(&browser, "ada").await });
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

        // It was counted once.
        for _ in 0..3 {
            assert_eq!(fail(&app.browser(), "ada").await, None);
        }
        assert_eq!(fail(&app.browser(), "ada").await, Some(30));
    });
}

#[test]
fn a_throttled_try_waits_for_no_hash_and_makes_none() {
    let busy = |config: &mut Config| {
        config.throttle.account = 1;
        config.password.memory_kib = 65_536;
        config.password.iterations = 4;
        config.password.workers = std::num::NonZero::new(1);
        config.password.queue = 1;
    };
    test_with(busy, async |app| {
        assert_eq!(fail(&app.browser(), "ada").await, None);
        let mut others = tokio::task::JoinSet::new();
        for (number, browser) in app.browsers(12).await.into_iter().enumerate() {
            others.spawn(async move {
                let name = format!("other{number}");
                browser.login_reply(&name, "wrong password").await.status
            });
        }
        // The queue is full by now: whoever wanted a hash would be told that the service is busy.
        for browser in app.browsers(12).await {
            assert!(fail(&browser, "ada").await.is_some());
        }
        let statuses = others.join_all().await;
        assert!(statuses.iter().any(|status| *status == 503), "{statuses:?}");
    });
}
