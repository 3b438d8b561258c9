//! What is known of an upstream's schema, and texts that are none.

use apollo_compiler::ast::OperationType;
use gatelodge::graphql::merged::{MAX_SDL_BYTES, UpstreamSchema};

use super::{FILE, clashes, merged, upstream};

#[test]
fn the_upstream_says_which_root_fields_may_be_null() {
    let upstream = upstream(
        "schema { query: query_root mutation: Changes }
        type query_root { a: Int b: Int! c: [Int!] } type Changes { d: Int! }",
    );
    assert_eq!(upstream.query_root(), "query_root");
    assert_eq!(upstream.mutation_root().unwrap(), "Changes");
    assert_eq!(upstream.subscription_root(), None);
    let query = |field| upstream.is_root_nullable(OperationType::Query, field);
    assert_eq!(query("a"), Some(true));
    assert_eq!(query("b"), Some(false));
    assert_eq!(query("c"), Some(true));
    assert_eq!(query("d"), None);
    assert_eq!(
        upstream.is_root_nullable(OperationType::Mutation, "d"),
        Some(false)
    );
    assert_eq!(
        upstream.is_root_nullable(OperationType::Subscription, "a"),
        None
    );
}

#[test]
fn the_upstream_says_which_fields_it_has() {
    let merged = merged(include_str!("schemas/tasks.graphql"));
    let upstream = merged.upstream();
    assert!(upstream.has_field("User", "tasks") && upstream.has_field("Node", "id"));
    assert!(!upstream.has_field("User", "username") && !upstream.has_field("Nothing", "id"));
    assert!(upstream.has_type("Task") && !upstream.has_type("Session"));
}

#[test]
fn what_is_no_schema_is_refused_with_its_place() {
    for (text, message) in [
        ("type Query {\n  a Int\n}", "tasks.graphql:2:5: "),
        (
            "type Query { a: Int }\ntype Query { b: Int }",
            "tasks.graphql:2:6: ",
        ),
        (
            "type Query { a: Int }\n{ me { id } }",
            "tasks.graphql:2:1: ",
        ),
        ("<html>", "tasks.graphql:1:1: "),
    ] {
        let error = UpstreamSchema::from_sdl(text, FILE)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(message), "{error}");
        assert!(
            error.ends_with(". Correct the upstream's schema"),
            "{error}"
        );
    }
}

#[test]
fn a_schema_is_bounded_in_length_and_nesting() {
    let long = format!("type Query {{ a: Int }}{}", " ".repeat(MAX_SDL_BYTES));
    let error = UpstreamSchema::from_sdl(&long, FILE)
        .unwrap_err()
        .to_string();
    assert!(error.contains("more than 4194304 bytes"), "{error}");
    for open in ["a: ", "a(b: Int = ", "a(b: Int = {c: "] {
        let deep = format!("type Query {{ {open}{}", "[".repeat(1_000_000));
        let error = UpstreamSchema::from_sdl(&deep, FILE)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(FILE), "{error}");
    }
}

#[test]
fn many_errors_cost_no_more_than_one() {
    let text = format!(
        "type Query {{ a: Int {} }}",
        "b: Missing c: Missing ".repeat(20_000)
    );
    let error = UpstreamSchema::from_sdl(&text, FILE)
        .unwrap_err()
        .to_string();
    assert!(error.len() < 300, "{error}");
    let fields: String = (0..20_000).map(|n| format!("f{n}: Missing ")).collect();
    let messages = clashes(&format!("type Query {{ {fields} }}"), "");
    assert_eq!(messages.len(), 1);
}
