//! Answers of a service that would cost much to merge, or that have a wrong form.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Answer, Asked, SCHEMA, ask, codes_at, graphql, use_schema, with_service, with_tasks};
use crate::harness::PASSWORD;

/// Returns an answer with many members of one form.
fn many(count: usize, member: impl Fn(usize) -> String) -> String {
    (0..count).map(member).collect::<Vec<_>>().join(",")
}

#[test]
fn an_answer_with_very_many_members_fails_fast_and_alone() {
    let extensions = many(100_000, |index| format!("\"k{index}\":0"));
    let errors = many(100_000, |_| r#"{"message":"no"}"#.to_owned());
    for body in [
        format!(r#"{{"data":{{"tasks":[]}},"extensions":{{{extensions}}}}}"#),
        format!(r#"{{"data":null,"errors":[{errors}]}}"#),
        format!(r#"{{"data":null,"errors":[{{"message":"no",{extensions}}}]}}"#),
    ] {
        with_tasks(
            move |_| graphql(&body),
            async |app, _| {
                let ada = app.register("ada").await;
                let other = app.browser();
                let began = Instant::now();
                let split = ask(&ada, "{ me { username } tasks { id } }");
                let (reply, health, login) = tokio::join!(
                    split,
                    ada.get("/healthz"),
                    other.login_reply("ada", PASSWORD)
                );
                assert_eq!(health.status, 200);
                assert!(!login.has_errors());
                assert_eq!(codes_at(&reply), [(json!(["tasks"]), json!("BAD_GATEWAY"))]);
                // Without a bound it took minutes.
                assert!(began.elapsed() < Duration::from_secs(10));
            },
        );
    }
}

#[test]
fn members_that_nobody_asked_for_are_skipped() {
    let others = many(200_000, |index| format!("\"k{index}\":{{\"a\":[1,\"]\"]}}"));
    let body = format!(r#"{{"data":{{{others},"tasks":[7],"me":"theirs"}}}}"#);
    with_tasks(
        move |_| graphql(&body),
        async |app, _| {
            let ada = app.register("ada").await;
            let data = ask(&ada, "{ me { username } tasks { id } }").await.data();
            assert_eq!(data, json!({ "me": { "username": "ada" }, "tasks": [7] }));
        },
    );
}

#[test]
fn an_answer_is_judged_alike_whether_it_is_merged_or_passed_on() {
    for (body, is_answer) in [
        (r#"{"data":{"tasks":[]}}"#, true),
        (r#"{"data":{"tasks":[]},"errors":[]}"#, true),
        (r#"{"data":{"tasks":[]},"errors":null}"#, true),
        (r#"{"data":{"tasks":[]},"errors":[{"message":"no"}]}"#, true),
        (r#"{"data":null,"errors":[{"message":"no"}]}"#, true),
        (r#"{"errors":[{"message":"no"}]}"#, true),
        (r#"{"data":null}"#, false),
        (r#"{"data":null,"errors":[]}"#, false),
        (r#"{"errors":[]}"#, false),
        (r#"{"data":[]}"#, false),
        (r#"{"data":{"tasks":[]},"data":{"tasks":[]}}"#, false),
        (r#"{"data":{"tasks":[]},"errors":{"message":"no"}}"#, false),
        (r#"{"data":{"tasks":[]},"errors":["no"]}"#, false),
        (r#"{"data":{"tasks":[]},"errors":[{"message":1}]}"#, false),
        (
            r#"{"data":{"tasks":[]},"errors":[{"path":["tasks"]}]}"#,
            false,
        ),
        (
            r#"{"data":{"tasks":[]},"errors":[{"message":"a","message":"b"}]}"#,
            false,
        ),
        (r#"{"data":{"tasks":[]},"extensions":{"a":1}}"#, true),
        (r#"{"data":{"tasks":[]},"extensions":null}"#, true),
        (r#"{"data":{"tasks":[]},"extensions":[1]}"#, false),
        (r#"{"data":{"tasks":[]},"extensions":{"a":1,"a":2}}"#, false),
    ] {
        with_tasks(
            move |_| graphql(body),
            async |app, _| {
                let ada = app.register("ada").await;
                let pure = ask(&ada, "{ tasks { id } }").await;
                assert_eq!(pure.status != 502, is_answer, "{body}: {}", pure.text);
                let split = ask(&ada, "{ me { username } tasks { id } }").await;
                let is_bad = codes_at(&split)
                    .iter()
                    .any(|(_, code)| code == "BAD_GATEWAY");
                assert_eq!(!is_bad, is_answer, "{body}: {}", split.text);
            },
        );
    }
}

#[test]
fn an_error_of_the_service_cannot_name_a_field_of_ours() {
    let body = r#"{"data":{"tasks":null},"errors":[
        {"message":"a","path":["me","username"],"extensions":{"n":12345678901234567890123}},
        {"message":"b","path":["tasks",0]},{"message":"c","path":"me"},
        {"message":"d","path":["tasks",{"a":[]}]},{"message":"e","path":["tasks",LONG]}]}"#;
    let body = body.replace("LONG", &vec!["0"; 2000].join(","));
    with_tasks(
        move |_| graphql(&body),
        async |app, _| {
            let ada = app.register("ada").await;
            let reply = ask(&ada, "{ me { username } tasks { id } }").await;
            let json = reply.json();
            let paths: Vec<_> = json["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|error| &error["path"])
                .collect();
            let none = &Value::Null;
            assert_eq!(paths, [none, &json!(["tasks", 0]), none, none, none]);
            assert!(
                reply.text.contains("12345678901234567890123"),
                "{}",
                reply.text
            );
        },
    );
}

#[test]
fn the_bounds_of_merging_do_not_hold_for_an_answer_that_is_passed_on() {
    let errors = many(1001, |_| r#"{"message":"no"}"#.to_owned());
    let extensions = many(101, |index| format!("\"k{index}\":0"));
    for body in [
        format!(r#"{{"data":{{"tasks":[]}},"errors":[{errors}]}}"#),
        format!(r#"{{"data":{{"tasks":[]}},"extensions":{{{extensions}}}}}"#),
    ] {
        with_tasks(
            move |_| graphql(&body),
            async |app, _| {
                let ada = app.register("ada").await;
                let pure = ask(&ada, "{ tasks { id } }").await;
                assert_eq!(pure.status, 200);
                assert_eq!(pure.json()["data"], json!({ "tasks": [] }));
                let split = ask(&ada, "{ me { username } tasks { id } }").await;
                assert_eq!(codes_at(&split), [(json!(["tasks"]), json!("BAD_GATEWAY"))]);
            },
        );
    }
}

#[test]
fn operations_with_two_large_answers_each_do_not_wait_for_each_other() {
    let large = "x".repeat(100_000);
    let answer = move |asked: &Asked| {
        if asked.query().contains("_entities") {
            graphql(&json!({ "data": { "site0": [{ "nickname": large }] } }).to_string())
        } else {
            graphql(&json!({ "data": { "tasks": [large] } }).to_string())
        }
    };
    with_tasks(answer, async |app, _| {
        let ada = app.register("ada").await;
        let query = "{ tasks { id } me { nickname } }";
        let mut asked = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let ada = ada.clone();
            asked.spawn(async move { ask(&ada, query).await });
        }
        for reply in asked.join_all().await {
            assert_eq!(codes_at(&reply), []);
            assert!(reply.text.len() > 200_000);
        }
    });
}

#[test]
fn a_long_key_in_an_answer_is_refused_while_it_can_be() {
    let key = "k".repeat(70_000);
    let body = format!(r#"{{"{key}":1,"data":{{"tasks":[]}}}}"#);
    with_tasks(
        move |_| graphql(&body),
        async |app, _| {
            let ada = app.register("ada").await;
            assert_eq!(ask(&ada, "{ tasks { id } }").await.status, 502);
        },
    );
}

#[test]
fn more_requests_than_the_service_may_get_wait_and_are_refused() {
    let settings = |config: &mut gatelodge::config::Config| {
        use_schema(config, SCHEMA);
        let upstream = config.upstream.as_mut().unwrap();
        upstream.max_requests = 1;
        upstream.first_byte_timeout = Duration::from_millis(300);
    };
    let answer = |asked: &Asked| {
        if asked.query().contains("slow") {
            Answer::Slow(vec![
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(),
                format!("10000\r\n{{{}\r\n", " ".repeat(0xffff)),
            ])
        } else {
            graphql(r#"{"data":{"tasks":[]}}"#)
        }
    };
    with_service(settings, answer, async |app, upstream| {
        let ada = app.register("ada").await;
        // Its answer has begun, and does not end.
        let slow = ada
            .request(reqwest::Method::POST, "/graphql")
            .header("content-type", "application/json")
            .body(json!({"query": "{ tasks { slow } }"}).to_string())
            .send();
        let slow = tokio::spawn(slow);
        crate::harness::eventually("the first request is there", async || {
            !upstream.asked().is_empty()
        })
        .await;
        let reply = ask(&ada, "{ tasks { id } }").await;
        assert_eq!(
            (reply.status.as_u16(), reply.code()),
            (503, "SERVICE_BUSY".to_owned())
        );
        assert!(reply.header("retry-after").is_some());
        let split = ask(&ada, "{ me { username } tasks { id } }").await;
        assert_eq!(
            codes_at(&split),
            [(json!(["tasks"]), json!("SERVICE_BUSY"))]
        );
        drop(slow.await);
        crate::harness::eventually("the permit is free again", async || {
            !ask(&ada, "{ tasks { id } }").await.has_errors()
        })
        .await;
    });
}
