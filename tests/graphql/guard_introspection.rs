//! The guard: limits of introspection, and where it is off.

use gatelodge::config::Config;
use serde_json::json;

use crate::{
    graphql::guard::{assert_refused, is_served, run},
    harness::{test, test_with},
};

/// Introspection query as GraphiQL, graphql-js and Python's gql send it.
const INTROSPECTION: &str = include_str!("introspection.graphql");

#[test]
fn the_standard_introspection_query_is_accepted_where_introspection_is_on() {
    test(async |app| {
        let data = run(&app.browser(), INTROSPECTION).await.data();
        assert_eq!(data["__schema"]["queryType"]["name"], "Query");
        assert!(data["__schema"]["types"].as_array().unwrap().len() > 20);
    });
}

#[test]
fn introspection_whose_lists_multiply_is_refused() {
    test(async |app| {
        let nested = |levels: usize| {
            format!(
                "{{__schema{{types{}name{}}}}}",
                "{fields{type".repeat(levels),
                "}}".repeat(levels)
            )
            .replacen("typename", "type{name}", 1)
        };
        for levels in [3, 4, 5] {
            assert_refused(&app.browser(), &nested(levels), "OPERATION_TOO_COMPLEX").await;
        }
        let fragments = "{__schema{...A}} fragment A on __Schema{types{...B}} \
                         fragment B on __Type{fields{type{...C}}} fragment C on __Type{fields{name}}";
        assert_refused(&app.browser(), fragments, "OPERATION_TOO_COMPLEX").await;
        // Two nested lists are accepted, and introspection's names mean nothing elsewhere.
        let two = "{__type(name:\"User\"){fields{type{fields{name}}}}}";
        assert!(is_served(&app.browser(), two).await);
        let elsewhere = "{types{fields{interfaces{possibleTypes}}}}";
        assert_refused(&app.browser(), elsewhere, "GRAPHQL_VALIDATION_FAILED").await;
    });
}

#[test]
fn an_introspection_query_has_at_most_three_hundred_fields() {
    test(async |app| {
        let query =
            |count: usize| format!("{{__schema{{types{{{}}}}}}}", "name ".repeat(count - 1));
        assert!(is_served(&app.browser(), &query(300)).await);
        assert_refused(&app.browser(), &query(301), "OPERATION_TOO_COMPLEX").await;
    });
}

#[test]
fn where_introspection_is_off_the_schema_is_not_revealed() {
    let change = |config: &mut Config| config.feature.introspection = Some(false);
    test_with(change, async |app| {
        let browser = app.browser();
        let mut answers = vec![];
        for query in [
            INTROSPECTION,
            "{__schema\n{types{name}}}",
            "{__schema,{types{name}}}",
            "{__schema #\n{types{name}}}",
            "{a:__schema{types{name}}}",
            "{...F} fragment F on Query{__schema{types{name}}}",
            "{__type(name:\"User\"){name}}",
            "{me{__typename} ...on Query{__type(name:\"User\"){name}}}",
            "{__typename} fragment F on Query{__schema{types{name}}}",
        ] {
            let reply = run(&browser, query).await;
            assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED");
            let json = reply.json();
            answers.push(json["errors"][0]["message"].as_str().unwrap().to_owned());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        for query in [
            "{mee}",
            "{me{usernam}}",
            "{node(idd:\"x\"){id}}",
            "{node{id}}",
            "{me{id ...on Usr{id}}}",
            "query($a:Usr){me{id}}",
            "mutation{logout(x:1){loggedOut}}",
            "{me}",
            "{node(id:\"x\"){username}}",
        ] {
            let reply = run(&browser, query).await;
            assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED", "{query}");
            for name in [
                "id",
                "User",
                "Query",
                "username",
                "String",
                "Node",
                "Did you mean",
            ] {
                assert!(
                    !reply.json()["errors"][0]["message"]
                        .as_str()
                        .unwrap()
                        .contains(name),
                    "{}",
                    reply.text
                );
            }
        }
        let lacking = browser
            .run(
                "mutation($i:RegisterInput!){register(input:$i){user{id}}}",
                json!({ "i": {} }),
            )
            .await;
        assert_eq!(lacking.code(), "BAD_USER_INPUT");
        assert!(
            !lacking.text.contains("confirmPassword") && !lacking.text.contains("RegisterInput"),
            "{}",
            lacking.text
        );
        assert!(
            !run(&browser, "{ __typename me { __typename } }")
                .await
                .has_errors()
        );
    });
}
