//! Answers of the service on their way to the client.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Answer, Asked, TASKS, ask, graphql, tasks, with_tasks};
use crate::{harness::Reply, upstream::client::with_head};

const MODERN: &str = "application/graphql-response+json";

fn identity(reply: &Reply) -> String {
    let json = reply.json();
    let identity = json["extensions"]["identity"].as_str();
    identity.unwrap_or_else(|| panic!("{json:#}")).to_owned()
}

/// Returns an answer in chunks of an odd size.
fn chunked(headers: &str, body: &str, size: usize) -> String {
    let mut text = format!("HTTP/1.1 200 OK\r\n{headers}transfer-encoding: chunked\r\n\r\n");
    for chunk in body.as_bytes().chunks(size) {
        let chunk = std::str::from_utf8(chunk).unwrap();
        write!(text, "{:x}\r\n{chunk}\r\n", chunk.len()).unwrap();
    }
    text.push_str("0\r\n\r\n");
    text
}

#[test]
fn every_json_answer_names_the_user_by_the_same_identity() {
    let answer = |asked: &Asked| match asked.words() {
        query if query.contains("first: 1)") => Answer::Bytes(with_head("500 Oops", "", "")),
        query if query.contains("first: 2)") => graphql(
            r#"{"errors":[{"message":"no"}],"data":null,"extensions":{"identity":"forged","cost":1.10}}"#,
        ),
        query if query.contains("first: 3)") => graphql(r#"{"errors":[{"message":"no"}]}"#),
        _ => graphql(r#"{"extensions":{"identity":"forged","more":[]},"data":{"tasks":[]}}"#),
    };
    with_tasks(answer, async |app, _| {
        let ada = app.register("ada").await;
        let expected = identity(&ask(&ada, "{ me { id } }").await);
        for query in [
            "{ tasks { id } }",
            "{ me { id } tasks { id } }",
            "{ tasks(first: 1) { id } }",
            "{ me { id } tasks(first: 1) { id } }",
            "{ tasks(first: 2) { id } }",
            "{ me { id } tasks(first: 2) { id } }",
            "{ tasks(first: 3) { id } }",
            "{ me { id } tasks(first: 3) { id } }",
            "{ me { nickname } }",
            "mutation { removeTask(id: 1) }",
            "{ a: me { id } a: tasks { id } }",
            "{ me { unknown } tasks { id } }",
            "{ __schema { queryType { name } } tasks { id } }",
        ] {
            for accept in ["application/json", MODERN] {
                let reply = ada
                    .post_with(&[("accept", accept)], &json!({ "query": query }))
                    .await;
                assert_eq!(identity(&reply), expected, "{query}");
                assert!(!reply.text.contains("forged"), "{}", reply.text);
                let times = reply.text.matches("\"identity\"").count();
                assert_eq!(times, 1, "{}", reply.text);
                let content_type = reply.header("content-type").unwrap();
                assert_eq!(content_type, format!("{accept}; charset=utf-8"), "{query}");
            }
        }
        let other = app.register("bob").await;
        assert_ne!(identity(&ask(&other, "{ tasks { id } }").await), expected);
        ada.logout().await;
        assert_ne!(identity(&ask(&ada, "{ tasks { id } }").await), expected);
    });
}

#[test]
fn a_forwarded_answer_has_the_identity_in_a_header_that_scripts_can_read() {
    with_tasks(tasks, async |app, _| {
        let ada = app.register("ada").await;
        let reply = ask(&ada, "{ tasks { id } }").await;
        assert_eq!(reply.header("gatelodge-identity"), Some(&*identity(&reply)));
        let exposed = reply.header("access-control-expose-headers").unwrap();
        assert!(
            exposed.to_ascii_lowercase().contains("gatelodge-identity"),
            "{exposed}"
        );
    });
}

#[test]
fn a_long_answer_in_odd_chunks_is_whole_and_has_the_identity() {
    let items = vec![r#"{"id":"task_1","title":"}]\\\"{"}"#; 20_000].join(",");
    for (body, size) in [
        (format!(r#"{{"data":{{"tasks":[{items}]}}}}"#), 7_919),
        (
            format!(
                r#"{{"data":{{"tasks":[{items}]}},"extensions":{{"a":1,"identity":"forged"}}}}"#
            ),
            65_537,
        ),
        (
            format!(
                r#" {{"extensions" : {{"identity":{{"x":1}}}}, "data":{{"tasks":[{items}]}}}} "#
            ),
            1_013,
        ),
        (
            format!(r#"{{"extensions":null,"data":{{"tasks":[{items}]}}}}"#),
            400_003,
        ),
    ] {
        let sent: Value = serde_json::from_str(&body).unwrap();
        let text = chunked("content-type: application/json\r\n", &body, size);
        with_tasks(
            move |_| Answer::Bytes(text.clone()),
            async |app, _| {
                let ada = app.register("ada").await;
                let identity = identity(&ask(&ada, "{ me { id } }").await);
                let reply = ask(&ada, "{ tasks { id title } }").await;
                let json = reply.json();
                assert_eq!(json["extensions"]["identity"], identity);
                assert!(json["data"] == sent["data"], "the data differ");
                assert_eq!(json.as_object().unwrap().len(), 2);
                assert_eq!(json["extensions"]["a"], sent["extensions"]["a"]);
                assert!(!reply.text.contains("forged"));
                assert_eq!(reply.header("gatelodge-identity"), Some(&*identity));
            },
        );
    }
}

#[test]
fn numbers_of_the_service_keep_their_digits() {
    let body = r#"{"data":{"number":12345678901234567890123,"tasks":[1.10,1e400,-0.0]}}"#;
    with_tasks(
        move |_| graphql(body),
        async |app, _| {
            let ada = app.register("ada").await;
            for query in [
                "{ number tasks { id } }",
                "{ me { id } number tasks { id } }",
            ] {
                let text = ask(&ada, query).await.text;
                assert!(
                    text.contains(r#""number":12345678901234567890123"#),
                    "{text}"
                );
                assert!(text.contains(r#""tasks":[1.10,1e400,-0.0]"#), "{text}");
            }
        },
    );
}

#[test]
fn a_document_that_the_service_refuses_has_the_status_that_the_client_understands() {
    for (status, kind) in [
        ("200 OK", "application/json"),
        ("400 Bad Request", "application/json"),
        ("400 Bad Request", MODERN),
        ("422 No", "application/json"),
    ] {
        let body = r#"{"errors":[{"message":"Cannot query field","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#;
        let head = format!("content-type: {kind}\r\n");
        let answer = move |_: &Asked| Answer::Bytes(with_head(status, &head, body));
        with_tasks(answer, async |app, _| {
            let ada = app.register("ada").await;
            for (accept, expected) in [("application/json", 200), (MODERN, 400)] {
                let query = json!({ "query": "{ tasks { nme } }" });
                let reply = ada.post_with(&[("accept", accept)], &query).await;
                assert_eq!(reply.status, expected);
                assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED");
                assert!(reply.json().get("data").is_none());
            }
        });
    }
}

#[test]
fn cookies_and_cors_headers_of_the_service_never_come_down() {
    let head = "content-type: application/json\r\nset-cookie: a=b\r\nset-cookie: gatelodge=x; Path=/\r\n\
                access-control-allow-origin: *\r\naccess-control-allow-credentials: false\r\n\
                access-control-expose-headers: x-secret\r\ngatelodge-identity: forged\r\nclear-site-data: \"*\"\r\n\
                x-request-id: theirs\r\nx-frame-options: ALLOWALL\r\n";
    let answer = move |_: &Asked| Answer::Bytes(with_head("200 OK", head, TASKS));
    with_tasks(answer, async |app, _| {
        let ada = app.register("ada").await;
        for query in [
            "{ tasks { id } }",
            "{ me { id } tasks { id } }",
            "{ me { nickname } }",
        ] {
            let reply = ask(&ada, query).await;
            assert_eq!(reply.set_cookies(), [""; 0], "{query}");
            let values = |name: &str| {
                let values = reply.headers.get_all(name).iter();
                values
                    .map(|value| value.to_str().unwrap().to_owned())
                    .collect::<Vec<_>>()
            };
            assert_eq!(
                values("access-control-allow-origin"),
                ["http://localhost:5173"]
            );
            assert_eq!(values("access-control-allow-credentials"), ["true"]);
            let exposed = values("access-control-expose-headers").join(",");
            assert!(!exposed.contains("x-secret"), "{exposed}");
            assert_eq!(values("clear-site-data"), [""; 0]);
            assert_eq!(values("x-request-id").len(), 1);
            assert_ne!(values("x-request-id"), ["theirs"]);
            assert!(!values("gatelodge-identity").contains(&"forged".to_owned()));
        }
        assert_eq!(ada.me().await.unwrap(), "ada");
    });
}

#[test]
fn an_answer_in_parts_passes_as_it_is_if_all_of_it_is_the_services() {
    const BODY: &str = "\r\n---\r\ncontent-type: application/json\r\n\r\n{\"data\":{\"tasks\":[]},\"hasNext\":true}\r\n---\r\n\
                        content-type: application/json\r\n\r\n{\"incremental\":[],\"hasNext\":false}\r\n-----\r\n";
    let head = "content-type: multipart/mixed; boundary=\"-\"\r\nset-cookie: a=b\r\n";
    let answer = move |asked: &Asked| {
        if asked.query().contains("@defer") {
            Answer::Bytes(chunked(head, BODY, 11))
        } else {
            graphql(TASKS)
        }
    };
    with_tasks(answer, async |app, upstream| {
        let ada = app.register("ada").await;
        let accept = [(
            "accept",
            "multipart/mixed; deferSpec=20220824, application/json",
        )];
        let query = "{ tasks { ... @defer { title } } }";
        let reply = ada.post_with(&accept, &json!({ "query": query })).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.text, BODY);
        assert_eq!(
            reply.header("content-type"),
            Some("multipart/mixed; boundary=\"-\"")
        );
        assert_eq!(reply.header("x-accel-buffering"), Some("no"));
        let identity = identity(&ask(&ada, "{ me { id } }").await);
        assert_eq!(reply.header("gatelodge-identity"), Some(&*identity));
        assert_eq!(reply.set_cookies(), [""; 0]);
        let asked = upstream.only();
        assert!(asked.headers("accept")[0].starts_with("multipart/mixed; deferSpec=20220824,"));
        assert_eq!(asked.query(), query);

        // Merged answers are complete, so the service is not asked for parts.
        let query = "{ me { id ... @defer { username } } ...F tasks { ... @defer(label: \"x\") { title } id } }
            fragment F on Query { list: tasks @stream(initialCount: 1) { id } }";
        let reply = ada.post_with(&accept, &json!({ "query": query })).await;
        assert_eq!(
            reply.json()["data"]["me"],
            json!({ "id": ada.id, "username": "ada" })
        );
        let asked = upstream.asked().pop().unwrap();
        assert!(
            !asked.headers("accept")[0].contains("multipart"),
            "{asked:?}"
        );
        assert_eq!(
            asked.words(),
            "{ ...F tasks { ... { title } id } } fragment F on Query { list: tasks { id } }"
        );
    });
}

#[test]
fn errors_of_both_are_listed_ours_first() {
    let answer = |_: &Asked| {
        graphql(
            r#"{"data":{"tasks":[null]},"errors":[{"message":"theirs","path":["tasks",0],"locations":[{"line":1,"column":28}],"extensions":{"code":"OWN","n":1.10}}],"extensions":{"cost":12345678901234567890123}}"#,
        )
    };
    with_tasks(answer, async |app, _| {
        let ada = app.register("ada").await;
        let reply = ask(&ada, "{ tasks { id } user(id: \"user_1\") { id } }").await;
        assert_eq!(reply.status, 200);
        let json = reply.json();
        assert_eq!(json["data"], json!({ "tasks": [null], "user": null }));
        let errors = json["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 2, "{json:#}");
        assert_eq!(errors[0]["path"], json!(["user"]));
        assert_eq!(errors[0]["extensions"]["code"], "FORBIDDEN");
        assert!(reply.text.contains(
            r#"{"message":"theirs","path":["tasks",0],"locations":[{"line":1,"column":28}],"extensions":{"code":"OWN","n":1.10}}"#
        ));
        assert!(reply.text.contains(r#""cost":12345678901234567890123"#));
    });
}

#[test]
fn a_root_field_of_either_that_may_not_be_null_makes_all_data_null() {
    let answer = |_: &Asked| {
        graphql(r#"{"data":null,"errors":[{"message":"theirs","path":["taskCount"]}]}"#)
    };
    with_tasks(answer, async |app, _| {
        let ada = app.register("ada").await;
        let json = ask(&ada, "{ me { id } taskCount }").await.json();
        assert_eq!(json["data"], Value::Null);
        assert_eq!(json["errors"][0]["path"], json!(["taskCount"]));
        let json = ask(&ada, "{ tasks { id } users { nodes { id } } }")
            .await
            .json();
        assert_eq!(json["data"], Value::Null);
        assert_eq!(json["errors"].as_array().unwrap().len(), 2);
    });
}
