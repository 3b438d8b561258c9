//! `node(id:)`: the prefix of an id decides who has the object.

use serde_json::json;

use super::{Asked, ask, graphql, use_schema, with_service, with_tasks};

/// Answers each `node` of a document.
fn node(asked: &Asked) -> super::Answer {
    let query = asked.query();
    let key = |key: &&str| {
        query.contains(&format!("{key}: node")) || *key == "node" && !query.contains(": node")
    };
    let keys = ["node", "a", "b"].into_iter().filter(key);
    let data: serde_json::Map<_, _> = keys
        .map(|key| (key.to_owned(), json!({ "id": "theirs" })))
        .collect();
    graphql(&json!({ "data": data }).to_string())
}

#[test]
fn the_prefix_of_an_id_decides_who_has_the_object() {
    with_tasks(node, async |app, upstream| {
        let ada = app.register("ada").await;
        let session = ada.sessions().await.remove(0);
        for (id, is_ours) in [
            (json!(ada.id), true),
            (json!(session), true),
            (json!("user_unknown"), true),
            (json!("task_1"), false),
            (json!("users_1"), false),
            (json!("USER_1"), false),
            (json!(""), false),
            (json!("7"), false),
            (json!("dGFzazox"), false),
        ] {
            let literal = id.to_string();
            let requests = [
                json!({ "query": format!("{{ node(id: {literal}) {{ id }} }}") }),
                json!({ "query": "query($id: ID!) { node(id: $id) { id } }", "variables": { "id": id } }),
                json!({ "query": format!("query($id: ID = {literal}) {{ node(id: $id) {{ id }} }}") }),
                json!({ "query": "query Q($id: ID!) { ...F } fragment F on Query { node(id: $id) { id } }",
                        "variables": { "id": id } }),
            ];
            for request in requests {
                let before = upstream.asked().len();
                let data = ada.post(request.to_string()).await.data();
                assert_eq!(
                    upstream.asked().len() - before,
                    usize::from(!is_ours),
                    "{request}"
                );
                assert_eq!(
                    data["node"]["id"] == "theirs",
                    !is_ours,
                    "{request}: {data}"
                );
            }
        }
    });
}

#[test]
fn a_variable_decides_again_in_each_request() {
    with_tasks(node, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = "query($a: ID!, $b: ID!) { a: node(id: $a) { id } b: node(id: $b) { id } }";
        // Twice, so that the document comes from the cache.
        for _ in 0..3 {
            for (a, b) in [
                (&*ada.id, "task_1"),
                ("task_1", &*ada.id),
                ("x", "y"),
                (&ada.id, &ada.id),
            ] {
                let data = ada.run(query, json!({ "a": a, "b": b })).await.data();
                let expected = |id: &str| {
                    if id == ada.id {
                        id.to_owned()
                    } else {
                        "theirs".to_owned()
                    }
                };
                assert_eq!(
                    data,
                    json!({ "a": { "id": expected(a) }, "b": { "id": expected(b) } })
                );
            }
        }
        assert_eq!(upstream.asked().len(), 9);
        assert!(
            upstream
                .queries()
                .contains(&"query( $b: ID!) { b: node(id: $b) { id } }".to_owned())
        );
    });
}

#[test]
fn an_id_without_a_value_is_an_error_of_ours() {
    with_tasks(node, async |app, upstream| {
        let ada = app.register("ada").await;
        for (query, variables) in [
            ("{ node { id } }", json!({})),
            ("{ node(id: null) { id } }", json!({})),
            ("{ node(id: true) { id } }", json!({})),
            ("query($id: ID!) { node(id: $id) { id } }", json!({})),
            (
                "query($id: ID!) { node(id: $id) { id } }",
                json!({ "id": null }),
            ),
            (
                "query($id: ID!) { node(id: $id) { id } }",
                json!({ "id": ["task_1"] }),
            ),
        ] {
            let reply = ada.run(query, variables).await;
            assert!(
                reply.has_errors() && reply.json().get("data").is_none(),
                "{query}: {}",
                reply.text
            );
        }
        assert_eq!(upstream.queries(), [""; 0]);
    });
}

#[test]
fn a_known_schema_without_node_changes_nothing() {
    with_service(
        |config| use_schema(config, "hasura.graphql"),
        node,
        async |app, upstream| {
            let ada = app.register("ada").await;
            for id in ["task_1", "event_1"] {
                let query = format!("{{ node(id: \"{id}\") {{ id }} }}");
                let data = ask(&ada, &query).await.data();
                assert_eq!(data["node"]["id"], "theirs", "{id}");
            }
            assert_eq!(upstream.queries().len(), 2);
        },
    );
}
