//! A service that fails: the client gets a clear answer, and learns nothing about the service.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::{
    Answer, Asked, SCHEMA, TASKS, ask, codes_at, graphql, use_schema, with_service, with_tasks,
};
use crate::{
    harness::{eventually, free_port},
    upstream::client::{json as json_answer, with_head},
};

/// What a client must never see.
const SECRET: &str = "inside-the-service";

#[test]
fn an_answer_that_is_no_graphql_is_a_bad_gateway_and_says_nothing_of_the_service() {
    let body = format!(r#"{{"data":{{"tasks":"{SECRET}"}},"errors":[{{"message":"{SECRET}"}}]}}"#);
    let kind = "content-type: application/json\r\n";
    let answers = [
        with_head("401 No", kind, &body),
        with_head("403 No", kind, &body),
        with_head("500 No", kind, &body),
        with_head(
            "503 No",
            "content-type: application/graphql-response+json\r\nretry-after: 7\r\n",
            &body,
        ),
        with_head("200 OK", "content-type: text/html\r\n", SECRET),
        with_head("301 Moved", &format!("location: http://{SECRET}/\r\n"), ""),
        with_head("204 Nothing", "", ""),
        with_head(
            "101 Switching Protocols",
            "upgrade: websocket\r\nconnection: upgrade\r\n",
            "",
        ),
        with_head(
            "200 OK",
            "content-type: application/json\r\ncontent-encoding: gzip\r\n",
            &body,
        ),
        json_answer(SECRET),
        json_answer("{}"),
        json_answer("[]"),
        json_answer("null"),
        json_answer(r#"{"data":{"tasks":[]}} {}"#),
        json_answer(r#"{"data":{"tasks":[]}"#),
        format!("{SECRET}\r\n\r\n"),
    ];
    for answer in answers {
        let bytes = answer.clone();
        with_tasks(
            move |_| Answer::Half(bytes.clone()),
            async |app, _| {
                let ada = app.register("ada").await;
                let reply = ask(&ada, "{ tasks { id } }").await;
                assert_eq!(reply.status, 502, "{answer}: {}", reply.text);
                assert_eq!(reply.code(), "BAD_GATEWAY");
                assert!(reply.json().get("data").is_none(), "{}", reply.text);
                assert!(!reply.text.contains(SECRET), "{}", reply.text);
                assert!(!format!("{:?}", reply.headers).contains(SECRET));

                let reply = ask(
                    &ada,
                    "{ tasks { id } me { username } b: task(id: 1) { id } }",
                )
                .await;
                assert_eq!(reply.status, 200);
                assert_eq!(
                    reply.json()["data"],
                    json!({ "tasks": null, "me": { "username": "ada" }, "b": null }),
                    "{answer}"
                );
                let gateway = |key: &str| (json!([key]), json!("BAD_GATEWAY"));
                assert_eq!(codes_at(&reply), [gateway("tasks"), gateway("b")]);
                assert!(!reply.text.contains(SECRET), "{}", reply.text);

                let reply = ask(&ada, "{ me { username } taskCount }").await;
                assert_eq!(reply.json()["data"], Value::Null);
                assert_eq!(codes_at(&reply), [gateway("taskCount")]);
            },
        );
    }
}

#[test]
fn half_an_answer_is_a_bad_gateway_while_nothing_was_sent() {
    let half = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"data\":{";
    with_tasks(
        move |_| Answer::Half(half.to_owned()),
        async |app, _| {
            let ada = app.register("ada").await;
            let reply = ask(&ada, "{ tasks { id } }").await;
            assert_eq!(
                (reply.status.as_u16(), reply.code().as_str()),
                (502, "BAD_GATEWAY")
            );
            let reply = ask(&ada, "{ me { id } tasks { id } }").await;
            assert_eq!(codes_at(&reply), [(json!(["tasks"]), json!("BAD_GATEWAY"))]);
        },
    );
}

#[test]
fn half_of_a_long_answer_never_looks_complete() {
    let long = "x".repeat(200_000);
    let half = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900000\r\n\r\n{{\"data\":{{\"tasks\":[\"{long}"
    );
    with_tasks(
        move |_| Answer::Half(half.clone()),
        async |app, _| {
            let ada = app.register("ada").await;
            let request = ada
                .request(reqwest::Method::POST, "/graphql")
                .header("content-type", "application/json")
                .body(r#"{"query":"{ tasks { id } }"}"#);
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 200);
            assert!(response.bytes().await.is_err(), "the answer looks complete");
        },
    );
}

#[test]
fn a_service_that_is_not_there_leaves_logins_working() {
    let port = free_port();
    let away = move |config: &mut gatelodge::config::Config| {
        use_schema(config, SCHEMA);
        let url = format!("http://127.0.0.1:{port}/graphql");
        config.upstream.as_mut().unwrap().url = url.parse().unwrap();
    };
    with_service(away, super::tasks, async |app, _| {
        let ada = app.register("ada").await;
        ada.logout().await;
        let ada = app.log_in("ada").await;
        let reply = ask(&ada, "mutation { removeTask(id: 1) }").await;
        assert_eq!(
            (reply.status.as_u16(), reply.code().as_str()),
            (502, "BAD_GATEWAY")
        );
        assert!(!reply.text.contains(&port.to_string()), "{}", reply.text);
        let reply = ask(&ada, "{ me { username nickname } }").await;
        assert_eq!(
            reply.json()["data"],
            json!({ "me": { "username": "ada", "nickname": null } })
        );
        assert_eq!(
            codes_at(&reply),
            [(json!(["me", "nickname"]), json!("BAD_GATEWAY"))]
        );
    });
}

#[test]
fn a_service_that_is_silent_is_a_gateway_timeout() {
    let quick = |config: &mut gatelodge::config::Config| {
        use_schema(config, SCHEMA);
        config.upstream.as_mut().unwrap().first_byte_timeout = Duration::from_millis(100);
    };
    with_service(
        quick,
        |_| Answer::Silence,
        async |app, _| {
            let ada = app.register("ada").await;
            let reply = ask(&ada, "{ tasks { id } }").await;
            assert_eq!(
                (reply.status.as_u16(), reply.code().as_str()),
                (504, "GATEWAY_TIMEOUT")
            );
            assert!(reply.json().get("data").is_none());
            let reply = ask(&ada, "{ me { username nickname } tasks { id } }").await;
            assert_eq!(reply.status, 200);
            assert_eq!(
                reply.json()["data"],
                json!({ "me": { "username": "ada", "nickname": null }, "tasks": null })
            );
            let mut codes = codes_at(&reply);
            codes.sort_by_key(|(path, _)| path.to_string());
            assert_eq!(
                codes,
                [
                    (json!(["me", "nickname"]), json!("GATEWAY_TIMEOUT")),
                    (json!(["tasks"]), json!("GATEWAY_TIMEOUT"))
                ]
            );
        },
    );
}

#[test]
fn the_time_limit_of_an_operation_holds_for_the_service_too() {
    let quick = |config: &mut gatelodge::config::Config| {
        use_schema(config, SCHEMA);
        config.limits.time = Duration::from_millis(300);
    };
    let drips = || {
        Answer::Slow(
        std::iter::once("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n".to_owned())
            .chain(std::iter::repeat_n(" ".to_owned(), 2_000))
            .collect(),
    )
    };
    let answer = move |asked: &Asked| {
        if asked.query().contains("done") {
            drips()
        } else {
            Answer::Silence
        }
    };
    with_service(quick, answer, async |app, _| {
        let ada = app.register("ada").await;
        let begin = Instant::now();
        let reply = ask(&ada, "{ tasks { id } }").await;
        assert_eq!(
            (reply.status.as_u16(), reply.code().as_str()),
            (504, "GATEWAY_TIMEOUT")
        );
        // A byte now and then does not help where the answers are merged.
        for query in [
            "{ me { id } tasks { id } }",
            "{ me { id } tasks { done } }",
            "{ me { nickname } }",
        ] {
            let reply = ask(&ada, query).await;
            assert_eq!(codes_at(&reply).len(), 1, "{}", reply.text);
            assert_eq!(reply.code(), "GATEWAY_TIMEOUT", "{query}");
            assert!(reply.json()["data"]["me"].is_object(), "{}", reply.text);
        }
        assert!(begin.elapsed() < Duration::from_secs(5));
    });
}

#[test]
fn an_answer_that_is_too_long_to_merge_fails_alone() {
    let small = |config: &mut gatelodge::config::Config| {
        use_schema(config, SCHEMA);
        config.upstream.as_mut().unwrap().max_merge = 100;
    };
    let answer = |_: &Asked| {
        graphql(&format!(
            r#"{{"data":{{"tasks":["{}"]}}}}"#,
            "x".repeat(200)
        ))
    };
    with_service(small, answer, async |app, _| {
        let ada = app.register("ada").await;
        let reply = ask(&ada, "{ me { username } tasks { id } }").await;
        assert_eq!(
            reply.json()["data"],
            json!({ "me": { "username": "ada" }, "tasks": null })
        );
        assert_eq!(codes_at(&reply), [(json!(["tasks"]), json!("BAD_GATEWAY"))]);
        // Alone, it is not merged.
        ask(&ada, "{ tasks { id } }").await.data();
    });
}

#[test]
fn a_service_that_comes_back_is_used_again() {
    let answer = |asked: &Asked| {
        if asked.query().contains("first") {
            Answer::Half(String::new())
        } else {
            graphql(TASKS)
        }
    };
    with_tasks(answer, async |app, upstream| {
        let ada = app.register("ada").await;
        ask(&ada, "{ tasks { id } }").await.data();
        assert_eq!(
            ask(&ada, "mutation { removeTask(first: 1) }").await.status,
            502
        );
        assert_eq!(upstream.asked().len(), 2, "a mutation is never sent again");
        ask(&ada, "{ tasks { id } }").await.data();
        assert_eq!(ask(&ada, "{ tasks(first: 1) { id } }").await.status, 502);
        assert_eq!(
            upstream.asked().len(),
            5,
            "a query is sent again on a new connection"
        );
    });
}

#[test]
fn a_client_that_leaves_ends_the_request_to_the_service() {
    with_tasks(
        |_| Answer::Silence,
        async |app, upstream| {
            let ada = app.register("ada").await;
            for query in [
                "{ tasks { id } }",
                "{ me { id } tasks { id } }",
                "{ me { nickname } }",
            ] {
                let before = upstream.asked().len();
                let mut stream = tokio::net::TcpStream::connect(app.public).await.unwrap();
                let body = json!({ "query": query }).to_string();
                let cookie = ada.token().unwrap();
                let request = format!(
                    "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncookie: gatelodge={cookie}\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(request.as_bytes()).await.unwrap();
                eventually("the service was asked", async || {
                    upstream.asked().len() > before
                })
                .await;
                assert_eq!(upstream.left(), before);
                let begin = Instant::now();
                drop(stream);
                eventually("the service was left", async || upstream.left() > before).await;
                assert!(
                    begin.elapsed() < Duration::from_secs(1),
                    "{:?}",
                    begin.elapsed()
                );
            }
        },
    );
}
