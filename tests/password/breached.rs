//! Breached passwords are refused by a file or by a service. When neither can be asked, registration still works.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gatelodge::config::Config;
use tokio::net::TcpListener;

use crate::harness::{TestApp, codes, test_with};

/// Its SHA-1 begins with 98DEC.
const BREACHED: &str = "correct horse battery";
const SUFFIX: &str = "C62ECE399A22ED30D490EF333BE7FDE7385";

#[test]
fn a_breached_password_is_refused_when_a_file_lists_it() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (first, last) = ("0".repeat(39) + "1:3", "F".repeat(40) + ":1");
    std::fs::write(
        file.path(),
        format!("{first}\r\n98DEC{SUFFIX}:7\r\n{last}\r\n"),
    )
    .unwrap();
    test_with(
        |config| config.password.breached_file = Some(file.path().to_owned()),
        async |app| {
            let payload = app.browser().register("ada", BREACHED).await;
            assert_eq!(codes(&payload), ["PASSWORD_TOO_COMMON"]);
            app.browser()
                .must_register("ada", "correct horse batterx")
                .await;
        },
    );
}

/// Returns the service's answer to a query.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Known,
    Padding,
    Failure,
    Junk,
    Endless,
    Silence,
}

/// Starts a service on this machine.
#[derive(Clone)]
struct Service {
    answer: Answer,
    asked: Arc<Mutex<Vec<(String, HeaderMap)>>>,
}

impl Service {
    async fn start(answer: Answer) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/range/", listener.local_addr().unwrap());
        let service = Self {
            answer,
            asked: Arc::default(),
        };
        let router = Router::new()
            .route("/range/{prefix}", axum::routing::get(range))
            .with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (service, url)
    }
}

async fn range(
    State(service): State<Service>,
    Path(prefix): Path<String>,
    headers: HeaderMap,
) -> Response {
    service.asked.lock().unwrap().push((prefix, headers));
    let other = "0".repeat(35);
    match service.answer {
        Answer::Known => format!("{other}:1\r\n{SUFFIX}:7\r\n").into_response(),
        Answer::Padding => format!("{other}:1\r\n{SUFFIX}:0\r\n").into_response(),
        Answer::Failure => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Answer::Junk => "<html>Sign in to this network</html>".into_response(),
        Answer::Endless => format!("{other}:1\r\n").repeat(100_000).into_response(),
        Answer::Silence => std::future::pending().await,
    }
}

async fn node_with_service(app: &TestApp, url: &str) -> TestApp {
    let change = |config: &mut Config| config.password.breached_url = Some(url.parse().unwrap());
    app.another_node(change).await
}

#[test]
fn a_breached_password_is_refused_and_the_service_sees_five_characters_of_its_hash() {
    test_with(
        |_| {},
        async |app| {
            let (service, url) = Service::start(Answer::Known).await;
            let node = node_with_service(app, &url).await;
            let payload = node.browser().register("ada", BREACHED).await;
            assert_eq!(codes(&payload), ["PASSWORD_TOO_COMMON"]);
            node.browser()
                .must_register("ada", "correct horse batterx")
                .await;
            // The service does not learn of passwords that are common anyway.
            node.browser().register("bob", "password1").await;
            {
                let asked = service.asked.lock().unwrap();
                assert_eq!(asked.len(), 2);
                let (prefix, headers) = &asked[0];
                assert_eq!(prefix, "98DEC");
                assert_eq!(headers["add-padding"], "true");
                let names: Vec<_> = headers.keys().map(axum::http::HeaderName::as_str).collect();
                assert!(
                    names
                        .iter()
                        .all(|name| ["host", "user-agent", "add-padding"].contains(name)),
                    "{names:?}"
                );
            }
            assert!(node.metrics().await.contains("failed_open_total 0"));
            node.stop().await;
        },
    );
}

#[test]
fn a_failing_service_blocks_no_registration_and_is_counted() {
    test_with(
        |_| {},
        async |app| {
            let wrong = [
                Answer::Failure,
                Answer::Junk,
                Answer::Endless,
                Answer::Silence,
            ];
            for (number, answer) in wrong.into_iter().enumerate() {
                let (service, url) = Service::start(answer).await;
                let node = node_with_service(app, &url).await;
                node.browser()
                    .must_register(&format!("ada{number}"), BREACHED)
                    .await;
                assert_eq!(service.asked.lock().unwrap().len(), 1, "{answer:?}");
                let metrics = node.metrics().await;
                let counted = "gatelodge_breached_lookups_failed_open_total 1";
                assert!(metrics.contains(counted), "{answer:?}: {metrics}");
                node.stop().await;
            }
            // No service listens.
            let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/range", closed.local_addr().unwrap());
            drop(closed);
            let node = node_with_service(app, &url).await;
            node.browser().must_register("bob", BREACHED).await;
            node.stop().await;
            // Padding is not a match.
            let (_, url) = Service::start(Answer::Padding).await;
            let node = node_with_service(app, &url).await;
            node.browser().must_register("eve", BREACHED).await;
            assert!(node.metrics().await.contains("failed_open_total 0"));
            node.stop().await;
        },
    );
}
