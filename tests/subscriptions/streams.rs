//! Streams over HTTP: event streams and multipart answers.

use std::{sync::Arc, time::Duration};

use reqwest::{Method, Response};

use super::*;
use crate::{
    harness::eventually,
    one_endpoint::service::{Answer, Asked, FakeUpstream},
};

const EVENTS: &str = "text/event-stream";
const MULTIPART: &str = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0";

/// Runs a test with a service that begins a stream for each subscription, sends these chunks, and is quiet then.
fn with_stream(
    media_type: &'static str,
    chunks: &'static [&'static str],
    change: impl Fn(&mut Config),
    body: impl AsyncFn(&TestApp, &FakeUpstream, &Browser),
) {
    on_sqlite(async |database| {
        let answer = move |_: &Asked| {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ntransfer-encoding: chunked\r\n\r\n"
            );
            let chunks = chunks
                .iter()
                .map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len()));
            Answer::Slow([head].into_iter().chain(chunks).collect())
        };
        let upstream = FakeUpstream::start(Arc::new(answer)).await;
        let app = Box::pin(TestApp::spawn(database, |config| {
            config.upstream = Some(upstream.config());
            change(config);
        }))
        .await;
        let ada = app.register("ada").await;
        body(&app, &upstream, &ada).await;
        app.stop().await;
    });
}

async fn subscribe(browser: &Browser, accept: &str) -> Response {
    let request = browser.request(Method::POST, "/graphql");
    let request = request
        .header("content-type", "application/json")
        .header("accept", accept);
    let body = json!({"query": "subscription { ticks }"}).to_string();
    request.body(body).send().await.unwrap()
}

#[test]
fn an_event_stream_passes_part_by_part_with_the_identity_in_a_header() {
    let events = &[
        "event: next\ndata: {\"data\":{\"ticks\":0}}\n\n",
        "event: next\ndata: {\"data\":{\"ticks\":1}}\n\n",
    ];
    with_stream(
        EVENTS,
        events,
        |_| {},
        async |_, upstream, ada| {
            let mut response = subscribe(ada, EVENTS).await;
            assert_eq!(response.status(), 200);
            let header = |name: &str| {
                response
                    .headers()
                    .get(name)
                    .map(|value| value.to_str().unwrap().to_owned())
            };
            assert_eq!(header("content-type").as_deref(), Some(EVENTS));
            assert_eq!(header("x-accel-buffering").as_deref(), Some("no"));
            let identity = ada.run("{ me { id } }", json!({})).await.json();
            assert_eq!(
                header("gatelodge-identity").as_deref(),
                identity["extensions"]["identity"].as_str()
            );
            let mut text = String::new();
            while text.len() < events.concat().len() {
                text.push_str(
                    std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap(),
                );
            }
            assert_eq!(text, events.concat());
            let asked = upstream.asked().remove(0);
            assert!(asked.headers("accept")[0].starts_with(EVENTS));
            assert_eq!(asked.headers("cookie"), [""; 0]);
        },
    );
}

#[test]
fn a_multipart_subscription_passes_too() {
    let parts = &[
        "--graphql\r\ncontent-type: application/json\r\n\r\n{\"payload\":{\"data\":{\"ticks\":0}}}\r\n--graphql",
    ];
    with_stream(
        "multipart/mixed;boundary=graphql",
        parts,
        |_| {},
        async |_, _, ada| {
            let mut response = subscribe(ada, MULTIPART).await;
            assert_eq!(
                response.headers()["content-type"],
                "multipart/mixed;boundary=graphql"
            );
            assert_eq!(response.chunk().await.unwrap().unwrap(), parts[0]);
        },
    );
}

#[test]
fn a_stream_is_cut_when_its_session_ends_and_the_service_knows() {
    let cut = async |app: &TestApp, upstream: &FakeUpstream, browser: &Browser| {
        let mut response = subscribe(browser, EVENTS).await;
        response.chunk().await.unwrap().unwrap();
        let other = app.another_node(|_| {}).await;
        browser.at(other.public).logout().await;
        // The connection ends without the last chunk, so the client knows that it has not all.
        assert!(response.chunk().await.is_err());
        eventually("the service's connection is closed", async || {
            upstream.closed() == 1
        })
        .await;
        other.stop().await;
    };
    with_stream(
        EVENTS,
        &[":\n\n"],
        |_| {},
        async |app, upstream, ada| {
            cut(app, upstream, ada).await;
        },
    );
}

#[test]
fn a_stop_ends_streams() {
    with_stream(
        EVENTS,
        &[":\n\n"],
        |_| {},
        async |app, _, ada| {
            let mut response = subscribe(ada, EVENTS).await;
            response.chunk().await.unwrap().unwrap();
            app.request_stop();
            assert!(response.chunk().await.is_err());
        },
    );
}

#[test]
fn a_quiet_event_stream_gets_comments_but_never_inside_an_event() {
    let keep_alive =
        |config: &mut Config| config.socket.socket_keep_alive = Duration::from_millis(30);
    with_stream(EVENTS, &["data: 1\n\n"], keep_alive, async |_, _, ada| {
        let mut response = subscribe(ada, EVENTS).await;
        let mut text = String::new();
        while text.len() < 15 {
            text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
        }
        assert!(text.starts_with("data: 1\n\n:\n\n:\n\n"), "{text:?}");
    });
    with_stream(EVENTS, &["data: 1\n"], keep_alive, async |_, _, ada| {
        let mut response = subscribe(ada, EVENTS).await;
        assert_eq!(response.chunk().await.unwrap().unwrap(), "data: 1\n");
        let more = tokio::time::timeout(Duration::from_millis(200), response.chunk()).await;
        assert!(more.is_err(), "{more:?}");
    });
}

#[test]
fn a_subscription_of_a_client_that_cannot_receive_events_is_refused_with_what_it_needs() {
    with_stream(
        EVENTS,
        &[],
        |_| {},
        async |_, upstream, ada| {
            let reply = ada.run("subscription { ticks }", json!({})).await;
            assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED");
            assert!(reply.text.contains("text/event-stream"), "{}", reply.text);
            assert_eq!(upstream.queries(), [""; 0]);
        },
    );
}

#[test]
fn a_stranger_gets_no_stream() {
    with_stream(
        EVENTS,
        &[],
        |_| {},
        async |app, upstream, _| {
            let response = subscribe(&app.browser(), EVENTS).await;
            let json: serde_json::Value =
                serde_json::from_str(&response.text().await.unwrap()).unwrap();
            assert_eq!(json["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
            assert_eq!(upstream.queries(), [""; 0]);
        },
    );
}

#[test]
fn a_client_that_does_not_read_keeps_no_stream_of_an_ended_session_open() {
    // More than the system's buffers take.
    static PART: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let part: &'static str = PART.get_or_init(|| format!("data: {}\n\n", "x".repeat(1 << 20)));
    let parts: &'static [&'static str] = Box::leak(vec![part; 32].into_boxed_slice());
    with_stream(
        EVENTS,
        parts,
        |_| {},
        async |_, upstream, ada| {
            let response = subscribe(ada, EVENTS).await;
            ada.logout().await;
            eventually("the service's connection is closed", async || {
                upstream.closed() == 1
            })
            .await;
            drop(response);
        },
    );
}
