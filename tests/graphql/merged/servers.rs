//! Schemas as well-known servers have them.

use super::{definition, merged};

#[test]
fn a_yoga_service_with_a_user() {
    let merged = merged(include_str!("schemas/tasks.graphql"));
    assert!(definition(&merged, "User").ends_with("tasks(first: Int = 20): [Task!]! }"));
    assert!(definition(&merged, "Query").ends_with("tasks: [Task!]! task(id: ID!): Task }"));
    assert!(
        definition(&merged, "Mutation")
            .ends_with("addTask(input: AddTaskInput!): Task! deleteTask(id: ID!): ID }")
    );
    assert!(merged.sdl().contains("directive @defer("));
    assert!(merged.sdl().ends_with("\tsubscription: Subscription\n}\n"));
    assert!(merged.notes().is_empty());
}

#[test]
fn hasura() {
    let merged = merged(include_str!("schemas/hasura.graphql"));
    assert!(definition(&merged, "Query").ends_with("task_by_pk(id: Int!): task }"));
    assert_eq!(definition(&merged, "mutation_root"), "");
    assert!(!definition(&merged, "subscription_root").is_empty());
    assert!(merged.sdl().contains("directive @cached("));
}

#[test]
fn postgraphile_with_relay_names() {
    let merged = merged(include_str!("schemas/relay.graphql"));
    let query = definition(&merged, "Query");
    assert!(
        query.contains("query: Query! nodes(ids: [ID!]!): [Node]!"),
        "{query}"
    );
    assert!(definition(&merged, "CreateTaskPayload").ends_with("query: Query }"));
}

#[test]
fn an_apollo_subgraph_that_renames_the_names_of_federation() {
    let merged = merged(include_str!("schemas/federation2.graphql"));
    let fields: Vec<_> = merged
        .user_fields()
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(fields, ["tenant", "reviews"]);
    assert!(
        merged
            .sdl()
            .contains("directive @constraint(max: Int) on ARGUMENT_DEFINITION")
    );
    assert!(
        merged
            .sdl()
            .contains("body: String @deprecated(reason: \"Use `text`.\")")
    );
}

#[test]
fn a_strawberry_subgraph() {
    let merged = merged(include_str!("schemas/strawberry.graphql"));
    assert!(definition(&merged, "User").ends_with("books: [Book!]! }"));
    assert!(definition(&merged, "Query").ends_with("topBooks: [Book!]! }"));
}

#[test]
fn the_merged_schema_is_valid_and_prints_itself() {
    for theirs in [
        include_str!("schemas/tasks.graphql"),
        include_str!("schemas/hasura.graphql"),
        include_str!("schemas/relay.graphql"),
        include_str!("schemas/federation2.graphql"),
        include_str!("schemas/strawberry.graphql"),
        include_str!("schemas/everything.graphql"),
    ] {
        let sdl = merged(theirs).sdl();
        apollo_compiler::Schema::parse_and_validate(&sdl, "merged.graphql").unwrap();
        assert!(sdl.contains("\tme: User\n") && sdl.contains("\tlogin("));
    }
}

#[test]
fn an_upstream_that_adds_nothing_changes_nothing() {
    let ours = super::ours();
    let merged = merged("type Query");
    for (name, ty) in &ours.types {
        assert_eq!(merged.schema().types.get(name), Some(ty), "{name}");
    }
}
