//! What no client may ask the service: federation's fields, and its introspection.

use serde_json::json;

use super::{SCHEMA, ask, assert_refused, graphql, tasks, use_schema, with_service, with_tasks};

#[test]
fn the_fields_of_federation_are_refused_at_the_root() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let entities =
            r#"_entities(representations: [{ __typename: "User", id: "user_1" }]) { __typename }"#;
        for query in [
            format!("{{ {entities} }}"),
            format!("{{ a: {entities} }}"),
            format!("{{ me {{ id }} {entities} }}"),
            format!("{{ tasks {{ id }} {entities} }}"),
            format!("{{ ...F }} fragment F on Query {{ {entities} }}"),
            format!("{{ tasks {{ id }} ... @skip(if: true) {{ {entities} }} }}"),
            "{ _service { sdl } }".to_owned(),
            "{ me { id } x: _service { sdl } }".to_owned(),
        ] {
            assert_refused(&ask(&ada, &query).await, upstream);
        }
    });
}

#[test]
fn the_fields_of_federation_and_introspection_are_refused_below_the_root() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let mut queries = vec![];
        for field in [
            "_service { sdl }",
            "_entities(representations: []) { __typename }",
            "__schema { queryType { name } }",
            "x: __type(name: \"Task\") { name }",
        ] {
            queries.push(format!("{{ tasks {{ query {{ {field} }} }} }}"));
            queries.push(format!(
                "{{ me {{ id }} tasks {{ query {{ ... {{ {field} }} }} }} }}"
            ));
            queries.push(format!(
                "{{ tasks {{ query {{ ...F }} }} }} fragment F on Query {{ {field} }}"
            ));
            queries.push(format!(
                "mutation {{ addTask(title: \"x\") {{ query {{ {field} }} }} }}"
            ));
            queries.push(format!("{{ me {{ tasks {{ query {{ {field} }} }} }} }}"));
            queries.push(format!(
                "{{ me {{ tasks {{ ...T }} }} }} fragment T on Task {{ query {{ {field} }} }}"
            ));
        }
        for query in queries {
            let reply = ask(&ada, &query).await;
            assert_eq!(
                reply.code(),
                "GRAPHQL_VALIDATION_FAILED",
                "{query}: {}",
                reply.text
            );
            assert_eq!(upstream.queries(), [""; 0], "{query}");
        }
    });
}

#[test]
fn without_introspection_neither_schema_is_shown() {
    let off = |config: &mut gatelodge::config::Config| {
        use_schema(config, SCHEMA);
        config.feature.introspection = Some(false);
    };
    with_service(off, tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for query in [
            "{ __schema { queryType { name } } }",
            "{ tasks { id } __schema { queryType { name } } }",
            "{ me { id } tasks { id } __type(name: \"Task\") { name } }",
            "{ tasks { query { __schema { queryType { name } } } } }",
            "{ me { tasks { query { __type(name: \"Task\") { name } } } } }",
        ] {
            assert_refused(&ask(&ada, query).await, upstream);
        }
        // An error does not show names of the schemas either.
        let text = ask(&ada, "{ me { taks { id } } tasks { id } }").await.text;
        assert!(
            text.contains("GRAPHQL_VALIDATION_FAILED") && !text.contains("tasks"),
            "{text}"
        );
        assert_eq!(upstream.queries(), [""; 0]);
        let data = ask(&ada, "{ __typename tasks { __typename } }")
            .await
            .data();
        assert_eq!(data["tasks"], json!([{ "id": "task_1" }]));
    });
}

#[test]
fn our_fields_below_a_field_of_the_service_are_the_services() {
    let answer = |_: &super::Asked| graphql(r#"{"data":{"tasks":[{"query":{"me":null}}]}}"#);
    with_tasks(answer, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = "{ tasks { query { tasks { id } } } }";
        ask(&ada, query).await;
        assert_eq!(upstream.queries(), [query]);
    });
}
