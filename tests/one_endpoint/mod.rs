//! One endpoint: operations with fields of Gatelodge, of the GraphQL service behind it, and of both.

use std::{path::PathBuf, sync::Arc};

use gatelodge::config::Config;
use serde_json::{Value, json as value};

use crate::harness::{Browser, Reply, TestApp, on_every_database, on_sqlite};

mod answers;
mod definitions;
mod documents;
mod failures;
mod hostile_answers;
mod join;
mod limits;
mod nodes;
mod not_for_clients;
mod properties;
mod require;
mod routing;
mod schema;
pub mod service;
mod text;
mod wrong_join;

use service::{Answer, Asked, FakeUpstream, graphql};

/// The schema that the service has in most tests.
const SCHEMA: &str = "tasks.graphql";
/// What the service answers if a test does not care.
const TASKS: &str = r#"{"data":{"tasks":[{"id":"task_1"}]}}"#;

/// Returns the path of a schema in this folder.
fn schema_path(name: &str) -> PathBuf {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    folder.join("tests/one_endpoint").join(name)
}

/// Gives the service a schema of this folder, by a file.
fn use_schema(config: &mut Config, name: &str) {
    config.upstream.as_mut().unwrap().schema = Some(schema_path(name));
}

/// Runs a test with a service whose schema is not known.
fn with_service(
    change: impl Fn(&mut Config),
    answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    body: impl AsyncFn(&TestApp, &FakeUpstream),
) {
    let answer: Arc<service::Script> = Arc::new(answer);
    on_sqlite(async |database| {
        let upstream = FakeUpstream::start(Arc::clone(&answer)).await;
        let app = spawn(database, &upstream, &change).await;
        body(&app, &upstream).await;
        app.stop().await;
    });
}

/// Runs a test with a service that has [`SCHEMA`].
fn with_tasks(
    answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    body: impl AsyncFn(&TestApp, &FakeUpstream),
) {
    with_service(|config| use_schema(config, SCHEMA), answer, body);
}

/// Runs a test as [`with_tasks`] does, but on every database.
fn with_tasks_on_every_database(
    change: impl Fn(&mut Config),
    answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    body: impl AsyncFn(&TestApp, &FakeUpstream),
) {
    let answer: Arc<service::Script> = Arc::new(answer);
    on_every_database(async |database| {
        let upstream = FakeUpstream::start(Arc::clone(&answer)).await;
        let app = spawn(database, &upstream, |config: &mut Config| {
            use_schema(config, SCHEMA);
            change(config);
        })
        .await;
        body(&app, &upstream).await;
        app.stop().await;
    });
}

async fn spawn(
    database: crate::harness::TestDatabase,
    upstream: &FakeUpstream,
    change: impl Fn(&mut Config),
) -> TestApp {
    Box::pin(TestApp::spawn(database, |config| {
        config.upstream = Some(upstream.config());
        change(config);
    }))
    .await
}

/// Answers any query with [`TASKS`].
fn tasks(_: &Asked) -> Answer {
    graphql(TASKS)
}

/// Runs a query without variables.
async fn ask(browser: &Browser, query: &str) -> Reply {
    browser.run(query, value!({})).await
}

/// Returns the errors of an answer as pairs of path and code.
fn codes_at(reply: &Reply) -> Vec<(Value, Value)> {
    let json = reply.json();
    let errors = json["errors"].as_array().cloned().unwrap_or_default();
    let pair = |error: &Value| (error["path"].clone(), error["extensions"]["code"].clone());
    errors.iter().map(pair).collect()
}

/// Asserts that an operation is refused before anything runs.
#[track_caller]
fn assert_refused(reply: &Reply, upstream: &FakeUpstream) {
    assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED", "{}", reply.text);
    assert!(reply.json().get("data").is_none(), "{}", reply.text);
    assert_eq!(upstream.queries(), [""; 0], "{}", reply.text);
}
