//! Clients that disconnect before the answer: a hash that has begun is counted, recorded and logged.

use gatelodge::config::Config;
use serde_json::{Value, json};

use crate::harness::{
    Browser, PASSWORD, Program, TestApp, codes, eventually, retry_after, test_with,
};

/// One hash at a time, slow enough to disconnect during it.
fn slow(config: &mut Config) {
    config.password.memory_kib = 65_536;
    config.password.iterations = 5;
    config.password.workers = std::num::NonZero::new(1);
}

async fn shows(app: &TestApp, line: &str) -> bool {
    app.metrics().await.contains(&format!("\n{line}\n"))
}

/// Sends a mutation, and disconnects when this many hashes wait or run.
async fn leave(app: &TestApp, browser: &Browser, field: &str, input: Value, when: &str) {
    let (browser, field) = (browser.clone(), field.to_owned());
    let request =
        tokio::spawn(async move { browser.mutate_reply(&field, input, "user { id }").await });
    eventually(when, async || shows(app, when).await).await;
    request.abort();
    assert!(
        request.await.is_err(),
        "it was answered before the client left"
    );
}

async fn worker_is_free(app: &TestApp) {
    eventually("the worker is free", async || {
        shows(app, "gatelodge_hashes_working 0").await
    })
    .await;
}

async fn events(app: &TestApp, kind: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM security_events WHERE kind = '{kind}'");
    app.database.db_column(&sql).await[0]
}

const WORKING: &str = "gatelodge_hashes_working 1";

#[test]
fn a_wrong_password_is_counted_and_recorded_even_if_the_client_disconnects() {
    let change = |config: &mut Config| {
        slow(config);
        config.throttle.account = 4;
    };
    test_with(change, async |app| {
        let browser = app.register("ada").await;
        let stranger = app.browser();
        let login = json!({ "username": "ada", "password": "wrong" });
        leave(app, &stranger, "login", login, WORKING).await;
        eventually("the login is recorded", async || {
            events(app, "login_refused").await == 1
        })
        .await;
        assert!(shows(app, "gatelodge_logins_total{outcome=\"refused\"} 1").await);

        let change = json!({ "currentPassword": "wrong", "newPassword": "battery staple",
                             "confirmPassword": "battery staple" });
        for (number, (field, input)) in [
            ("reauthenticate", json!({ "password": "wrong" })),
            ("changePassword", change),
            ("deleteUser", json!({ "currentPassword": "wrong" })),
        ]
        .into_iter()
        .enumerate()
        {
            worker_is_free(app).await;
            let (browser, number) = (browser.clone(), i64::try_from(number).unwrap());
            let wanted = "userErrors { message }";
            let request =
                tokio::spawn(async move { browser.mutate_reply(field, input, wanted).await });
            eventually(field, async || shows(app, WORKING).await).await;
            request.abort();
            eventually(field, async || {
                events(app, "password_refused").await == number + 1
            })
            .await;
        }
        // All four are counted: for the account, and for the browser that it knows.
        let counted = app.database.db_column::<i32>("SELECT taken FROM throttles");
        assert_eq!(counted.await.into_iter().sum::<i32>(), 4);
    });
}

#[test]
fn a_right_password_of_a_disconnected_client_opens_no_session_and_is_no_failure() {
    let change = |config: &mut Config| {
        slow(config);
        config.throttle.account = 1;
        config.throttle.logins = "1/10m".parse().unwrap();
    };
    test_with(change, async |app| {
        app.register("ada").await;
        worker_is_free(app).await;
        let input = json!({ "username": "ada", "password": PASSWORD });
        leave(app, &app.browser(), "login", input, WORKING).await;
        eventually("it is seen", async || {
            shows(app, "gatelodge_logins_total{outcome=\"abandoned\"} 1").await
        })
        .await;
        assert_eq!(app.database.db_count("sessions").await, 1);
        assert_eq!(events(app, "logged_in").await, 0);
        // It was a login of a new browser, and its hash was made.
        assert!(retry_after(&app.browser().login("ada", PASSWORD).await).is_some());
        app.advance(chrono::TimeDelta::minutes(10));
        // It was not a failure: the only free attempt is still free.
        assert_eq!(app.fail_login("ada").await, None);
        assert_eq!(app.fail_login("ada").await, Some(30));
    });
}

#[test]
fn a_registration_counts_once_its_hash_has_begun_and_not_while_it_waits() {
    let change = |config: &mut Config| {
        slow(config);
        config.throttle.register.count = 1;
    };
    test_with(change, async |app| {
        let input = json!({ "username": "ada", "password": PASSWORD, "confirmPassword": PASSWORD });
        let other = app.browser();
        let busy = tokio::spawn(async move { other.login("bob", "x").await });
        eventually("the worker is busy", async || shows(app, WORKING).await).await;
        let waiting = "gatelodge_hashes_waiting 1";
        leave(app, &app.browser(), "register", input.clone(), waiting).await;
        eventually("the queue is empty", async || {
            shows(app, "gatelodge_hashes_waiting 0").await
        })
        .await;
        busy.await.unwrap();
        worker_is_free(app).await;
        app.finish_background_work().await;

        leave(app, &app.browser(), "register", input, WORKING).await;
        eventually("it is seen", async || {
            shows(
                app,
                "gatelodge_registrations_total{outcome=\"abandoned\"} 1",
            )
            .await
        })
        .await;
        assert_eq!(app.database.db_count("users").await, 0);
        let next = app.browser().register("ada", PASSWORD).await;
        assert_eq!(codes(&next), ["THROTTLED"]);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_the_refused_login_of_a_disconnected_client() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let admin = free.local_addr().unwrap().to_string();
    drop(free);
    let program = Program::start(&[
        ("GATELODGE_ADMIN_LISTEN", &admin),
        ("GATELODGE_TRUSTED_PROXIES", "127.0.0.1"),
        ("GATELODGE_HASH_WORKERS", "1"),
        ("GATELODGE_HASH_MEMORY", "65536"),
        ("GATELODGE_HASH_ITERATIONS", "8"),
    ]);
    let client = || reqwest::Client::builder().no_proxy().build().unwrap();
    let query = "mutation { login(input: { username: \"ada\", password: \"x\" }) { user { id } } }";
    let request = client()
        .post(format!("{}/graphql", program.url))
        .header("content-type", "application/json")
        .header("x-request-id", "the-one-that-left")
        .body(json!({ "query": query }).to_string());
    let request = tokio::spawn(request.send());
    let metrics = client();
    eventually("the worker has begun", async || {
        let metrics = metrics.get(format!("http://{admin}/metrics")).send().await;
        metrics.unwrap().text().await.unwrap().contains(WORKING)
    })
    .await;
    request.abort();
    // A stop waits for it.
    let (status, log) = program.stop();
    assert_eq!(status, Some(0), "{log}");
    let line = log.lines().find(|line| line.contains("login refused"));
    assert!(line.unwrap_or(&log).contains("the-one-that-left"), "{log}");
}
