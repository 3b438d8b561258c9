//! What two schemas may not define differently, and what the operator reads then.

use apollo_compiler::Schema;
use gatelodge::graphql::merged::MergedSchema;

use super::{clashes, merged, merged_with_prefix, upstream};

#[test]
fn every_clash_names_the_place_both_definitions_and_what_to_do() {
    let prefix = "Set `type-prefix` in [graphql-upstream], for example \"Gate\", which shows Gatelodge's type as ";
    let rename_type = ". Or give the upstream's type another name";
    let rename_field = "Give the upstream's field another name";
    let cases = [
        (
            "type Query { a: Int }\ntype Session { token: String }",
            format!(
                "tasks.graphql:2:1: Gatelodge has an object type `Session`, and the upstream has a different \
                 definition, an object type. {prefix}`GateSession`{rename_type}"
            ),
        ),
        (
            "type Query { a: DateTime }\nenum DateTime { NOW }",
            format!(
                "tasks.graphql:2:1: Gatelodge has a scalar `DateTime`, and the upstream has a different definition, \
                 an enum. {prefix}`GateDateTime`{rename_type}"
            ),
        ),
        (
            "type Query { a: Int }\n\n  interface Node { id: Int! }",
            format!(
                "tasks.graphql:3:3: Gatelodge has an interface `Node`, and the upstream has a different definition, \
                 an interface. {prefix}`GateNode`{rename_type}"
            ),
        ),
        (
            "type Query {\n  user(id: ID!): String\n}",
            format!(
                "tasks.graphql:2:3: Gatelodge has the root field `Query.user: (id: ID, username: String): User`, and \
                 the upstream has `(id: ID!): String`. {rename_field}"
            ),
        ),
        (
            "schema { query: query_root }\ntype query_root { me: String }",
            format!(
                "tasks.graphql:2:19: Gatelodge has the root field `Query.me: User`, and the upstream has `String`. \
                 {rename_field}"
            ),
        ),
        (
            "type Query { a: Int }\ntype Mutation { logout: Boolean }",
            format!(
                "tasks.graphql:2:17: Gatelodge has the root field `Mutation.logout: LogoutPayload!`, and the upstream \
                 has `Boolean`. {rename_field}"
            ),
        ),
        (
            "type Query { node(id: ID!): Node! }\ninterface Node { id: ID! }",
            format!(
                "tasks.graphql:1:14: Gatelodge has the root field `Query.node: (id: ID!): Node`, and the upstream has \
                 `(id: ID!): Node!`. {rename_field}"
            ),
        ),
        (
            "schema { query: Root }\ntype Root { a: Query }\ntype Query { b: Int }",
            "tasks.graphql:3:1: Gatelodge's root type is named `Query`, and the upstream has an object type of this \
             name that is not the same root type. Give the upstream's type another name"
                .to_owned(),
        ),
    ];
    for (theirs, message) in cases {
        assert_eq!(clashes(theirs, ""), [message], "{theirs}");
    }
}

#[test]
fn a_user_that_cannot_be_joined_is_a_clash() {
    for (theirs, problem) in [
        ("type User { id: ID! }", "without `@key`"),
        (
            "type User @key(fields: \"email\") { id: ID! email: String }",
            "with the key `email` only",
        ),
        (
            "type User @key(fields: \"id tenant { id }\") { id: ID! tenant: User }",
            "with the key `id tenant { id }` only",
        ),
        (
            "type User @key(fields: \"id\") { id: Int! }",
            "with `id: Int!`",
        ),
        (
            "type User @key(fields: \"id\") { name: String }",
            "without the field `id`",
        ),
    ] {
        let messages = clashes(&format!("type Query {{ a: User }}\n{theirs}"), "");
        assert_eq!(messages.len(), 1, "{messages:?}");
        let expected = format!(
            "tasks.graphql:2:1: Gatelodge has an object type `User`, and the upstream has a `User` {problem}. \
             To extend Gatelodge's, declare `type User @key(fields: \"id\")`"
        );
        assert!(messages[0].starts_with(&expected), "{}", messages[0]);
    }
    let scalar = clashes("type Query { a: User } scalar User", "");
    assert!(
        scalar[0].contains(
            "an object type `User`, and the upstream has a different definition, a scalar"
        )
    );
}

#[test]
fn all_clashes_are_reported_at_once() {
    let theirs =
        "type Query { me: Int session: Int } type Session { a: Int } type User { id: ID! }";
    assert_eq!(clashes(theirs, "").len(), 4);
}

#[test]
fn a_prefix_renames_the_types_of_ours_that_clash_and_no_others() {
    let theirs = "type Query { a: Session } type Session { token: String }";
    let merged = merged_with_prefix(theirs, "Gate");
    for (own, shown) in [
        ("Session", "GateSession"),
        ("User", "User"),
        ("DateTime", "DateTime"),
    ] {
        assert_eq!(merged.shown_name(own), shown);
        assert_eq!(merged.own_name(shown), Some(own));
    }
    assert_eq!(merged.own_name("Session"), None);
    let sdl = merged.sdl();
    for line in [
        "type Session {\n\ttoken: String\n}",
        "type GateSession implements Node {",
        "\tsession: GateSession\n",
        "\ta: Session\n",
        "\tnode: GateSession!\n",
        "type SessionConnection {",
    ] {
        assert!(sdl.contains(line), "{line}");
    }
}

