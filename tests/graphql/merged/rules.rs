//! Definitions that become one.

use super::{definition, merged};

#[test]
fn equal_definitions_merge_whatever_their_order_and_descriptions_are() {
    for theirs in [
        "scalar DateTime @specifiedBy(url: \"https://scalars.example.com/date-time\")",
        "\"Anything with an id.\" interface Node { \"An id.\" id: ID! }",
        "type PageInfo { endCursor: String startCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! }",
        "enum RevokeSessionErrorCode { REAUTHENTICATION_REQUIRED NOT_FOUND @deprecated }",
        "input RegisterInput { rememberMe: Boolean! = true username: String! password: String! confirmPassword: String! }",
        "interface UserError { field: [String!] message: String! @deprecated }",
    ] {
        merged(&format!("type Query {{ a: Int }} {theirs}"));
    }
}

#[test]
fn ours_is_what_clients_see_of_an_equal_definition() {
    let merged = merged(
        "type Query { a: Int } \"Their page.\" type PageInfo {
        endCursor: String startCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! }",
    );
    assert!(!merged.sdl().contains("Their page."));
    assert!(definition(&merged, "PageInfo").starts_with("type PageInfo { hasPreviousPage"));
}

#[test]
fn node_and_nodes_are_shared() {
    let merged = merged(
        "type Query { node(id: ID!): Node nodes(ids: [ID!]!): [Node]! }
        interface Node { id: ID! } type Task implements Node { id: ID! }",
    );
    let query = definition(&merged, "Query");
    assert_eq!(query.matches("): Node ").count(), 1, "{query}");
    assert!(query.contains("nodes(ids: [ID!]!): [Node]!"), "{query}");
}

#[test]
fn root_types_with_other_names_become_query_and_mutation() {
    let merged = merged("schema { query: query_root mutation: mutation_root subscription: subscription_root }
        type query_root { tasks: Int! } type mutation_root { add: Int } type subscription_root { added: Int }");
    assert!(definition(&merged, "Query").ends_with("tasks: Int! }"));
    assert!(definition(&merged, "Mutation").ends_with("add: Int }"));
    assert_eq!(definition(&merged, "query_root"), "");
    let end =
        "schema {\n\tquery: Query\n\tmutation: Mutation\n\tsubscription: subscription_root\n}\n";
    assert!(merged.sdl().ends_with(end));
}

#[test]
fn a_root_type_that_a_payload_returns_is_kept() {
    let merged =
        merged("schema { query: query_root } type query_root { tasks: Int! again: query_root }");
    assert_eq!(
        definition(&merged, "query_root"),
        "type query_root { tasks: Int! again: query_root }"
    );
    assert!(definition(&merged, "Query").ends_with("tasks: Int! again: query_root }"));
}

#[test]
fn an_upstream_without_mutations_or_queries_adds_none() {
    let merged = merged("extend type User @key(fields: \"id\") { id: ID! @external points: Int! }");
    assert!(definition(&merged, "User").ends_with("points: Int! }"));
    assert_eq!(merged.upstream().query_root(), "Query");
    assert_eq!(merged.upstream().mutation_root(), None);
}

#[test]
fn one_of_needs_no_definition_of_its_directive() {
    let merged = merged("type Query { a(by: By!): Int } input By @oneOf { id: ID name: String }");
    assert!(merged.sdl().contains("input By @oneOf {"));
    assert!(merged.sdl().contains("directive @oneOf on INPUT_OBJECT"));
}

#[test]
fn custom_directives_that_introspection_does_not_show_need_no_definition() {
    let merged = merged(
        "type Query @cacheControl(maxAge: 5) { a(b: Int @range(max: 3)): Int @auth(role: \"x\") }",
    );
    assert!(merged.sdl().contains("\ta(b: Int): Int\n"));
}
