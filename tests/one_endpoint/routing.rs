//! Who runs an operation: its root fields decide.

use serde_json::json;

use super::{
    TASKS, ask, assert_refused, codes_at, service::graphql, tasks, use_schema, with_service,
    with_tasks,
};
use crate::harness::PASSWORD;

#[test]
fn an_operation_with_our_fields_alone_never_reaches_the_service() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        assert_eq!(ada.me().await.unwrap(), "ada");
        for query in [
            "{ __typename }",
            "{ __schema { queryType { name } } }",
            "{ authSettings { registrationOpen } }",
            "query A { me { id } } query B { session { id } }",
        ] {
            let body =
                json!({ "query": query, "operationName": query.contains('B').then_some("B") });
            let reply = ada.post(body.to_string()).await;
            assert!(!reply.has_errors(), "{}", reply.text);
        }
        assert!(ada.logout().await);
        assert_eq!(upstream.queries(), [""; 0]);
    });
}

#[test]
fn an_operation_with_none_of_our_fields_is_forwarded_with_the_users_token() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let reply = ask(&ada, "{ tasks { id } }").await;
        assert_eq!(reply.data(), json!({ "tasks": [{ "id": "task_1" }] }));
        let asked = upstream.only();
        assert_eq!(asked.line(), "POST /graphql HTTP/1.1");
        assert_eq!(asked.headers("content-type"), ["application/json"]);
        assert_eq!(asked.headers("cookie"), [""; 0]);
        let tokens = asked.headers("authorization");
        assert!(
            tokens.len() == 1 && tokens[0].starts_with("Bearer ey"),
            "{tokens:?}"
        );
    });
}

#[test]
fn a_query_with_fields_of_both_is_one_answer_in_the_order_of_its_keys() {
    let answer = |_: &super::Asked| graphql(r#"{"data":{"b":[],"d":{"id":"task_1"}}}"#);
    with_tasks(answer, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = r#"{ a: me { username } b: tasks { id } c: session { __typename } d: task(id: "task_1") { id }
            e: __typename f: __type(name: "Task") { name } }"#;
        let reply = ask(&ada, query).await;
        let (data, _) = reply.text.split_once(r#","extensions""#).unwrap();
        assert_eq!(
            data,
            r#"{"data":{"a":{"username":"ada"},"b":[],"c":{"__typename":"Session"},"d":{"id":"task_1"},"e":"Query","f":{"name":"Task"}}"#
        );
        assert_eq!(
            upstream.queries(),
            [r#"{ b: tasks { id } d: task(id: "task_1") { id } }"#]
        );
    });
}

#[test]
fn a_key_of_the_service_never_replaces_one_of_ours() {
    let answer = |_: &super::Asked| {
        graphql(r#"{"data":{"me":{"username":"eve"},"tasks":[],"session":null,"more":1}}"#)
    };
    with_tasks(answer, async |app, _| {
        let ada = app.register("ada").await;
        let reply = ask(&ada, "{ me { username } tasks { id } }").await;
        assert_eq!(
            reply.data(),
            json!({ "me": { "username": "ada" }, "tasks": [] })
        );
    });
}

#[test]
fn a_mutation_with_fields_of_both_is_refused_by_their_names_and_nothing_runs() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for query in [
            r#"mutation { logout { loggedOut } addTask(title: "x") { task { id } } }"#,
            r#"mutation { ...F addTask(title: "x") { task { id } } } fragment F on Mutation { logout { loggedOut } }"#,
            r#"mutation { addTask(title: "x") { task { id } } ... @skip(if: true) { logout { loggedOut } } }"#,
        ] {
            let reply = ask(&ada, query).await;
            assert_refused(&reply, upstream);
            let message = reply.json()["errors"][0]["message"].to_string();
            assert!(
                message.contains("logout") && message.contains("addTask"),
                "{message}"
            );
        }
        assert_eq!(ada.me().await.unwrap(), "ada");
    });
}

