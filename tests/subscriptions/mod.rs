//! Subscriptions of the service behind the gate, over WebSockets and streams.

use gatelodge::config::Config;
use serde_json::json;

use crate::harness::{Browser, PASSWORD, TestApp, on_every_database, on_sqlite};

mod bad_service;
mod client;
mod life;
mod protocol;
mod service;
mod streams;

use client::Socket;
use service::{Command, SocketService};

/// Runs a test with a service and a user who is logged in.
fn with_service(
    change: impl Fn(&mut Config),
    body: impl AsyncFn(&TestApp, &SocketService, &Browser),
) {
    on_sqlite(async |database| run(database, &change, &body).await);
}

/// Runs a test as [`with_service`] does, but on every database.
fn with_service_on_every_database(body: impl AsyncFn(&TestApp, &SocketService, &Browser)) {
    on_every_database(async |database| run(database, &|_| {}, &body).await);
}

async fn run(
    database: crate::harness::TestDatabase,
    change: &impl Fn(&mut Config),
    body: &impl AsyncFn(&TestApp, &SocketService, &Browser),
) {
    let service = SocketService::start().await;
    let app = Box::pin(TestApp::spawn(database, |config| {
        config.upstream = Some(service.config());
        change(config);
    }))
    .await;
    let ada = app.browser();
    ada.must_register("ada", PASSWORD).await;
    body(&app, &service, &ada).await;
    app.stop().await;
}
