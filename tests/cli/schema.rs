//! `gatelodge schema`: the published schema, and the one that clients see.

use super::config::run;
use crate::harness::CommandOutput;

const SETTINGS: &str =
    "[graphql-upstream]\nurl = \"http://127.0.0.1:9/graphql\"\nschema = \"tasks.graphql\"";
const TASKS: &str = "type Query { tasks: [Task!]! } type Task { title: String! owner: User! }
    type User @key(fields: \"id\") { id: ID! tasks: [Task!]! }";

fn merged(settings: &str, tasks: &str) -> CommandOutput {
    let files = [("gatelodge.toml", settings), ("tasks.graphql", tasks)];
    let arguments = ["schema", "--merged", "--config", "gatelodge.toml"];
    run(&files, &[], &arguments)
}

#[test]
fn the_merged_schema_has_the_fields_of_both() {
    let output = merged(SETTINGS, TASKS);
    assert_eq!(output.status, 0, "{}", output.error);
    for line in [
        "\tme: User\n",
        "\ttasks: [Task!]!\n",
        "\tlogin(",
        "type Task {\n",
    ] {
        assert!(output.out.contains(line), "{line}");
    }
}

#[test]
fn every_clash_is_printed_and_the_status_is_2() {
    let output = merged(SETTINGS, "type Query { me: Int }\ntype Session { a: Int }");
    assert_eq!(output.status, 2);
    assert_eq!(output.out, "");
    assert_eq!(output.error.lines().count(), 2, "{}", output.error);
    let clash = "tasks.graphql:2:1: Gatelodge has an object type `Session`";
    assert!(output.error.contains(clash), "{}", output.error);
}

#[test]
fn a_prefix_in_the_settings_renames_what_clashes() {
    let settings = format!("{SETTINGS}\ntype-prefix = \"Gate\"");
    let output = merged(
        &settings,
        "type Query { a: Session }\ntype Session { a: Int }",
    );
    assert_eq!(output.status, 0, "{}", output.error);
    assert!(output.out.contains("type GateSession implements Node {"));
}

#[test]
fn a_note_is_a_warning() {
    let user = "type User @key(fields: \"id\") { id: ID! roles: Int }";
    let output = merged(SETTINGS, &format!("type Query {{ a: Int }} {user}"));
    assert_eq!(output.status, 0, "{}", output.error);
    assert!(
        output.error.contains("`User.roles` is Gatelodge's"),
        "{}",
        output.error
    );
}

#[test]
fn without_an_upstream_or_its_file_there_is_nothing_to_merge() {
    let output = run(&[], &[], &["schema", "--merged"]);
    assert_eq!(output.status, 2);
    assert!(
        output.error.contains("GATELODGE_UPSTREAM"),
        "{}",
        output.error
    );
    let missing = SETTINGS.replace("tasks.graphql", "other.graphql");
    let output = merged(&missing, TASKS);
    assert_eq!(output.status, 2);
    let problem = "other.graphql: the schema cannot be read";
    assert!(output.error.contains(problem), "{}", output.error);
}

#[test]
fn the_published_schema_needs_no_settings() {
    let wrong = [
        ("GATELODGE_LISTEN", "nowhere"),
        ("GATELODGE_CONFIG", "missing.toml"),
    ];
    let output = run(&[], &wrong, &["schema"]);
    assert_eq!(output.status, 0, "{}", output.error);
    assert_eq!(output.out, gatelodge::graphql::sdl());
}
