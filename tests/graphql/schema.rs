//! The published schema.

use gatelodge::graphql::sdl;

#[test]
fn schema_graphql_is_what_the_program_prints() {
    let committed = include_str!("../../schema.graphql");
    assert!(
        committed == sdl(),
        "schema.graphql is not what the program prints. If the change is meant, renew it:\n\n    \
         cargo run -- schema > schema.graphql\n"
    );
}

#[test]
fn everything_in_the_schema_has_a_description() {
    let sdl = sdl();
    let mut described = false;
    for line in sdl.lines() {
        let text = line.trim();
        let is_definition = text.split(' ').next().is_some_and(|word| {
            matches!(
                word,
                "type" | "input" | "enum" | "interface" | "scalar" | "union" | "directive"
            )
        }) || (line.starts_with('\t') && !text.starts_with(['"', ')', '}']));
        if is_definition && !text.starts_with("query:") && !text.starts_with("mutation:") {
            assert!(described, "no description: {text}");
        }
        described = text.ends_with('"');
    }
}

#[test]
fn the_schema_keeps_its_contract() {
    let sdl = sdl();
    for line in [
        "me: User\n",
        "session: Session\n",
        "): Node\n",
        "authSettings: AuthSettings!\n",
        "): RegisterPayload!\n",
        "): LoginPayload!\n",
        "logout: LogoutPayload!\n",
        "loggedOut: Boolean!\n",
        "retryAfter: Int\n",
        "type RegisterUserError implements UserError {",
        "type LoginUserError implements UserError {",
        "type User implements Node {",
        "type Session implements Node {",
        "createdAt: DateTime!\n",
        "expiresAt: DateTime!\n",
        "userErrors: [LoginUserError!]!\n",
        "code: RegisterErrorCode!\n",
        "field: [String!]\n",
    ] {
        assert!(sdl.contains(line), "{line}");
    }
}
