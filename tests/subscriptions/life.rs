use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use futures_util::StreamExt;
use tokio::time::Instant;

use super::*;
use crate::harness::{assert_no_errors, eventually};

/// Time within which a socket must end after its session. More than the second of the contract, for busy machines.
const SOON: Duration = Duration::from_secs(5);

#[test]
fn a_stranger_s_socket_is_closed_at_its_beginning() {
    with_service(
        |_| {},
        async |app, service, _| {
            let mut socket = Socket::open(&app.browser()).await;
            socket.send(&json!({"type": "connection_init"})).await;
            assert_eq!(socket.closed().await, 4403);
            assert_eq!(service.upgrades().len(), 0);
        },
    );
}

#[test]
fn a_logout_on_another_node_ends_the_session_s_sockets_and_no_others() {
    with_service_on_every_database(async |app, service, ada| {
        let other = app.another_node(|_| {}).await;
        let bob = app.browser();
        bob.must_register("bob", PASSWORD).await;
        let mut of_ada = [Socket::subscribed(ada).await, Socket::begin(ada).await];
        let mut of_bob = Socket::subscribed(&bob).await;
        ada.at(other.public).logout().await;
        let began = Instant::now();
        for socket in &mut of_ada {
            assert_eq!(socket.closed().await, 4403);
        }
        assert!(began.elapsed() < SOON);
        eventually("the service lost one socket", async || service.open() == 1).await;
        service.command(Command::Emit(json!({"data": {"ticks": 1}})));
        assert_eq!(of_bob.next().await["payload"]["data"]["ticks"], 1);
        other.stop().await;
    });
}

#[test]
fn a_timeout_of_the_session_ends_its_sockets_although_they_are_open() {
    with_service(
        |config| config.session.idle = Some(Duration::from_hours(1)),
        async |app, _, ada| {
            let mut socket = Socket::subscribed(ada).await;
            app.advance(TimeDelta::hours(2));
            assert_eq!(socket.closed().await, 4403);
        },
    );
}

#[test]
fn a_client_that_leaves_ends_the_service_s_socket() {
    with_service(
        |_| {},
        async |_, service, ada| {
            let socket = Socket::subscribed(ada).await;
            assert_eq!(service.open(), 1);
            drop(socket);
            eventually("the service lost its socket", async || service.open() == 0).await;
        },
    );
}

#[test]
fn a_service_that_restarts_makes_clients_connect_again() {
    with_service(
        |_| {},
        async |_, service, ada| {
            let mut socket = Socket::subscribed(ada).await;
            let mut quiet = Socket::begin(ada).await;
            service.command(Command::Close(1012));
            assert_eq!(socket.closed().await, 1013);
            // Without a subscription, nothing is lost.
            quiet.subscribe("1", "subscription { ticks }").await;
            assert_eq!(quiet.next().await["type"], "next");
        },
    );
}

#[test]
fn a_stop_tells_every_socket_to_connect_again() {
    with_service(
        |_| {},
        async |app, _, ada| {
            let mut sockets = vec![];
            for _ in 0..5 {
                sockets.push(Socket::subscribed(ada).await);
            }
            app.request_stop();
            for socket in &mut sockets {
                assert_eq!(socket.closed().await, 1012);
            }
        },
    );
}

#[test]
fn whatever_ends_a_session_ends_its_sockets() {
    with_service_on_every_database(async |app, service, ada| {
        let admin = app.register_admin("root").await;
        let id = ada.query("{ me { id } }").await["me"]["id"].clone();
        let login = async || app.log_in("ada").await;

        let (first, second) = (login().await, login().await);
        let mut socket = Socket::subscribed(&first).await;
        let input = json!({ "currentPassword": PASSWORD, "newPassword": "another horse battery", "confirmPassword": "another horse battery" });
        assert_no_errors(&second.mutate("changePassword", input, "user { id }").await);
        assert_eq!(socket.closed().await, 4403, "changePassword");
        let input = json!({ "currentPassword": "another horse battery", "newPassword": PASSWORD, "confirmPassword": PASSWORD });
        assert_no_errors(&second.mutate("changePassword", input, "user { id }").await);

        let first = login().await;
        let mut socket = Socket::subscribed(&first).await;
        let revoked = second
            .run(
                "mutation { revokeOtherSessions { revokedCount } }",
                json!({}),
            )
            .await;
        revoked.data();
        assert_eq!(socket.closed().await, 4403, "revokeOtherSessions");

        // A new login in the same browser replaces its session.
        let mut socket = Socket::subscribed(&second).await;
        assert_no_errors(&second.login("ada", PASSWORD).await);
        assert_eq!(socket.closed().await, 4403, "login");

        let mut socket = Socket::subscribed(&second).await;
        admin.change_user("disableUser", json!({ "id": id })).await;
        assert_eq!(socket.closed().await, 4403, "disableUser");
        admin.change_user("enableUser", json!({ "id": id })).await;

        let last = login().await;
        let mut socket = Socket::subscribed(&last).await;
        let deleted = last.mutate(
            "deleteUser",
            json!({ "currentPassword": PASSWORD }),
            "deletedUserId",
        );
        assert_no_errors(&deleted.await);
        assert_eq!(socket.closed().await, 4403, "deleteUser");
        eventually("the service has no socket left", async || {
            service.open() == 0
        })
        .await;
    });
}