#[test]
fn a_mutation_with_a_password_never_reaches_the_service() {
    with_tasks(tasks, async |app, upstream| {
        app.register("ada").await;
        let browser = app.browser();
        let login = format!(
            r#"login(input: {{ username: "ada", password: "{PASSWORD}" }}) {{ user {{ id }} }}"#
        );
        for query in [
            format!(r#"mutation {{ addTask(title: "x") {{ task {{ id }} }} {login} }}"#),
            format!("mutation {{ {login} ...F }} fragment F on Mutation {{ removeTask(id: 1) }}"),
            // A mistake must not give the service a password either.
            format!("query {{ {login} }}"),
            format!("query {{ tasks {{ id }} a: {login} }}"),
            format!("query {{ me {{ id }} ...F }} fragment F on Query {{ {login} }}"),
        ] {
            let reply = ask(&browser, &query).await;
            assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED", "{query}");
        }
        assert!(browser.token().is_none());
        assert_eq!(upstream.queries(), [""; 0]);
    });
}

#[test]
fn a_mutation_of_the_service_may_not_repeat_a_key_at_its_root() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for query in [
            "mutation { removeTask(id: 1) removeTask(id: 1) }",
            "mutation { a: removeTask(id: 1) ... { a: removeTask(id: 1) } }",
            "mutation { a: removeTask(id: 1) ...F } fragment F on Mutation { a: removeTask(id: 1) }",
        ] {
            assert_refused(&ask(&ada, query).await, upstream);
        }
        let both = "mutation { a: removeTask(id: 1) b: removeTask(id: 2) }";
        ask(&ada, both).await;
        assert_eq!(upstream.queries(), [both]);
    });
}

#[test]
fn a_key_that_fields_of_both_have_is_refused() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for query in [
            "{ a: me { id } a: tasks { id } }",
            "{ me: tasks { id } me { id } }",
            "{ a: me { id } ... @include(if: false) { a: tasks { id } } }",
        ] {
            assert_refused(&ask(&ada, query).await, upstream);
        }
    });
}

#[test]
fn the_chosen_operation_alone_decides() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = "query Ours { me { username } } query Theirs { tasks { id } } \
                     query Both { me { username } tasks { id } } mutation Gone { removeTask(id: 1) }";
        for (name, data, forwarded) in [
            ("Ours", json!({ "me": { "username": "ada" } }), None),
            (
                "Theirs",
                json!({ "tasks": [{ "id": "task_1" }] }),
                Some("query Theirs { tasks { id } }"),
            ),
            (
                "Both",
                json!({ "me": { "username": "ada" }, "tasks": [{ "id": "task_1" }] }),
                Some("query Both { tasks { id } }"),
            ),
        ] {
            let before = upstream.queries().len();
            let body = json!({ "query": query, "operationName": name });
            assert_eq!(ada.post(body.to_string()).await.data(), data);
            let queries = upstream.queries();
            assert_eq!(queries.get(before).map(String::as_str), forwarded);
            if forwarded.is_some() {
                assert_eq!(
                    upstream.asked().pop().unwrap().json()["operationName"],
                    name
                );
            }
        }
        let before = upstream.queries().len();
        for name in [json!(null), json!(""), json!("Other")] {
            let body = json!({ "query": query, "operationName": name });
            assert_eq!(
                ada.post(body.to_string()).await.code(),
                "GRAPHQL_VALIDATION_FAILED"
            );
        }
        assert_eq!(upstream.queries().len(), before);
    });
}

#[test]
fn a_subscription_is_refused() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for query in [
            "subscription { taskAdded { id } }",
            "subscription S { taskAdded { id } }",
        ] {
            assert_refused(&ask(&ada, query).await, upstream);
        }
        let query = "subscription S { taskAdded { id } } query Q { tasks { id } }";
        let body = json!({ "query": query, "operationName": "S" });
        assert_refused(&ada.post(body.to_string()).await, upstream);
    });
}

