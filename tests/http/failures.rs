//! When something breaks: a clear word for the client, the whole story for the log, nothing half done.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use gatelodge::domain::entropy::{Entropy, EntropyError, OsEntropy};
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Door, Proxy, Reply, TestApp, eventually, on_every_database, test, test_with};

const PASSWORD: &str = "correct horse";

fn is_unavailable(reply: &Reply, code: &str) {
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{reply:?}");
    assert_eq!(reply.code(), code);
    let json = reply.json();
    let seconds = json["errors"][0]["extensions"]["retryAfter"]
        .as_u64()
        .unwrap();
    assert_eq!(
        reply.header("retry-after"),
        Some(seconds.to_string().as_str())
    );
    assert!(json.get("data").is_none());
    assert_eq!(
        reply.header("access-control-allow-origin"),
        Some("http://localhost:5173")
    );
    for word in [
        "sqlx",
        "connection",
        "os error",
        "SQL",
        "127.0.0.1",
        "locked",
        "table",
    ] {
        assert!(!reply.text.contains(word), "{}", reply.text);
    }
    assert!(reply.set_cookies().is_empty());
}

/// Randomness that can be taken away.
struct Failing(AtomicBool);

impl Entropy for Failing {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        if self.0.load(Ordering::Relaxed) {
            return Err(EntropyError("/dev/secret-path is broken".to_owned()));
        }
        OsEntropy.fill(bytes)
    }
}

#[test]
fn an_internal_error_is_masked_and_carries_the_requests_id() {
    on_every_database(async |database| {
        let entropy = Arc::new(Failing(AtomicBool::new(false)));
        let app = TestApp::spawn_with_entropy(database, |_| {}, entropy.clone()).await;
        app.browser().registered("ada", PASSWORD).await;
        entropy.0.store(true, Ordering::Relaxed);
        let reply = app.browser().login_reply("ada", PASSWORD).await;
        assert_eq!(reply.status, StatusCode::OK);
        let id = reply.header("x-request-id").unwrap();
        let error = &reply.json()["errors"][0];
        assert_eq!(error["message"], "Internal server error");
        assert_eq!(
            error["extensions"],
            json!({ "code": "INTERNAL_SERVER_ERROR", "requestId": id })
        );
        assert!(!reply.text.contains("secret-path"));
        entropy.0.store(false, Ordering::Relaxed);
        assert_eq!(
            app.database.db_count("sessions").await,
            1,
            "nothing was half done"
        );
        app.stop().await;
    });
}

/// Randomness that can be made to panic: a bug in the middle of a handler.
struct Panicking(AtomicBool);

impl Entropy for Panicking {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        assert!(
            !self.0.load(Ordering::Relaxed),
            "a bug near /dev/secret-path"
        );
        OsEntropy.fill(bytes)
    }
}

#[test]
fn a_handler_that_panics_is_a_masked_error_and_the_process_goes_on() {
    on_every_database(async |database| {
        let entropy = Arc::new(Panicking(AtomicBool::new(false)));
        let app = TestApp::spawn_with_entropy(database, |_| {}, entropy.clone()).await;
        app.browser().registered("ada", PASSWORD).await;
        entropy.0.store(true, Ordering::Relaxed);
        let browser = app.browser();
        let login = browser.login_reply("ada", PASSWORD).await;
        // Its policy wants a random nonce.
        let page = browser
            .on_page(None)
            .request(reqwest::Method::GET, "/graphql")
            .header("accept", "text/html");
        // The frontend must be able to read it.
        assert_eq!(
            login.header("access-control-allow-origin"),
            Some("http://localhost:5173")
        );
        for reply in [login, browser.send(page).await] {
            assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(
                reply.json(),
                json!({ "errors": [{ "message": "Internal server error",
                                     "extensions": { "code": "INTERNAL_SERVER_ERROR" } }] })
            );
            assert!(reply.header("x-request-id").is_some());
            assert!(reply.set_cookies().is_empty());
        }
        assert_eq!(browser.me().await, None);
        entropy.0.store(false, Ordering::Relaxed);
        browser.login("ada", PASSWORD).await;
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
        app.stop().await;
    });
}

#[test]
fn a_schema_that_is_gone_is_an_internal_error_without_a_word_of_sql() {
    on_every_database(async |database| {
        let app = TestApp::spawn(database, |config| config.server.no_migrate = true).await;
        let reply = app.browser().login_reply("ada", PASSWORD).await;
        assert_eq!(reply.code(), "INTERNAL_SERVER_ERROR");
        assert!(!reply.text.contains("users"), "{}", reply.text);
        app.stop().await;
    });
}

/// A request is told within five seconds that the database is gone.
async fn is_said_in_time(door: Door, request: impl Future<Output = Reply>) {
    let start = Instant::now();
    is_unavailable(&request.await, "SERVICE_UNAVAILABLE");
    let took = start.elapsed();
    assert!(took < Duration::from_secs(5), "{door:?}: {took:?}");
}

