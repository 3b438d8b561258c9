use std::time::Duration;

use super::*;
use crate::harness::eventually;

#[test]
fn a_subscription_gets_its_events_until_the_client_completes_it() {
    with_service(
        |_| {},
        async |_, service, ada| {
            let mut socket = Socket::subscribed(ada).await;
            service.command(Command::Emit(json!({"data": {"ticks": 1}})));
            let event = json!({"type": "next", "id": "1", "payload": {"data": {"ticks": 1}}});
            assert_eq!(socket.next().await, event);
            socket.send(&json!({"type": "complete", "id": "1"})).await;
            socket.subscribe("1", "query { tasks { id } }").await;
            assert_eq!(socket.next().await["payload"]["data"]["tasks"], json!([]));
            assert_eq!(socket.next().await, json!({"type": "complete", "id": "1"}));
            assert_eq!(service.of_type("complete").len(), 1);
            assert_eq!(service.open(), 1);
        },
    );
}

#[test]
fn the_service_gets_an_identity_and_nothing_else_of_the_client() {
    with_service(
        |config| {
            let upstream = config.upstream.as_mut().unwrap();
            upstream.forward_connection_params = vec!["locale".to_owned()];
        },
        async |_, service, ada| {
            let mut socket = Socket::open(ada).await;
            let payload = json!({
                "authorization": "Bearer forged", "Authorization": "Bearer forged", "headers": {"x-user-id": "1"},
                "locale": "de", "other": 1,
            });
            socket
                .send(&json!({"type": "connection_init", "payload": payload}))
                .await;
            socket.next().await;
            socket
                .send(&json!({"type": "subscribe", "id": "a", "payload": {
                    "query": "subscription { ticks }", "extensions": {"headers": {"authorization": "x"}}, "other": 1,
                }}))
                .await;
            socket.next().await;
            let init = &service.of_type("connection_init")[0]["payload"];
            let bearer = init["Authorization"].as_str().unwrap().to_owned();
            assert!(bearer.starts_with("Bearer eyJ"), "{bearer}");
            assert_eq!(init, &json!({"Authorization": bearer, "locale": "de"}));
            let subscribe = &service.of_type("subscribe")[0]["payload"];
            assert_eq!(subscribe, &json!({"query": "subscription { ticks }"}));
            let upgrades = service.upgrades();
            let header = |name: &str| {
                let headers = upgrades[0].iter().filter(|(other, _)| other == name);
                headers.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
            };
            assert_eq!(header("authorization"), [bearer]);
            assert_eq!(header("cookie"), [""; 0]);
            assert_eq!(header("origin"), [""; 0]);
        },
    );
}

#[test]
fn mutations_and_our_own_fields_are_refused_one_by_one() {
    with_service(
        |_| {},
        async |_, service, ada| {
            let mut socket = Socket::begin(ada).await;
            for (query, code) in [
                ("mutation { logout { __typename } }", "METHOD_NOT_ALLOWED"),
                (
                    "mutation { addTask(title: \"x\") { id } }",
                    "METHOD_NOT_ALLOWED",
                ),
                ("{ me { id } }", "GRAPHQL_VALIDATION_FAILED"),
                ("{ me { id } tasks { id } }", "GRAPHQL_VALIDATION_FAILED"),
                ("{ __schema { __typename } }", "GRAPHQL_VALIDATION_FAILED"),
                ("{ tasks ", "GRAPHQL_PARSE_FAILED"),
                ("subscription { login }", "GRAPHQL_VALIDATION_FAILED"),
                ("subscription { _entities }", "GRAPHQL_VALIDATION_FAILED"),
            ] {
                socket.subscribe("x", query).await;
                let answer = socket.next().await;
                assert_eq!(answer["type"], "error", "{query}: {answer}");
                assert_eq!(answer["id"], "x");
                assert_eq!(
                    answer["payload"][0]["extensions"]["code"], code,
                    "{query}: {answer}"
                );
            }
            // The service is not even connected.
            assert_eq!(service.upgrades().len(), 0);
        },
    );
}

