//! Breached passwords: refused by a file or by a service, and nobody is kept out when neither can be asked.

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
fn a_breached_password_is_refused_where_there_is_a_file_of_them() {
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
                .registered("ada", "correct horse batterx")
                .await;
        },
    );
}

/// What the service of this file does with a question.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Known,
    Padding,
    Failure,
    Junk,
    Endless,
    Silence,
}

/// A service on this machine.
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

async fn asking(app: &TestApp, url: &str) -> TestApp {
    let change = |config: &mut Config| config.password.breached_url = Some(url.parse().unwrap());
    app.another_node(change).await
}

#[test]
fn a_service_learns_five_characters_of_a_hash_and_a_breached_password_is_refused() {
    test_with(
        |_| {},
        async |app| {
            let (service, url) = Service::start(Answer::Known).await;
            let node = asking(app, &url).await;
            let payload = node.browser().register("ada", BREACHED).await;
            assert_eq!(codes(&payload), ["PASSWORD_TOO_COMMON"]);
            node.browser()
                .registered("ada", "correct horse batterx")
                .await;
            // What is common anyway is nobody's to learn of.
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
fn a_service_that_fails_keeps_nobody_out_and_is_counted() {
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
                let node = asking(app, &url).await;
                node.browser()
                    .registered(&format!("ada{number}"), BREACHED)
                    .await;
                assert_eq!(service.asked.lock().unwrap().len(), 1, "{answer:?}");
                let metrics = node.metrics().await;
                let counted = "gatelodge_breached_lookups_failed_open_total 1";
                assert!(metrics.contains(counted), "{answer:?}: {metrics}");
                node.stop().await;
            }
            // Nobody listens.
            let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/range", closed.local_addr().unwrap());
            drop(closed);
            let node = asking(app, &url).await;
            node.browser().registered("bob", BREACHED).await;
            node.stop().await;
            // Padding is no finding.
            let (_, url) = Service::start(Answer::Padding).await;
            let node = asking(app, &url).await;
            node.browser().registered("eve", BREACHED).await;
            assert!(node.metrics().await.contains("failed_open_total 0"));
            node.stop().await;
        },
    );
}