#[test]
fn a_database_that_is_gone_is_said_within_five_seconds_and_missed_no_longer_than_it_is_gone() {
    on_every_database(async |database| {
        let Some(server) = database.server() else {
            return;
        };
        let proxy = Proxy::to(server).await;
        let app = TestApp::spawn(database.by_port(proxy.port), |_| {}).await;
        let browser = app.browser();
        browser.registered("ada", PASSWORD).await;
        for door in [Door::Shut, Door::Frozen] {
            proxy.set(door);
            // What is remembered is good to the end of its second.
            app.advance(chrono::TimeDelta::seconds(1));
            let me = browser.run("{ me { username } }", json!({}));
            is_said_in_time(door, me).await;
            let stranger = app.browser();
            is_said_in_time(door, stranger.login_reply("ada", PASSWORD)).await;
            let logout = "mutation { logout { loggedOut } }";
            is_said_in_time(door, browser.run(logout, json!({}))).await;
            let ready = browser.get("/readyz").await;
            assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(ready.json(), json!({ "status": "unavailable" }));
            assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
            proxy.set(Door::Open);
            assert_eq!(browser.me().await.as_deref(), Some("ada"), "after {door:?}");
        }
        app.stop().await;
    });
}

#[test]
fn a_sqlite_file_that_is_locked_lets_readers_read_and_tells_writers_to_come_again() {
    on_every_database(async |database| {
        if !database.is_sqlite() {
            return;
        }
        let app = TestApp::spawn(database, |_| {}).await;
        let browser = app.browser();
        browser.registered("ada", PASSWORD).await;
        let lock = sea_orm::Database::connect(
            sea_orm::ConnectOptions::new(app.database.url.clone())
                .max_connections(1)
                .to_owned(),
        )
        .await
        .unwrap();
        sea_orm::ConnectionTrait::execute_unprepared(&lock, "BEGIN IMMEDIATE")
            .await
            .unwrap();
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
        let reply = app.browser().login_reply("ada", PASSWORD).await;
        is_unavailable(&reply, "SERVICE_UNAVAILABLE");
        let ready = browser.get("/readyz").await;
        assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
        sea_orm::ConnectionTrait::execute_unprepared(&lock, "ROLLBACK")
            .await
            .unwrap();
        app.browser().login("ada", PASSWORD).await;
        assert_eq!(app.database.db_count("sessions").await, 2);
        app.advance(chrono::TimeDelta::seconds(1));
        assert_eq!(browser.get("/readyz").await.status, StatusCode::OK);
        lock.close().await.unwrap();
        app.stop().await;
    });
}

#[test]
fn a_full_hash_queue_says_busy_and_everything_else_is_served() {
    const QUEUE: u8 = 4;
    let change = |config: &mut gatelodge::config::Config| {
        config.password.workers = std::num::NonZero::new(1);
        config.password.queue = QUEUE.into();
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    test_with(change, async |app| {
        let address = |source: u8| IpAddr::from([192, 0, 2, source]);
        let login = |source: u8| {
            let browser = app.browser();
            let query = "mutation { login(input: { username: \"nobody\", password: \"x\" }) { user { id } } }";
            async move {
                let from = [("x-forwarded-for", &*address(source).to_string())];
                browser.post_with(&from, &json!({ "query": query })).await
            }
        };
        // The only worker is taken, for as long as the test wants.
        let worker = app.auth.hasher.turn(address(0)).await.unwrap();
        // One source may hold a quarter of the queue, here one place: it takes several sources to fill it.
        let mut logins = tokio::task::JoinSet::new();
        for source in 1..=QUEUE {
            logins.spawn(login(source));
        }
        eventually("the queue is full", async || {
            metric(app, "gatelodge_hashes_waiting").await == u32::from(QUEUE)
        })
        .await;
        // A source that holds nothing: only the queue can refuse it.
        is_unavailable(&login(QUEUE + 1).await, "SERVICE_BUSY");
        assert_eq!(app.browser().me().await, None);
        let health = app.browser().get("/healthz").await;
        assert_eq!(health.status, StatusCode::OK);
        drop(worker);
        logins.join_all().await;
        assert_eq!(login(QUEUE + 1).await.status, StatusCode::OK);
    });
}

/// The value of a metric.
async fn metric(app: &TestApp, name: &str) -> u32 {
    let metrics = app.metrics().await;
    let (_, value) = metrics.split_once(&format!("\n{name} ")).unwrap();
    value.lines().next().unwrap().parse().unwrap()
}

#[test]
fn an_id_that_a_client_gave_is_replaced() {
    test(async |app| {
        let given = [("x-request-id", "trace-0123_4567.89")];
        for address in [app.public, app.admin] {
            let browser = app.browser().at(address);
            let reply = browser.post_with(&given, &json!({})).await;
            assert_ne!(reply.header("x-request-id"), Some(given[0].1));
            assert!(reply.header("x-request-id").is_some());
        }
    });
}

#[test]
fn an_id_that_a_trusted_proxy_gave_is_kept_if_it_is_fit_for_a_log() {
    let change = |config: &mut gatelodge::config::Config| {
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    test_with(change, async |app| {
        let with = async |id: &str| {
            let reply = app
                .browser()
                .post_with(
                    &[("x-request-id", id)],
                    &json!({ "query": "{ me { id } }" }),
                )
                .await;
            reply.header("x-request-id").unwrap().to_owned()
        };
        assert_eq!(with("trace-0123_4567.89").await, "trace-0123_4567.89");
        for unfit in [
            "",
            "short",
            "has space in it",
            "quote\"quote",
            &"x".repeat(65),
        ] {
            assert_ne!(with(unfit).await, unfit);
        }
    });
}