#[test]
fn a_lost_role_ends_the_subscriptions_and_leaves_the_socket() {
    let editors = |config: &mut Config| {
        let upstream = config.upstream.as_mut().unwrap();
        upstream.require = serde_json::from_value(json!(["session", "role:editor"])).unwrap();
    };
    with_service(editors, async |app, service, _| {
        let eve = app.register("eve").await;
        let mut socket = Socket::open(&eve).await;
        socket.send(&json!({"type": "connection_init"})).await;
        assert_eq!(socket.closed().await, 4403);

        app.give_roles(&eve, "editor").await;
        let mut socket = Socket::subscribed(&eve).await;
        socket.subscribe("2", "subscription { ticks }").await;
        socket.next().await;
        app.give_roles(&eve, "author").await;
        let mut ended = vec![];
        for _ in 0..2 {
            let message = socket.next().await;
            assert_eq!(message["type"], "error");
            assert_eq!(message["payload"][0]["extensions"]["code"], "FORBIDDEN");
            ended.push(message["id"].as_str().unwrap().to_owned());
        }
        ended.sort();
        assert_eq!(ended, ["1", "2"]);
        eventually("the service lost its socket", async || service.open() == 0).await;
        socket.subscribe("3", "subscription { ticks }").await;
        assert_eq!(
            socket.next().await["payload"][0]["extensions"]["code"],
            "FORBIDDEN"
        );

        app.give_roles(&eve, "editor").await;
        eventually("the role is known again", async || {
            let mut socket = Socket::open(&eve).await;
            socket.send(&json!({"type": "connection_init"})).await;
            matches!(socket.0.next().await, Some(Ok(message)) if message.is_text())
        })
        .await;
        socket.subscribe("4", "subscription { ticks }").await;
        assert_eq!(socket.next().await["payload"]["data"]["ticks"], 0);
    });
}

#[test]
fn a_service_without_requirements_serves_strangers_without_a_token() {
    let open = |config: &mut Config| {
        let upstream = config.upstream.as_mut().unwrap();
        upstream.require = serde_json::from_value(json!("none")).unwrap();
    };
    with_service(open, async |app, service, _| {
        let _socket = Socket::subscribed(&app.browser()).await;
        assert_eq!(service.of_type("connection_init")[0]["payload"], json!({}));
    });
}

#[test]
fn the_token_of_a_socket_lives_as_long_as_it_may_and_no_longer_than_the_session() {
    for (session, expected) in [(120, 60), (40, 40)] {
        with_service(
            |config| {
                config.session.lifetime = Duration::from_mins(session);
                config.session.idle = None;
                let upstream = config.upstream.as_mut().unwrap();
                upstream.audience = Some("tasks".to_owned());
            },
            async |_, service, ada| {
                let _socket = Socket::subscribed(ada).await;
                let init = service.of_type("connection_init").remove(0);
                let token = init["payload"]["Authorization"]
                    .as_str()
                    .unwrap()
                    .to_owned();
                let claims = token.split('.').nth(1).unwrap();
                let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap();
                let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
                let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() - 5;
                assert_eq!((life / 60, &claims["aud"]), (expected, &json!("tasks")));
            },
        );
    }
}

#[test]
fn a_new_token_of_the_session_ends_what_the_old_one_has_opened() {
    with_service_on_every_database(async |_, _, ada| {
        // A thief with the cookie has a socket, too.
        let mut of_thief = Socket::subscribed(ada).await;
        let input = json!({ "password": PASSWORD });
        assert_no_errors(&ada.mutate("reauthenticate", input, "session { id }").await);
        assert_eq!(of_thief.closed().await, 4403);
        // The browser has the new cookie.
        Socket::subscribed(ada).await;
    });
}

#[test]
fn a_socket_knows_at_once_what_another_socket_of_the_session_has_learnt() {
    let editors = |config: &mut Config| {
        let upstream = config.upstream.as_mut().unwrap();
        upstream.require = serde_json::from_value(json!(["session", "role:editor"])).unwrap();
    };
    with_service(editors, async |app, _, _| {
        let eve = app.register("eve").await;
        app.give_roles(&eve, "editor").await;
        let mut first = Socket::subscribed(&eve).await;
        app.give_roles(&eve, "author").await;
        assert_eq!(first.next().await["type"], "error");
        let mut second = Socket::open(&eve).await;
        second.send(&json!({"type": "connection_init"})).await;
        assert_eq!(second.closed().await, 4403);
    });
}

#[test]
fn a_socket_ends_with_its_token() {
    with_service(
        |config| {
            let upstream = config.upstream.as_mut().unwrap();
            upstream.socket_token_lifetime = Duration::from_millis(200);
        },
        async |_, _, ada| {
            let mut socket = Socket::subscribed(ada).await;
            assert_eq!(socket.closed().await, 1012);
        },
    );
}

#[test]
fn a_client_that_answers_no_ping_is_cut_off() {
    with_service(
        |config| {
            config.socket.socket_ping_interval = Duration::from_millis(50);
            config.socket.socket_ping_timeout = Duration::from_millis(50);
        },
        async |_, service, ada| {
            // A client that reads answers pings by itself.
            let mut alive = Socket::subscribed(ada).await;
            let silent = Socket::subscribed(ada).await;
            while service.open() > 1 {
                // Reading answers the pings that have come.
                let _ = tokio::time::timeout(Duration::from_millis(10), alive.0.next()).await;
            }
            alive.subscribe("2", "subscription { ticks }").await;
            assert_eq!(alive.next().await["id"], "2");
            drop(silent);
        },
    );
}
