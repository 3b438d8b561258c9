//! Documents that the parser would read differently from the specification.

use serde_json::json;

use crate::{
    graphql::guard::{assert_refused, is_served},
    harness::{Browser, test},
};

const SYNTAX: &str = "GRAPHQL_PARSE_FAILED";

/// Whether a document's operation `A` runs.
async fn runs(browser: &Browser, query: &str) -> bool {
    let body = json!({ "query": query, "operationName": "A" });
    browser.post(body.to_string()).await.json()["data"].is_object()
}

#[test]
fn an_argument_or_input_field_without_a_value_is_a_syntax_error() {
    test(async |app| {
        let browser = app.browser();
        for query in [
            "{ users(first) { nodes { id } } }",
            "{ users(first: 1, after) { nodes { id } } }",
            "{ __typename @include(if: true, if) }",
            // Without the empty field, these are valid.
            "mutation { login(input: { username: \"a\", password: \"b\", rememberMe }) { user { id } } }",
            "mutation { login(input: { rememberMe, username: \"a\", password: \"b\" }) { user { id } } }",
            "query($x: LoginInput = { rememberMe }) { __typename }",
            "query($x: LoginInput = { username: \"a\", password: \"b\", rememberMe }) { __typename }",
            // Objects in lists, and after lists and objects.
            "{ node(id: [{ a }]) { id } }",
            "{ node(id: [1, { a }]) { id } }",
            "{ node(id: [[{ a: 1 }, { a }]]) { id } }",
            "{ node(id: { a: { b: 1 }, c }) { id } }",
            "{ node(id: { a: [b], c }) { id } }",
        ] {
            assert_refused(&browser, query, SYNTAX).await;
        }
        // Names that are values, types and variables need none, and neither do selections.
        for query in [
            "query A($x: ID! = 1) { node(id: $x) { __typename id } }",
            "query A($x: Boolean = true) { __typename @include(if: $x) @skip(if: false) }",
            "query A { a: __typename ... { b: __typename c: __typename } }",
        ] {
            assert!(runs(&browser, query).await, "{query}");
        }
        for query in [
            "{ node(id: { a: [b, c, { d: e }], f: null, g: $h }) { id } }",
            "query($unused: [[ID!]!]) { __typename }",
        ] {
            assert_refused(&browser, query, "GRAPHQL_VALIDATION_FAILED").await;
        }
    });
}

#[test]
fn a_string_describes_a_definition_or_a_variable_and_is_an_error_elsewhere() {
    test(async |app| {
        let browser = app.browser();
        for query in [
            "{ \"x\" query }",
            "{ session { id } \"x\" query }",
            "{ session { id } \"x\" fragment { id } }",
            "{ users(\"x\" first: 1) { nodes { id } } }",
            "{ node(id: 1, \"x\") { id } }",
            "query(\"x\") { __typename }",
            "query($x: Int \"x\") { __typename }",
            "query($x: [\"x\" $y]) { __typename }",
            "mutation { login(input: { \"x\" username: \"a\", password: \"b\" }) { user { id } } }",
            "{ __typename } \"x\"",
            "{ __typename } \"x\" \"y\" query B { __typename }",
            "query \"x\" { __typename }",
            "query @skip(if: true) \"x\" query { __typename }",
        ] {
            assert_refused(&browser, query, SYNTAX).await;
        }
        for query in [
            "\"x\" query A { __typename }",
            "{ ...F } \"\"\"x\"\"\" fragment F on Query { __typename }",
            "query A(\"x\" $x: ID = 1) { node(id: $x) { id } }",
            // A default is no description of the next variable.
            "query A($x: ID! = \"x\" $y: ID! = \"\"\"y\"\"\" \"z\" $z: ID! = 1) \
             { x: node(id: $x) { id } y: node(id: $y) { id } z: node(id: $z) { id } }",
            "query A($x: ID! = 1 \"x\" $y: ID! = 1) { x: node(id: $x) { id } y: node(id: $y) { id } }",
        ] {
            let ran = if query.contains("query A") {
                runs(&browser, query).await
            } else {
                is_served(&browser, query).await
            };
            assert!(ran, "{query}");
        }
    });
}
