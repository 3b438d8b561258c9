//! Requests that are wrong: each has its answer, and none hangs.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{ask_with, assert_passed, assert_refused, raw_target, with_policies};
use crate::harness::{raw, test, test_with};

#[test]
fn a_cookie_that_is_no_session_is_no_session() {
    test_with(with_policies, async |app| {
        let token = app.register("ada").await.token().unwrap();
        let own = format!("gatelodge={token}");
        let jwt = "gatelodge=eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2ln";
        for cookie in [
            "",
            "gatelodge=",
            "gatelodge",
            "=",
            ";;;",
            "gatelodge=not-base64!",
            "gatelodge=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            &format!("{own}="),
            &format!("{own}A"),
            &format!("Gatelodge={token}"),
            &format!("gatelodge%3D{token}"),
            &format!("x=\"{own}\""),
            &format!("__Host-gatelodge={token}"),
            &format!("gatelodge=\"{token}\""),
            &format!("{own}; {own}"),
            &format!("{own}; {own}; {own}"),
            &format!("{own}; gatelodge=x"),
            &format!("x={}", "y".repeat(20_000)),
            jwt,
        ] {
            let headers = [("cookie", cookie), ("x-forwarded-method", "GET")];
            let reply = ask_with(&app.browser(), "/forward-auth", &headers).await;
            assert_refused(&reply, 401, "UNAUTHENTICATED");
        }
        // Two Cookie headers with one session in each of them.
        let lines = format!("cookie: {own}\r\ncookie: {own}\r\nx-forwarded-method: GET\r\n");
        let (status, _) = raw_target(app, "GET", "/forward-auth", &lines).await;
        assert_eq!(status, 401);
        // Other cookies do not matter.
        let cookies = format!("a=b; {own}; gatelodge-x=y");
        let headers = [("cookie", &*cookies), ("x-forwarded-method", "GET")];
        let reply = ask_with(&app.browser(), "/forward-auth", &headers).await;
        assert_passed(&reply, "ada");
    });
}

#[test]
fn a_head_that_is_too_large_is_refused_by_the_server() {
    test(async |app| {
        let cookie = format!("cookie: gatelodge={}\r\n", "x".repeat(64 * 1024));
        let (status, _) = raw_target(app, "GET", "/forward-auth", &cookie).await;
        assert_eq!(status, 431);
    });
}

#[test]
fn an_identity_header_or_a_token_from_the_client_is_no_session() {
    test_with(with_policies, async |app| {
        let ada = app.register("ada").await;
        let token = ask_with(&ada, "/forward-auth", &[("x-forwarded-method", "GET")]).await;
        let token = token.header("authorization").unwrap().to_owned();
        let forged = [
            ("authorization", &*token),
            ("remote-user", "ada"),
            ("gatelodge-user-id", &*ada.id),
            ("gatelodge-roles", "admin"),
            ("connection", "close, gatelodge-roles, cookie"),
            ("x-forwarded-method", "GET"),
        ];
        let stranger = app.browser();
        let reply = ask_with(&stranger, "/forward-auth", &forged).await;
        assert_refused(&reply, 401, "UNAUTHENTICATED");
        let reply = ask_with(&stranger, "/forward-auth-optional", &forged).await;
        super::assert_stranger(&reply);
        let reply = ask_with(&ada, "/forward-auth", &forged).await;
        assert_eq!(reply.header("gatelodge-roles"), Some("-"));
        assert_passed(&reply, "ada");
    });
}

#[test]
fn a_body_is_never_read_or_waited_for() {
    test_with(with_policies, async |app| {
        let token = app.register("ada").await.token().unwrap();
        let cookie = format!("cookie: gatelodge={token}\r\nx-forwarded-method: GET\r\n");
        for (framing, sent) in [
            ("content-length: 10000000\r\n", ""),
            ("content-length: 10000000\r\n", "the beginning"),
            ("content-length: 10000000\r\nexpect: 100-continue\r\n", ""),
            ("transfer-encoding: chunked\r\n", ""),
            ("transfer-encoding: chunked\r\n", "ff\r\nx"),
        ] {
            for (cookie, expected) in [(&*cookie, 200), ("x-forwarded-method: GET\r\n", 401)] {
                let mut stream = TcpStream::connect(app.public).await.unwrap();
                // Without `Connection: close`: the server must end the connection by itself.
                let head = format!(
                    "POST /forward-auth HTTP/1.1\r\nhost: localhost\r\n{cookie}{framing}\r\n{sent}"
                );
                stream.write_all(head.as_bytes()).await.unwrap();
                let mut answer = vec![];
                // Half of the time after which an idle connection would be closed anyway.
                let read = stream.read_to_end(&mut answer);
                let read = tokio::time::timeout(Duration::from_secs(15), read).await;
                let answer = String::from_utf8_lossy(&answer);
                assert!(read.is_ok(), "{framing}: {answer}");
                let status = format!("HTTP/1.1 {expected} ");
                assert!(answer.starts_with(&status), "{framing}: {answer}");
                assert!(answer.contains("connection: close\r\n"), "{answer}");
            }
        }
    });
}

#[test]
fn without_a_body_the_connection_stays_open() {
    test(async |app| {
        let mut stream = TcpStream::connect(app.public).await.unwrap();
        for framing in ["", "content-length: 0\r\n"] {
            for method in ["GET", "HEAD", "OPTIONS", "POST"] {
                let head = format!("{method} /forward-auth HTTP/1.1\r\nhost: x\r\n{framing}\r\n");
                stream.write_all(head.as_bytes()).await.unwrap();
                let mut answer = String::new();
                let end = if method == "HEAD" { "\r\n\r\n" } else { "]}" };
                while !answer.ends_with(end) {
                    let mut piece = [0; 1024];
                    let length = stream.read(&mut piece).await.unwrap();
                    assert_ne!(length, 0, "it was closed: {answer}");
                    answer += std::str::from_utf8(&piece[..length]).unwrap();
                }
                assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
            }
        }
    });
}

#[test]
fn a_request_that_a_proxy_could_read_differently_is_refused() {
    test_with(with_policies, async |app| {
        let token = app.register("ada").await.token().unwrap();
        for wrong in [
            "",
            "host: a\r\nhost: b\r\n",
            "host: user@x\r\n",
            "host: x\r\ntransfer-encoding: chunked, chunked\r\n",
        ] {
            let request = format!(
                "GET /forward-auth HTTP/1.1\r\n{wrong}connection: close\r\nx-forwarded-method: GET\r\n\
                 cookie: gatelodge={token}\r\n\r\n"
            );
            let reply = raw(app.public, request).await;
            // 400 where the library refuses it, before there is a request.
            assert!(matches!(reply.status(), 400 | 403), "{wrong}: {reply:?}");
        }
    });
}