#[test]
fn a_message_out_of_turn_closes_the_socket_with_the_code_of_the_protocol() {
    with_service(
        |config| config.socket.socket_init_timeout = Duration::from_millis(50),
        async |_, _, ada| {
            let subscribe =
                r#"{"type":"subscribe","id":"1","payload":{"query":"subscription{ticks}"}}"#;
            let init = r#"{"type":"connection_init"}"#;
            for (messages, code) in [
                (vec![], 4408),
                (vec![subscribe], 4401),
                (vec!["nonsense"], 4400),
                (vec![r#"{"type":"unknown"}"#], 4400),
                (vec![r#"{"type":"connection_init","type":"ping"}"#], 4400),
                (vec![init, init], 4429),
                (
                    vec![init, r#"{"type":"subscribe","payload":{"query":"{a}"}}"#],
                    4400,
                ),
                (vec![init, subscribe, subscribe], 4409),
            ] {
                let mut socket = Socket::open(ada).await;
                for message in &messages {
                    socket.send_text(*message).await;
                }
                assert_eq!(socket.closed().await, code, "{messages:?}");
            }
        },
    );
}

#[test]
fn a_message_above_the_limit_closes_the_socket() {
    with_service(
        |config| config.upstream.as_mut().unwrap().socket_message_size = 2000,
        async |_, service, ada| {
            let mut socket = Socket::begin(ada).await;
            let long = "a".repeat(64 * 1024);
            socket
                .subscribe("1", &format!("subscription {{ {long} }}"))
                .await;
            assert_eq!(socket.closed().await, 1009);
            let mut socket = Socket::subscribed(ada).await;
            service.command(Command::Emit(json!({"data": "a".repeat(2000)})));
            assert_eq!(socket.closed().await, 1009);
        },
    );
}

#[test]
fn the_older_protocol_is_refused_by_its_name() {
    with_service(
        |_| {},
        async |_, _, ada| {
            for (protocol, words) in [
                (
                    Some("graphql-ws"),
                    "graphql-ws (subscriptions-transport-ws) is not supported",
                ),
                (Some("chat"), "graphql-transport-ws"),
                (None, "graphql-transport-ws"),
            ] {
                let response = Socket::try_open(ada, protocol).await.err().unwrap();
                assert_eq!(response.status(), 400);
                let body = String::from_utf8(response.body().clone().unwrap()).unwrap();
                assert!(body.contains(words), "{body}");
            }
        },
    );
}

#[test]
fn a_page_of_another_origin_gets_no_socket() {
    with_service(
        |_| {},
        async |_, _, ada| {
            let foreign = ada.on_page(Some("https://evil.example"));
            let protocol = Some("graphql-transport-ws");
            let response = Socket::try_open(&foreign, protocol).await.err().unwrap();
            assert_eq!(response.status(), 403);
            // A program sends no origin.
            Socket::begin(&ada.on_page(None)).await;
        },
    );
}

#[test]
fn a_session_has_a_maximum_of_sockets_and_a_socket_one_of_subscriptions() {
    with_service(
        |config| {
            config.socket.socket_per_session = 2;
            config.socket.socket_subscriptions = 2;
        },
        async |_, _, ada| {
            let mut first = Socket::subscribed(ada).await;
            let second = Socket::begin(ada).await;
            let mut third = Socket::open(ada).await;
            third.send(&json!({"type": "connection_init"})).await;
            assert_eq!(third.closed().await, 4429);
            drop(second);
            first.subscribe("2", "subscription { ticks }").await;
            assert_eq!(first.next().await["type"], "next");
            first.subscribe("3", "subscription { ticks }").await;
            let refused = first.next().await;
            assert_eq!(refused["id"], "3");
            assert_eq!(
                refused["payload"][0]["extensions"]["code"],
                "OPERATION_TOO_COMPLEX"
            );
        },
    );
}

#[test]
fn more_sockets_than_the_process_may_have_are_refused() {
    with_service(
        |config| config.socket.max_sockets = 1,
        async |_, _, ada| {
            let first = Socket::begin(ada).await;
            let protocol = Some("graphql-transport-ws");
            let refused = Socket::try_open(ada, protocol).await.err().unwrap();
            assert_eq!(refused.status(), 503);
            assert!(refused.headers().contains_key("retry-after"));
            drop(first);
            eventually("there is room again", async || {
                Socket::try_open(ada, protocol).await.is_ok()
            })
            .await;
        },
    );
}

/// Whether a new connection stays open. One that is too many is reset at once.
async fn is_open(app: &TestApp) -> bool {
    let Ok(open) = tokio::net::TcpStream::connect(app.public).await else {
        return false;
    };
    let mut byte = [0];
    let peek = tokio::time::timeout(Duration::from_millis(200), open.peek(&mut byte));
    peek.await.is_err()
}

#[test]
fn a_socket_keeps_its_share_of_the_connections() {
    with_service(
        |config| config.server.max_connections_per_source = Some(3),
        async |app, _, ada| {
            // The connection of the registration is one.
            let sockets = [Socket::begin(ada).await, Socket::begin(ada).await];
            assert!(!is_open(app).await);
            drop(sockets);
            eventually("there is room again", async || is_open(app).await).await;
        },
    );
}

#[test]
fn messages_above_the_rate_wait_and_none_is_lost() {
    with_service(
        |config| config.socket.socket_message_rate = 5,
        async |_, _, ada| {
            let mut socket = Socket::begin(ada).await;
            let began = tokio::time::Instant::now();
            for _ in 0..12 {
                socket.send(&json!({"type": "ping"})).await;
            }
            for _ in 0..12 {
                assert_eq!(socket.next().await, json!({"type": "pong"}));
            }
            // Two windows of a second were full.
            assert!(began.elapsed() >= Duration::from_secs(1));
        },
    );
}

#[test]
fn an_operation_keeps_its_variables_and_name_as_they_were_written() {
    with_service(
        |_| {},
        async |_, service, ada| {
            let mut socket = Socket::begin(ada).await;
            let payload = r#"{"query":"subscription S($a: Int) { ticks(from: $a) }","operationName":"S","variables":{"a":12345678901234567890123}}"#;
            socket
                .send_text(format!(
                    r#"{{"type":"subscribe","id":"x","payload":{payload}}}"#
                ))
                .await;
            assert_eq!(socket.next().await["id"], "x");
            let raw = service
                .raw()
                .into_iter()
                .find(|text| text.contains("subscribe"))
                .unwrap();
            assert!(raw.contains("12345678901234567890123"), "{raw}");
            let subscribe = service.of_type("subscribe").remove(0);
            assert_eq!(subscribe["payload"]["operationName"], "S");
        },
    );
}