#[test]
fn a_mutation_by_get_is_refused_and_a_query_by_get_is_forwarded_by_post() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let get = async |query: &str| {
            let parameters = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("query", query)
                .append_pair("variables", r#"{"n":1.10}"#)
                .finish();
            ada.get(&format!("/graphql?{parameters}")).await
        };
        let reply = get("mutation { removeTask(id: 1) }").await;
        assert_eq!(reply.status, 405);
        assert_eq!(reply.header("allow"), Some("POST"));
        assert_eq!(upstream.queries(), [""; 0]);

        let query = "query ($n: Float) { echo(decimal: $n) }";
        get(query).await.data();
        let asked = upstream.only();
        assert_eq!(asked.line(), "POST /graphql HTTP/1.1");
        assert_eq!(asked.query(), query);
        assert_eq!(asked.raw_variable("n"), "1.10");
    });
}

#[test]
fn a_fragment_at_the_root_for_another_type_is_refused() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for query in [
            "{ ... on Task { tasks { id } } }",
            "{ ...F } fragment F on Mutation { removeTask(id: 1) }",
            "mutation { ... on Query { tasks { id } } }",
            "{ tasks { id } ...F } fragment F on User { id }",
        ] {
            assert_refused(&ask(&ada, query).await, upstream);
        }
    });
}

#[test]
fn a_fragment_that_is_missing_or_spreads_itself_is_refused() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for query in [
            "{ ...F }",
            "{ tasks { ...F } }",
            "{ ...F } fragment F on Query { tasks { id } ...F }",
            "{ ...F } fragment F on Query { tasks { ...G } } fragment G on Task { parent { ...G } }",
            "{ tasks { id } ...F } fragment F on Query { me { id } } fragment F on Query { tasks { id } }",
        ] {
            assert_refused(&ask(&ada, query).await, upstream);
        }
    });
}

#[test]
fn fields_of_the_service_are_routed_without_its_schema() {
    with_service(
        |_| {},
        |asked| {
            if asked.is_for_schema() {
                super::Answer::Silence
            } else {
                graphql(TASKS)
            }
        },
        async |app, upstream| {
            let ada = app.register("ada").await;
            let reply = ask(&ada, "{ me { username } tasks { id } }").await;
            assert_eq!(
                reply.data(),
                json!({ "me": { "username": "ada" }, "tasks": [{ "id": "task_1" }] })
            );
            assert_eq!(upstream.queries(), ["{ tasks { id } }"]);
        },
    );
}

#[test]
fn the_root_types_of_the_service_may_have_other_names() {
    with_service(
        |config| use_schema(config, "hasura.graphql"),
        |_| graphql(r#"{"data":{"tasks":[],"number":1}}"#),
        async |app, upstream| {
            let ada = app.register("ada").await;
            let query = "{ ...F ... on Query { number } } fragment F on Query { ...G me { username } } \
                         fragment G on Query { tasks { id } __typename }";
            let data = ask(&ada, query).await.data();
            assert_eq!(
                data,
                json!({ "tasks": [], "__typename": "Query", "me": { "username": "ada" }, "number": 1 })
            );
            assert_eq!(
                upstream.queries(),
                [
                    "{ ...F ... on query_root { number } } fragment F on query_root { ...G } \
                  fragment G on query_root { tasks { id } }"
                ]
            );
            ask(
                &ada,
                r#"mutation { ... on Mutation { addTask(title: "x") { id } } }"#,
            )
            .await;
            assert_eq!(
                upstream.queries()[1],
                r#"mutation { ... on mutation_root { addTask(title: "x") { id } } }"#
            );
            assert_eq!(
                codes_at(&ask(&ada, "{ ... on query_root { tasks { id } } }").await).len(),
                1
            );
        },
    );
}
