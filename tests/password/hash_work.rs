//! Which logins cost a hash: every refused one, and no throttled one. A queue of one place shows who asks for one.

use gatelodge::config::Config;
use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{Reply, TestApp, codes, eventually, test_with};

/// One slow hash at a time, and one that waits: of many at once, some are told that the service is busy.
fn one_place(config: &mut Config) {
    config.password.memory_kib = 65_536;
    config.password.iterations = 4;
    config.password.workers = std::num::NonZero::new(1);
    config.password.queue = 1;
}

/// Many logins at once.
async fn at_once(app: &TestApp, username: &'static str, password: &'static str) -> Vec<Reply> {
    let mut logins = JoinSet::new();
    for browser in app.browsers(12).await {
        logins.spawn(async move { browser.login_reply(username, password).await });
    }
    logins.join_all().await
}

/// A login by way of a trusted proxy.
fn login_from(app: &TestApp, source: &str) -> impl Future<Output = Reply> + Send + use<> {
    let (browser, source) = (app.browser(), source.to_owned());
    async move {
        let query =
            "mutation { login(input: { username: \"nobody\", password: \"x\" }) { user { id } } }";
        let from = [("x-forwarded-for", source.as_str())];
        browser.post_with(&from, &json!({ "query": query })).await
    }
}

/// How many wait for a worker.
async fn waiting(app: &TestApp) -> u32 {
    let metrics = app.metrics().await;
    let (_, after) = metrics.split_once("\ngatelodge_hashes_waiting ").unwrap();
    after.lines().next().unwrap().parse().unwrap()
}

fn busy(replies: &[Reply]) -> usize {
    let status = |reply: &&Reply| reply.status == StatusCode::SERVICE_UNAVAILABLE;
    replies.iter().filter(status).count()
}

#[test]
fn a_login_with_an_empty_field_costs_no_hash_and_counts_for_its_source_alone() {
    let both = |config: &mut Config| {
        one_place(config);
        config.throttle.account = 1;
        config.throttle.source = "36/10m".parse().unwrap();
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    test_with(both, async |app| {
        let known = app.browser();
        known.registered("ada", "correct horse").await;
        for (username, password) in [("", "x"), ("ada", ""), ("", "")] {
            let replies = at_once(app, username, password).await;
            // Of twelve that wanted a hash, some would be told that the service is busy.
            assert_eq!(busy(&replies), 0, "{username:?} {password:?}");
            for reply in replies {
                assert_eq!(codes(&reply.data()["login"])[0], "REQUIRED");
            }
        }
        for name in ["ada", "nobody", "a b", ""] {
            let payload = app.browser().login(name, "").await;
            assert_eq!(codes(&payload), ["THROTTLED"], "{name:?}");
        }
        // The owner waits nowhere else: not by the browser that is known, nor by a new one from another address.
        assert_eq!(
            codes(&known.login("ada", "correct horse").await),
            Vec::<&str>::new()
        );
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
fn a_throttled_login_costs_no_hash_whatever_was_typed() {
    let both = |config: &mut Config| {
        one_place(config);
        config.throttle.account = 1;
    };
    test_with(both, async |app| {
        app.browser().registered("ada", "correct horse").await;
        for username in ["ada", "nobody"] {
            let first = app.browser().login(username, "wrong password").await;
            assert_eq!(codes(&first), ["INVALID_CREDENTIALS"]);
            for password in ["correct horse", "wrong password"] {
                let replies = at_once(app, username, password).await;
                assert_eq!(busy(&replies), 0, "{username} {password:?}");
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
        one_place(config);
        config.throttle.logins = "1/10m".parse().unwrap();
    };
    test_with(both, async |app| {
        app.browser().registered("ada", "correct horse").await;
        app.browser().login("ada", "correct horse").await;
        let replies = at_once(app, "ada", "correct horse").await;
        assert_eq!(busy(&replies), 0);
        for reply in replies {
            assert_eq!(codes(&reply.data()["login"]), ["THROTTLED"]);
        }
    });
}

#[test]
fn one_source_fills_a_quarter_of_the_queue_and_leaves_the_rest_to_others() {
    let eight = |config: &mut Config| {
        one_place(config);
        config.password.queue = 8;
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    test_with(eight, async |app| {
        // One customer of an IPv6 provider has many addresses, and is one source.
        let mut flood = JoinSet::new();
        for number in 0..12 {
            flood.spawn(login_from(app, &format!("2001:db8::{number}")));
        }
        eventually("the source holds its share", async || {
            waiting(app).await == 2
        })
        .await;
        let other = tokio::spawn(login_from(app, "2001:db8:0:1::1"));
        // Two of the flood's and the other's one, as long as the flood lasts.
        let flood = tokio::spawn(flood.join_all());
        while !flood.is_finished() {
            assert!(waiting(app).await <= 3);
        }
        assert!(busy(&flood.await.unwrap()) > 0);
        assert_eq!(other.await.unwrap().status, StatusCode::OK);
    });
}

#[test]
fn addresses_take_turns_however_many_hashes_one_of_them_wants() {
    let many = |config: &mut Config| {
        one_place(config);
        config.password.queue = 64;
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    test_with(many, async |app| {
        let mut flood = JoinSet::new();
        for _ in 0..16 {
            flood.spawn(login_from(app, "192.0.2.1"));
        }
        eventually("the flood waits", async || waiting(app).await >= 8).await;
        let answered =
            |flood: &mut JoinSet<Reply>| std::iter::from_fn(|| flood.try_join_next()).count();
        answered(&mut flood);
        let other = login_from(app, "192.0.2.2").await;
        assert_eq!(other.status, StatusCode::OK);
        // In one line for all, eight and more would have come first.
        let first = answered(&mut flood);
        assert!(first < 6, "{first}");
        flood.join_all().await;
    });
}
