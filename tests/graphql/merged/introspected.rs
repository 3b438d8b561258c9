//! The answer of an upstream's introspection is read like its SDL.

use gatelodge::graphql::merged::{
    INTROSPECTION_QUERY, MergedSchema, SERVICE_QUERY, UpstreamSchema, has_service,
};
use serde_json::{Value, json};

use super::{merged, ours};

const EVERYTHING: &str = include_str!("everything.json");

fn everything() -> Value {
    let mut answers: Value = serde_json::from_str(EVERYTHING).unwrap();
    json!({ "__schema": answers["schema"].take() })
}

/// Returns an answer with one type, `Query`, whose fields are these.
fn answer(fields: Value) -> Value {
    let query = json!({ "kind": "OBJECT", "name": "Query", "interfaces": [], "fields": fields });
    json!({ "__schema": { "queryType": { "name": "Query" }, "types": [query], "directives": [] } })
}

fn error(data: &Value) -> String {
    UpstreamSchema::from_introspection(data)
        .unwrap_err()
        .to_string()
}

#[test]
fn introspection_gives_the_same_schema_as_sdl() {
    let upstream = UpstreamSchema::from_introspection(&everything()).unwrap();
    let introspected = MergedSchema::merge(&ours(), upstream, "").unwrap();
    let read = merged(include_str!("schemas/everything.graphql"));
    assert_eq!(introspected.sdl(), read.sdl());
}

#[test]
fn the_introspection_query_fits_the_published_schema() {
    for query in [INTROSPECTION_QUERY, SERVICE_QUERY] {
        let schema = ours();
        apollo_compiler::ExecutableDocument::parse_and_validate(&schema, query, "query").unwrap();
    }
    for newer in ["isOneOf", "args(", "inputFields("] {
        assert!(
            !INTROSPECTION_QUERY.contains(newer),
            "{newer} is not in October 2021"
        );
    }
}

#[test]
fn a_subgraph_has_the_root_field_service() {
    let roots =
        |name: &str| json!({ "__schema": { "queryType": { "fields": [{ "name": name }] } } });
    assert!(has_service(&roots("_service")));
    assert!(!has_service(&roots("service")));
    assert!(!has_service(&json!(null)));
}

#[test]
fn a_user_found_by_introspection_has_no_key() {
    let mut data = answer(json!([]));
    let user = json!({ "kind": "OBJECT", "name": "User", "interfaces": [], "fields": [] });
    data["__schema"]["types"].as_array_mut().unwrap().push(user);
    let upstream = UpstreamSchema::from_introspection(&data).unwrap();
    let clashes = MergedSchema::merge(&ours(), upstream, "").unwrap_err();
    assert!(
        clashes[0]
            .to_string()
            .contains("has a `User` without `@key`"),
        "{clashes:?}"
    );
}

#[test]
fn what_is_no_introspection_is_refused() {
    let named = |ty: Value| answer(json!([{ "name": "a", "args": [], "type": ty }]));
    let mut deep = json!({ "kind": "SCALAR", "name": "Int" });
    for _ in 0..50 {
        deep = json!({ "kind": "LIST", "ofType": deep });
    }
    for (data, problem) in [
        (json!(null), "the list `types` is missing"),
        (json!({ "__schema": [] }), "the list `types` is missing"),
        (answer(json!(null)), "`Query`: the list `fields` is missing"),
        (
            answer(json!([{ "name": "a b" }])),
            "`Query`: a name is not a GraphQL name",
        ),
        (
            named(json!({ "kind": "SCALAR", "name": "Int) { }" })),
            "a name is not a GraphQL name",
        ),
        (named(json!({ "kind": "LIST" })), "a name is missing"),
        (named(deep), "a type is nested too deeply"),
    ] {
        let error = error(&data);
        assert!(
            error.starts_with("the upstream's introspection: "),
            "{error}"
        );
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn a_default_value_is_one_value_and_nothing_else() {
    let field = |default: &str| {
        let int = json!({ "kind": "SCALAR", "name": "Int" });
        let argument = json!({ "name": "b", "type": int, "defaultValue": default });
        answer(json!([{ "name": "a", "args": [argument], "type": int }]))
    };
    assert!(UpstreamSchema::from_introspection(&field("5")).is_ok());
    for default in [
        "",
        "<function>",
        "1): Int } type Other { c(d: Int = 2",
        "1 @deprecated",
        "$a",
    ] {
        let error = error(&field(default));
        assert!(
            error.contains("`a`: `b`: the default value is not GraphQL"),
            "{error}"
        );
    }
}
