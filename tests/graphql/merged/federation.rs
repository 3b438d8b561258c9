//! The upstream's `User` extends ours.

use super::{definition, merged};

fn user_fields(theirs: &str) -> Vec<String> {
    let merged = merged(theirs);
    merged
        .user_fields()
        .map(|field| field.name.to_string())
        .collect()
}

#[test]
fn a_user_with_the_key_id_extends_ours() {
    for theirs in [
        "type User @key(fields: \"id\") { id: ID! tasks: Int! }",
        "type User @key(fields: \"{ id }\") { id: ID tasks: Int! }",
        "type User @key(fields: \"email\") @key(fields: \"id\") { id: ID! tasks: Int! }",
        "extend type User @key(fields: \"id\") { id: ID! @external tasks: Int! }",
        "type User @federation__key(fields: \"id\") { id: ID! tasks: Int! }",
    ] {
        let theirs = format!("type Query {{ a: Int }} {theirs}");
        assert_eq!(user_fields(&theirs), ["tasks"], "{theirs}");
        let user = definition(&merged(&theirs), "User");
        assert!(
            user.contains("username: String!") && user.ends_with("tasks: Int! }"),
            "{user}"
        );
    }
}

#[test]
fn fields_of_user_that_both_have_are_ours() {
    let merged = merged(
        "type Query { a: Int } type User @key(fields: \"id\") {
        id: ID! username: String! roles: String }",
    );
    assert_eq!(merged.user_fields().count(), 0);
    assert!(definition(&merged, "User").contains("roles: [String!]!"));
    assert_eq!(
        merged.notes(),
        [
            "`User.roles` is Gatelodge's, of type `[String!]!`. The upstream's, of type `String`, is not shown"
        ]
    );
}

#[test]
fn fields_that_need_more_than_the_id_are_not_shown() {
    let merged = merged(
        "type Query { a: Int } type User @key(fields: \"id\") {
        id: ID! email: String @external greeting: String @requires(fields: \"email\") tasks: Int }",
    );
    let fields: Vec<_> = merged
        .user_fields()
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(fields, ["tasks"]);
    assert_eq!(merged.notes().len(), 2);
    assert!(!merged.sdl().contains("greeting"));
}

#[test]
fn a_mere_reference_to_users_adds_nothing() {
    let theirs = "type Query { task: Task } type Task { owner: User! }
        type User @key(fields: \"id\", resolvable: false) { id: ID! }";
    assert!(user_fields(theirs).is_empty());
    assert_eq!(
        definition(&merged(theirs), "Task"),
        "type Task { owner: User! }"
    );
}

#[test]
fn an_interface_of_the_upstreams_user_is_one_of_ours_too() {
    let merged = merged(
        "type Query { owner: Owner } interface Owner { id: ID! tasks: Int }
        type User implements Owner @key(fields: \"id\") { id: ID! tasks: Int }",
    );
    assert!(definition(&merged, "User").starts_with("type User implements Node & Owner {"));
}

#[test]
fn the_parts_of_federation_are_not_shown() {
    for theirs in [
        include_str!("schemas/federation2.graphql"),
        include_str!("schemas/strawberry.graphql"),
    ] {
        let sdl = merged(theirs).sdl();
        for part in [
            "_entities",
            "_service",
            "_Any",
            "_Entity",
            "_Service",
            "Fields",
            "fed__",
            "Key",
            "key",
            "shareable",
            "link",
        ] {
            assert!(!sdl.contains(part), "{part}");
        }
    }
}

#[test]
fn gateway_fields_are_not_shown_even_if_nothing_else_is_federated() {
    let sdl =
        merged("type Query { a: Int _entities: Int _service: Info } type Info { sdl: String }")
            .sdl();
    assert!(!sdl.contains("_entities") && !sdl.contains("_service"));
}

#[test]
fn types_and_directives_named_like_federations_stay_where_there_is_no_federation() {
    let sdl =
        merged("type Query { a: Int } directive @tag on FIELD scalar Policy type Scope { a: Int }")
            .sdl();
    for part in ["directive @tag", "scalar Policy", "type Scope"] {
        assert!(sdl.contains(part), "{part}");
    }
}
