//! Every refused login costs a hash, and no throttled one does. A queue of one reservation shows which logins ask for a
//! hash.

use gatelodge::config::Config;
use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{PASSWORD, Reply, TestApp, assert_no_errors, codes, eventually, test_with};

/// One slow hash at a time, and one that waits: of many concurrent requests, some are answered with "busy".
fn one_worker(config: &mut Config) {
    config.password.memory_kib = 65_536;
    config.password.iterations = 4;
    config.password.workers = std::num::NonZero::new(1);
    config.password.queue = 1;
}

/// Sends many logins at once.
async fn login_concurrently(
    app: &TestApp,
    username: &'static str,
    password: &'static str,
) -> Vec<Reply> {
    let mut logins = JoinSet::new();
    for browser in app.browsers(12).await {
        logins.spawn(async move { browser.login_reply(username, password).await });
    }
    logins.join_all().await
}

/// Logs in by way of a trusted proxy.
fn login_from(app: &TestApp, source: &str) -> impl Future<Output = Reply> + Send + use<> {
    let (browser, source) = (app.browser(), source.to_owned());
    async move {
        let query =
            "mutation { login(input: { username: \"nobody\", password: \"x\" }) { user { id } } }";
        let from = [("x-forwarded-for", source.as_str())];
        browser.post_with(&from, &json!({ "query": query })).await
    }
}

/// Returns how many requests wait for a worker.
async fn queue_length(app: &TestApp) -> u32 {
    let metrics = app.metrics().await;
    let (_, after) = metrics.split_once("\ngatelodge_hashes_waiting ").unwrap();
    after.lines().next().unwrap().parse().unwrap()
}

fn count_busy(replies: &[Reply]) -> usize {
    let status = |reply: &&Reply| reply.status == StatusCode::SERVICE_UNAVAILABLE;
    replies.iter().filter(status).count()
}

#[test]
fn a_login_with_an_empty_field_costs_no_hash_and_counts_for_its_source_alone() {
    let both = |config: &mut Config| {
        one_worker(config);
        config.throttle.account = 1;
        config.throttle.source = "36/10m".parse().unwrap();
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    test_with(both, async |app| {
        let known = app.register("ada").await;
        for (username, password) in [("", "x"), ("ada", ""), ("", "")] {
            let replies = login_concurrently(app, username, password).await;
            // Of twelve requests for a hash, some would be answered with "busy".
            assert_eq!(count_busy(&replies), 0, "{username:?} {password:?}");
            for reply in replies {
                assert_eq!(codes(&reply.data()["login"])[0], "REQUIRED");
            }
        }
        for name in ["ada", "nobody", "a b", ""] {
            let payload = app.browser().login(name, "").await;
            assert_eq!(codes(&payload), ["THROTTLED"], "{name:?}");
        }
        // The user does not wait in other browsers: neither in a known one, nor in a new one from another address.
        assert_no_errors(&known.login("ada", PASSWORD).await);
        let query = "mutation { login(input: { username: \"ada\", password: \"correct horse\" }) { user { id } } }";
        let from = [("x-forwarded-for", "192.0.2.1")];
        let elsewhere = app
            .browser()
            .post_with(&from, &json!({ "query": query }))
            .await;
        assert!(elsewhere.data()["login"]["user"].is_object());
    });
}

#[test]
fn a_throttled_login_costs_no_hash() {
    let both = |config: &mut Config| {
        one_worker(config);
        config.throttle.account = 1;
    };
    test_with(both, async |app| {
        app.register("ada").await;
        for username in ["ada", "nobody"] {
            let first = app.browser().login(username, "wrong password").await;
            assert_eq!(codes(&first), ["INVALID_CREDENTIALS"]);
            for password in [PASSWORD, "wrong password"] {
                let replies = login_concurrently(app, username, password).await;
                assert_eq!(count_busy(&replies), 0, "{username} {password:?}");
                for reply in replies {
                    assert_eq!(codes(&reply.data()["login"]), ["THROTTLED"]);
                }
            }
        }
    });
}

#[test]
fn a_right_login_past_the_limit_costs_no_hash() {
    let both = |config: &mut Config| {
        one_worker(config);
        config.throttle.logins = "1/10m".parse().unwrap();
    };
    test_with(both, async |app| {
        app.register("ada").await;
        app.browser().login("ada", PASSWORD).await;
        let replies = login_concurrently(app, "ada", PASSWORD).await;
        assert_eq!(count_busy(&replies), 0);
        for reply in replies {
            assert_eq!(codes(&reply.data()["login"]), ["THROTTLED"]);
        }
    });
}

#[test]
fn one_source_fills_at_most_a_quarter_of_the_hash_queue() {
    let eight = |config: &mut Config| {
        one_worker(config);
        config.password.queue = 8;
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    test_with(eight, async |app| {
        // One customer of an IPv6 provider has many addresses, and is one source.
        let mut flood = JoinSet::new();
        for number in 0..12 {
            flood.spawn(login_from(app, &format!("2001:db8::{number}")));
        }
        eventually("the source holds its quota", async || {
            queue_length(app).await == 2
        })
        .await;
        let other = tokio::spawn(login_from(app, "2001:db8:0:1::1"));
        // For each two of the flood, one of the other source, as long as the flood lasts.
        let flood = tokio::spawn(flood.join_all());
        while !flood.is_finished() {
            assert!(queue_length(app).await <= 3);
        }
        assert!(count_busy(&flood.await.unwrap()) > 0);
        assert_eq!(other.await.unwrap().status, StatusCode::OK);
    });
}

#[test]
fn addresses_take_turns_even_if_one_wants_many_hashes() {
    let many = |config: &mut Config| {
        one_worker(config);
        config.password.queue = 64;
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    test_with(many, async |app| {
        let mut flood = JoinSet::new();
        for _ in 0..16 {
            flood.spawn(login_from(app, "192.0.2.1"));
        }
        eventually("the flood waits", async || queue_length(app).await >= 8).await;
        let answered =
            |flood: &mut JoinSet<Reply>| std::iter::from_fn(|| flood.try_join_next()).count();
        answered(&mut flood);
        let other = login_from(app, "192.0.2.2").await;
        assert_eq!(other.status, StatusCode::OK);
        // In a single queue, eight and more would have come first.
        let first = answered(&mut flood);
        assert!(first < 6, "{first}");
        flood.join_all().await;
    });
}
