//! A node that is killed between taking and releasing a reservation.

use chrono::TimeDelta;
use gatelodge::domain::clock::{Clock, SystemClock};
use reqwest::Client;
use serde_json::json;

use crate::harness::{
    PASSWORD, Program, TestApp, assert_no_errors, codes, eventually, on_every_database,
};

const LOGIN: &str =
    "mutation($input: LoginInput!) { login(input: $input) { userErrors { code } } }";

#[test]
fn reservations_lost_with_a_killed_node_count_as_failures_and_lock_nobody_out_permanently() {
    on_every_database(async |database| {
        let app = TestApp::spawn(database, |config| config.throttle.account = 2).await;
        // Another node of the deployment, whose hashes are slow enough to kill it during one.
        let mut doomed = Program::start(&[
            ("DATABASE_URL", &app.database.url),
            ("GATELODGE_SECRET", "a secret of tests, 32 bytes long"),
            ("GATELODGE_THROTTLE_ACCOUNT", "2"),
            ("GATELODGE_HASH_WORKERS", "1"),
            ("GATELODGE_HASH_MEMORY", "65536"),
            ("GATELODGE_HASH_ITERATIONS", "24"),
        ]);
        let input = json!({ "username": "ada", "password": PASSWORD, "confirmPassword": PASSWORD });
        let register =
            "mutation($input: RegisterInput!) { register(input: $input) { user { id } } }";
        doomed.ask(None, register, json!({ "input": input })).await;

        let input = json!({ "username": "ada", "password": PASSWORD });
        let body = json!({ "query": LOGIN, "variables": { "input": input } });
        let mut logins = tokio::task::JoinSet::new();
        for _ in 0..2 {
            let client = Client::builder().no_proxy().build().unwrap();
            let request = client.post(format!("{}/graphql", doomed.url)).json(&body);
            logins.spawn(request.send());
        }
        eventually("both have their reservations", async || {
            let taken = app
                .database
                .db_column::<i32>("SELECT taken FROM throttles")
                .await;
            taken.contains(&2)
        })
        .await;
        doomed.child.kill().unwrap();
        doomed.child.wait().unwrap();
        for login in logins.join_all().await {
            assert!(login.is_err(), "it was answered before the node was killed");
        }

        // The killed node used the machine's clock.
        app.advance(SystemClock.now() - app.clock.now());
        let payload = app.browser().login("ada", PASSWORD).await;
        assert_eq!(codes(&payload), ["THROTTLED"]);
        let wait = payload["userErrors"][0]["retryAfter"].as_i64().unwrap();
        assert!((1..=30).contains(&wait), "{wait}");
        app.advance(TimeDelta::seconds(wait));
        let payload = app.browser().login("ada", PASSWORD).await;
        assert_no_errors(&payload);
        app.stop().await;
    });
}
