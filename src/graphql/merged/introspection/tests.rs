//! Introspection gives what graphql-js 16 gives. `tests/differential/introspection.mjs` writes its answers.

use apollo_compiler::{ExecutableDocument, Schema, validation::Valid};
use serde_json::{Map, Value, json};

use super::{IntrospectionTooLarge, introspect};
use crate::graphql::{
    execute::{select::select, variables::coerce},
    published::complete_introspection,
};

const EVERYTHING: &str =
    include_str!("../../../../tests/graphql/merged/schemas/everything.graphql");
const ANSWERS: &str = include_str!("../../../../tests/graphql/merged/everything.json");

fn schema(text: &str) -> Valid<Schema> {
    let one_of = "directive @oneOf on INPUT_OBJECT";
    let mut schema = Schema::parse(format!("{text}\n{one_of}"), "schema.graphql").unwrap();
    complete_introspection(&mut schema);
    schema.validate().unwrap()
}

fn answer(schema: &Valid<Schema>, query: &str) -> Value {
    let answer = try_answer(schema, query).unwrap();
    answer.into_json().unwrap()
}

fn try_answer(
    schema: &Valid<Schema>,
    query: &str,
) -> Result<async_graphql::Value, IntrospectionTooLarge> {
    let document = ExecutableDocument::parse_and_validate(schema, query, "query").unwrap();
    let operation = document.operations.get(None).unwrap();
    let variables = coerce(schema, operation, &Map::new()).ok().unwrap();
    let fields = select(schema, &document, operation, &variables, None)
        .ok()
        .unwrap();
    introspect(schema, &fields)
}

/// Sorts lists of named things, whose order has no meaning.
fn sorted(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sorted);
            items.sort_by_key(|item| item["name"].as_str().map(str::to_owned));
        }
        Value::Object(object) => object.values_mut().for_each(sorted),
        _ => {}
    }
}

fn names(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap();
    items
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect()
}

#[test]
fn introspection_equals_that_of_graphql_js() {
    let mut reference: Value = serde_json::from_str(ANSWERS).unwrap();
    let schema = schema(EVERYTHING);
    let mut ours = answer(&schema, reference["query"].as_str().unwrap())["__schema"].take();
    let is_built_in = |name: &str| {
        name.starts_with("__") || ["Boolean", "Float", "ID", "Int", "String"].contains(&name)
    };
    let types = ours["types"].as_array_mut().unwrap();
    types.retain(|ty| !is_built_in(ty["name"].as_str().unwrap()));
    let directives = ours["directives"].as_array_mut().unwrap();
    let specified = ["include", "skip", "deprecated", "specifiedBy", "oneOf"];
    directives.retain(|directive| !specified.contains(&directive["name"].as_str().unwrap()));
    let mut theirs = reference["schema"].take();
    sorted(&mut ours);
    sorted(&mut theirs);
    for key in [
        "description",
        "queryType",
        "mutationType",
        "subscriptionType",
        "directives",
    ] {
        assert_eq!(ours[key], theirs[key], "{key}");
    }
    assert_eq!(names(&ours["types"]), names(&theirs["types"]));
    let pairs = ours["types"]
        .as_array()
        .unwrap()
        .iter()
        .zip(theirs["types"].as_array().unwrap());
    for (ours, theirs) in pairs {
        assert_eq!(ours, theirs, "{}", ours["name"]);
    }
}

#[test]
fn deprecated_things_are_shown_on_request_only() {
    let schema = schema(EVERYTHING);
    let query = r#"{
        kind: __type(name: "Kind") { enumValues { name } all: enumValues(includeDeprecated: true) { name } }
        root: __type(name: "Root") { fields { name args { name } } }
        filter: __type(name: "Filter") { inputFields { name } }
    }"#;
    let answer = answer(&schema, query);
    assert_eq!(names(&answer["kind"]["enumValues"]), ["ROUND"]);
    assert_eq!(names(&answer["kind"]["all"]), ["ROUND", "SQUARE"]);
    assert_eq!(names(&answer["root"]["fields"]), ["things", "search"]);
    assert_eq!(
        names(&answer["root"]["fields"][0]["args"]),
        ["first", "filter", "ratio"]
    );
    assert_eq!(
        names(&answer["filter"]["inputFields"]),
        ["words", "kind", "nested"]
    );
}

#[test]
fn introspection_describes_itself() {
    let schema = schema(EVERYTHING);
    let query = r#"{
        none: __type(name: "Nothing") { name }
        meta: __type(name: "__Type") { __typename kind fields { name } }
        other: __typename
    }"#;
    let answer = answer(&schema, query);
    assert_eq!(answer["none"], json!(null));
    assert_eq!(answer["meta"]["__typename"], "__Type");
    let fields = names(&answer["meta"]["fields"]);
    assert!(
        fields.contains(&"isOneOf") && fields.contains(&"specifiedByURL"),
        "{fields:?}"
    );
    assert_eq!(answer.get("other"), None);
}

#[test]
fn a_large_answer_is_refused_before_it_is_built() {
    // 200 fields, each with 200 arguments of a type with 200 fields: 8 million names.
    let repeat = |item: &dyn Fn(u8) -> String| (0..200).map(item).collect::<Vec<_>>().join(" ");
    let arguments = repeat(&|n| format!("a{n}: In"));
    let roots = repeat(&|n| format!("r{n}({arguments}): Int"));
    let inputs = repeat(&|n| format!("i{n}: Int"));
    let text = format!("type Query {{ {roots} }} input In {{ {inputs} }}");
    let schema = schema(&text);
    let query =
        r#"{ __type(name: "Query") { fields { args { type { inputFields { name } } } } } }"#;
    assert_eq!(try_answer(&schema, query), Err(IntrospectionTooLarge));
    assert!(
        try_answer(
            &schema,
            r#"{ __type(name: "Query") { fields { args { name } } } }"#
        )
        .is_ok()
    );
}
