//! Documents with several definitions: no service sees the whole document, so the gate checks what none of them could.

use serde_json::json;

use super::{ask, assert_refused, graphql, tasks, use_schema, with_service, with_tasks};

#[test]
fn a_name_that_is_defined_twice_is_refused() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for query in [
            "query Q { tasks { id } } query Q { other }",
            "query Q { tasks { id } } mutation Q { addTask }",
            "{ tasks { id } } query Q { tasks { id } }",
            "{ tasks { id } } { tasks { id } }",
            "query Q { ...F } fragment F on Query { tasks { id } } fragment F on Query { other }",
            "query Q($a: Int, $a: String) { tasks(a: $a) { id } }",
            "query Q { tasks { id } } query R($a: Int, $a: Int) { tasks(a: $a) { id } }",
            "query Q { me { id } } query Q { tasks { id } }",
        ] {
            let body = json!({ "query": query, "operationName": "Q" });
            assert_refused(&ada.post(body.to_string()).await, upstream);
            assert_refused(&ask(&ada, query).await, upstream);
        }
    });
}

#[test]
fn a_fragment_at_the_root_of_a_mutation_is_spread_once() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for query in [
            "mutation { ...F ...F } fragment F on Mutation { addTask { id } }",
            "mutation { ...F ... { ...F } } fragment F on Mutation { addTask { id } }",
        ] {
            assert_refused(&ask(&ada, query).await, upstream);
        }
        let once = "mutation { ...F } fragment F on Mutation { addTask { id } }";
        ask(&ada, once).await.data();
    });
}

#[test]
fn a_variable_that_only_another_operation_uses_reaches_the_service_which_refuses_it() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = "query Q($a: Int) { tasks { id } } query R($a: Int) { tasks(a: $a) { id } }";
        let body = json!({ "query": query, "operationName": "Q", "variables": { "a": 1 } });
        ada.post(body.to_string()).await;
        assert_eq!(upstream.only().words(), "query Q($a: Int) { tasks { id } }");
    });
}

#[test]
fn a_fragment_on_a_root_type_gets_the_services_name_at_every_depth() {
    with_service(
        |config| use_schema(config, "hasura.graphql"),
        |_| graphql(r#"{"data":{"addTask":{"query":{"tasks":[]}}}}"#),
        async |app, upstream| {
            let ada = app.register("ada").await;
            let query = "mutation { addTask { query { ... on Query { tasks { id } } ...F } } } \
                         fragment F on Query { tasks { id } }";
            ask(&ada, query).await.data();
            let words = upstream.only().words();
            assert_eq!(words.matches("on query_root").count(), 2, "{words}");
            assert!(!words.contains("on Query"), "{words}");
        },
    );
}