#[test]
fn a_type_that_refers_to_a_renamed_one_is_another_type() {
    // The edge is spelled as ours is, but its session is the upstream's.
    let theirs = "type Query { a: SessionEdge } type Session { token: String }
        type SessionEdge { node: Session! cursor: String! }";
    let merged = merged_with_prefix(theirs, "Gate");
    assert_eq!(merged.shown_name("SessionEdge"), "GateSessionEdge");
    assert_eq!(merged.shown_name("SessionConnection"), "SessionConnection");
    assert!(merged.sdl().contains("\tedges: [GateSessionEdge!]!\n"));
}

#[test]
fn a_prefix_keeps_two_users_apart() {
    let theirs = "type Query { people: [User!] } type User { name: String }";
    let merged = merged_with_prefix(theirs, "Gate");
    assert_eq!(merged.shown_name("User"), "GateUser");
    assert!(merged.sdl().contains("\tme: GateUser\n"));
    assert_eq!(merged.user_fields().count(), 0);
}

#[test]
fn a_prefix_does_not_help_root_fields() {
    let messages = clashes("type Query { me: Session } type Session { a: Int }", "Gate");
    assert_eq!(messages.len(), 1);
    assert!(
        messages[0].contains("root field `Query.me: User`"),
        "{messages:?}"
    );
}

#[test]
fn a_prefixed_name_must_be_free() {
    for (prefix, theirs, problem) in [
        (
            "Gate",
            "type GateSession { a: Int }",
            "`GateSession`, which the upstream also has",
        ),
        ("__", "scalar B", "`__Session`, which GraphQL reserves"),
        ("a b", "scalar B", "`a bSession`, which is not a name"),
    ] {
        let theirs = format!("type Query {{ a: Session }} type Session {{ b: Int }} {theirs}");
        let messages = clashes(&theirs, prefix);
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(
            messages[0].starts_with("type-prefix: Gatelodge's type `Session` would be shown as ")
        );
        assert!(messages[0].contains(problem), "{messages:?}");
    }
}

#[test]
fn one_difference_is_enough() {
    for theirs in [
        "input RegisterInput { username: String! password: String! confirmPassword: String! rememberMe: Boolean! = false }",
        "input RevokeSessionInput { id: ID }",
        "input RevokeSessionInput @oneOf { id: ID! }",
        "enum RevokeSessionErrorCode { NOT_FOUND }",
        "type SessionEdge { node: Session! cursor: String! position: Int }",
        "type SessionEdge { node(of: ID): Session! cursor: String! }",
        "interface UserError implements Named { message: String! field: [String!] } interface Named { message: String! }",
    ] {
        let messages = clashes(&format!("type Query {{ a: Int }} {theirs}"), "");
        assert_eq!(messages.len(), 1, "{theirs}: {messages:?}");
    }
}

#[test]
fn two_directives_of_one_name_must_be_the_same() {
    let text = "type Query { a: Int } directive @live(every: Int) on QUERY | FIELD";
    let ours = Schema::parse_and_validate(text, "ours.graphql").unwrap();
    let merge = |directive: &str| {
        let theirs = upstream(&format!("type Query {{ b: Int }} {directive}"));
        let clashes = MergedSchema::merge(&ours, theirs, "")
            .err()
            .unwrap_or_default();
        clashes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(merge("directive @live(\"Seconds.\" every: Int) on FIELD | QUERY").is_empty());
    let message = "tasks.graphql:1:23: Gatelodge and the upstream define the directive `@live` differently. Give the \
                   upstream's directive another name";
    assert_eq!(merge("directive @live(every: Int) on QUERY"), [message]);
    assert_eq!(
        merge("directive @live(every: Int) repeatable on FIELD | QUERY"),
        [message]
    );
}

#[test]
fn directives_of_the_upstream_are_added() {
    let theirs = "type Query { a: Int } directive @live(every: Int = 5) on QUERY";
    assert!(
        merged(theirs)
            .sdl()
            .contains("directive @live(every: Int = 5) on QUERY")
    );
    // Servers differ in the places of the directives that all have.
    let old = "type Query { a: Int @deprecated } directive @deprecated(reason: String) on FIELD_DEFINITION";
    assert!(merged(old).sdl().contains("\ta: Int @deprecated\n"));
}

#[test]
fn a_schema_that_is_not_valid_is_refused_with_its_place() {
    for (theirs, message) in [
        (
            "type Query {\n  a: Missing\n}",
            "tasks.graphql:2:6: Unknown type \"Missing\".. Correct",
        ),
        ("type Query { a: Int }\ntype Empty", "tasks.graphql:2:1: "),
        (
            "type Query { a: Int }\ninput __A { a: Int }",
            "tasks.graphql:2:7: ",
        ),
    ] {
        let messages = clashes(theirs, "");
        assert_eq!(messages.len(), 1);
        assert!(messages[0].starts_with(message), "{messages:?}");
    }
}
