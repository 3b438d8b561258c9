//! Failures: a clear message for the client, details in the log, and nothing half done.

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

use crate::harness::{
    PASSWORD, Proxy, ProxyState, Reply, TestApp, eventually, on_every_database, test, test_with,
};

fn assert_unavailable(reply: &Reply, code: &str) {
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

/// Randomness that a test can make fail.
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
fn an_internal_error_is_masked_and_contains_the_request_id() {
    on_every_database(async |database| {
        let entropy = Arc::new(Failing(AtomicBool::new(false)));
        let app = TestApp::spawn_with_entropy(database, |_| {}, entropy.clone()).await;
        app.register("ada").await;
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

/// Randomness that a test can make panic, as a bug in a handler would.
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
fn a_panic_in_a_handler_is_a_masked_error_and_the_process_continues() {
    on_every_database(async |database| {
        let entropy = Arc::new(Panicking(AtomicBool::new(false)));
        let app = TestApp::spawn_with_entropy(database, |_| {}, entropy.clone()).await;
        app.register("ada").await;
        entropy.0.store(true, Ordering::Relaxed);
        let browser = app.browser();
        let login = browser.login_reply("ada", PASSWORD).await;
        // The page's policy needs a random nonce.
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
fn a_missing_table_is_an_internal_error_that_reveals_no_sql() {
    on_every_database(async |database| {
        let app = TestApp::spawn(database, |config| config.server.no_migrate = true).await;
        let reply = app.browser().login_reply("ada", PASSWORD).await;
        assert_eq!(reply.code(), "INTERNAL_SERVER_ERROR");
        assert!(!reply.text.contains("users"), "{}", reply.text);
        app.stop().await;
    });
}

/// Asserts that a request fails within five seconds because the database is gone.
async fn assert_fails_in_time(state: ProxyState, request: impl Future<Output = Reply>) {
    let start = Instant::now();
    assert_unavailable(&request.await, "SERVICE_UNAVAILABLE");
    let took = start.elapsed();
    assert!(took < Duration::from_secs(5), "{state:?}: {took:?}");
}

#[test]
fn a_lost_database_is_reported_within_five_seconds_and_used_again_when_it_is_back() {
    on_every_database(async |database| {
        let Some(server) = database.server() else {
            return;
        };
        let proxy = Proxy::to(server).await;
        let app = TestApp::spawn(database.with_port(proxy.port), |_| {}).await;
        let browser = app.register("ada").await;
        for state in [ProxyState::Cut, ProxyState::Frozen] {
            proxy.set(state);
            // A cached session is valid until its second ends.
            app.advance(chrono::TimeDelta::seconds(1));
            let me = browser.run("{ me { username } }", json!({}));
            assert_fails_in_time(state, me).await;
            let stranger = app.browser();
            assert_fails_in_time(state, stranger.login_reply("ada", PASSWORD)).await;
            let logout = "mutation { logout { loggedOut } }";
            assert_fails_in_time(state, browser.run(logout, json!({}))).await;
            let ready = browser.get("/readyz").await;
            assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(ready.json(), json!({ "status": "unavailable" }));
            assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
            proxy.set(ProxyState::Open);
            assert_eq!(
                browser.me().await.as_deref(),
                Some("ada"),
                "after {state:?}"
            );
        }
        app.stop().await;
    });
}

#[test]
fn a_locked_sqlite_file_still_serves_reads_and_tells_writers_to_retry() {
    on_every_database(async |database| {
        if !database.is_sqlite() {
            return;
        }
        let app = TestApp::spawn(database, |_| {}).await;
        let browser = app.register("ada").await;
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
        assert_unavailable(&reply, "SERVICE_UNAVAILABLE");
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
fn a_full_hash_queue_answers_busy_and_everything_else_is_served() {
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
        // The only worker is busy for as long as the test needs.
        let worker = app.auth.hasher().acquire_worker(address(0)).await.unwrap();
        // One source may hold a quarter of the queue, here one reservation: several sources are needed to fill it.
        let mut logins = tokio::task::JoinSet::new();
        for source in 1..=QUEUE {
            logins.spawn(login(source));
        }
        eventually("the queue is full", async || {
            metric(app, "gatelodge_hashes_waiting").await == u32::from(QUEUE)
        })
        .await;
        // A source without reservations: only the queue can refuse it.
        assert_unavailable(&login(QUEUE + 1).await, "SERVICE_BUSY");
        assert_eq!(app.browser().me().await, None);
        let health = app.browser().get("/healthz").await;
        assert_eq!(health.status, StatusCode::OK);
        drop(worker);
        logins.join_all().await;
        assert_eq!(login(QUEUE + 1).await.status, StatusCode::OK);
    });
}

/// Returns the value of a metric.
async fn metric(app: &TestApp, name: &str) -> u32 {
    let metrics = app.metrics().await;
    let (_, value) = metrics.split_once(&format!("\n{name} ")).unwrap();
    value.lines().next().unwrap().parse().unwrap()
}

#[test]
fn a_request_id_from_a_client_is_replaced() {
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
fn a_request_id_from_a_trusted_proxy_is_kept_if_it_is_safe_for_a_log() {
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
