use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpListener;
use tokio_tungstenite::{accept_async, tungstenite::Message};

use super::*;
use crate::{harness::eventually, one_endpoint::service::FakeUpstream};

/// What a bad service does with a socket.
#[derive(Clone)]
enum Fault {
    /// It sends these messages after `connection_init`.
    Sends(Vec<Message>),
    /// It answers nothing.
    Silence,
    /// It speaks no protocol that was asked for.
    NoProtocol,
}

/// Runs a test with a service that has a fault.
fn with_fault(fault: Fault, body: impl AsyncFn(&mut Socket)) {
    on_sqlite(async |database| {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/graphql", listener.local_addr().unwrap());
        let fault = fault.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let fault = fault.clone();
                tokio::spawn(async move {
                    if let Fault::NoProtocol = fault {
                        let _ = accept_async(stream).await;
                        return;
                    }
                    let Ok(mut socket) = service::accept(stream, |_| {}).await else {
                        return;
                    };
                    let _ = socket.next().await;
                    if let Fault::Sends(messages) = fault {
                        for message in messages {
                            let _ = socket.send(message).await;
                        }
                    }
                    while let Some(Ok(_)) = socket.next().await {}
                });
            }
        });
        let app = Box::pin(TestApp::spawn(database, |config| {
            let mut upstream =
                gatelodge::config::upstream::UpstreamConfig::at(url.parse().unwrap());
            upstream.first_byte_timeout = Duration::from_millis(300);
            upstream.socket_message_size = 1000;
            config.upstream = Some(upstream);
        }))
        .await;
        let ada = app.register("ada").await;
        let mut socket = Socket::begin(&ada).await;
        socket.subscribe("1", "subscription { ticks }").await;
        body(&mut socket).await;
        accepting.abort();
        app.stop().await;
    });
}

#[test]
fn a_service_that_breaks_the_protocol_ends_the_socket_which_may_be_opened_again() {
    let ack = || Message::text(r#"{"type":"connection_ack"}"#);
    for (fault, code) in [
        (Fault::Silence, 1013),
        (Fault::NoProtocol, 1013),
        (Fault::Sends(vec![Message::text("nonsense")]), 1013),
        (
            Fault::Sends(vec![Message::text(
                r#"{"type":"next","id":"0","payload":{}}"#,
            )]),
            1013,
        ),
        (Fault::Sends(vec![Message::Close(None)]), 1013),
        (Fault::Sends(vec![ack(), Message::binary(vec![1, 2])]), 1013),
        (Fault::Sends(vec![ack(), Message::text("nonsense")]), 1013),
        (
            Fault::Sends(vec![
                ack(),
                Message::text(r#"{"type":"next","id":"0","payload":[]}"#),
            ]),
            1013,
        ),
        (
            Fault::Sends(vec![
                ack(),
                Message::text(r#"{"type":"error","id":"0","payload":{}}"#),
            ]),
            1013,
        ),
        (
            Fault::Sends(vec![ack(), Message::text("x".repeat(2000))]),
            1009,
        ),
    ] {
        with_fault(fault, async |socket| {
            assert_eq!(socket.closed().await, code);
        });
    }
}

#[test]
fn a_message_for_no_running_subscription_reaches_nobody() {
    let messages = [
        r#"{"type":"connection_ack"}"#,
        r#"{"type":"next","id":"7","payload":{"data":{"secret":1}}}"#,
        r#"{"type":"complete","id":"8"}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"next","id":"0","payload":{"data":{"ticks":1},"extensions":{"identity":"forged"}},"other":1}"#,
        r#"{"type":"error","id":"0","payload":[{"message":"no"}]}"#,
        r#"{"type":"next","id":"0","payload":{"data":{"late":1}}}"#,
        r#"{"type":"complete","id":"0"}"#,
    ];
    let messages = messages.into_iter().map(Message::text).collect();
    with_fault(Fault::Sends(messages), async |socket| {
        let next =
            json!({"type": "next", "id": "1", "payload": {"data": {"ticks": 1}, "extensions": {}}});
        assert_eq!(socket.next().await, next);
        let error = json!({"type": "error", "id": "1", "payload": [{"message": "no"}]});
        assert_eq!(socket.next().await, error);
        socket.send(&json!({"type": "ping"})).await;
        assert_eq!(socket.next().await, json!({"type": "pong"}));
    });
}

#[test]
fn a_service_that_is_not_there_or_has_no_websocket_makes_the_client_try_again() {
    with_service(
        |config| {
            let port = crate::harness::free_port();
            let upstream = config.upstream.as_mut().unwrap();
            upstream.url = format!("http://127.0.0.1:{port}/graphql").parse().unwrap();
        },
        async |_, _, ada| {
            let mut socket = Socket::begin(ada).await;
            socket.subscribe("1", "subscription { ticks }").await;
            assert_eq!(socket.closed().await, 1013);
        },
    );
    on_sqlite(async |database| {
        let answer =
            |_: &crate::one_endpoint::service::Asked| crate::one_endpoint::service::graphql("{}");
        let upstream = FakeUpstream::start(std::sync::Arc::new(answer)).await;
        let app = Box::pin(TestApp::spawn(database, |config| {
            config.upstream = Some(upstream.config());
        }))
        .await;
        let ada = app.register("ada").await;
        let mut socket = Socket::begin(&ada).await;
        socket.subscribe("1", "subscription { ticks }").await;
        assert_eq!(socket.closed().await, 1013);
        app.stop().await;
    });
}

#[test]
fn a_client_that_does_not_read_is_cut_off_and_its_events_are_not_kept() {
    with_service(
        |config| {
            config.socket.socket_write_timeout = Duration::from_millis(300);
        },
        async |_, service, ada| {
            let slow = Socket::subscribed(ada).await;
            let payload = json!({"data": "x".repeat(500_000)});
            // The system's buffers take some megabytes. After them, the gate waits.
            eventually("the service lost its socket", async || {
                service.try_command(Command::Emit(payload.clone()));
                tokio::time::sleep(Duration::from_millis(5)).await;
                service.open() == 0
            })
            .await;
            drop(slow);
        },
    );
}

#[test]
fn a_service_that_floods_does_not_keep_a_client_from_being_heard() {
    with_service(
        |_| {},
        async |_, service, ada| {
            let mut socket = Socket::subscribed(ada).await;
            for tick in 0..200 {
                service.command(Command::Emit(json!({"data": {"ticks": tick}})));
                tokio::task::yield_now().await;
            }
            socket.send(&json!({"type": "complete", "id": "1"})).await;
            eventually("the service hears the client", async || {
                !service.of_type("complete").is_empty()
            })
            .await;
        },
    );
}
