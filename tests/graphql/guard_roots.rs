//! The guard: one credential field per operation, even if it is hidden.

use crate::{
    graphql::guard::{assert_refused, run},
    harness::{PASSWORD, test},
};

#[test]
fn an_operation_has_one_credential_field_however_it_is_hidden() {
    test(async |app| {
        app.register("ada").await;
        let browser = app.browser();
        let login = |alias: &str| {
            format!(
                "{alias}login(input:{{username:\"ada\",password:\"{PASSWORD}\"}}){{user{{id}}}}"
            )
        };
        let one = login("");
        for body in [
            format!("{} {}", login("a:"), login("b:")),
            format!("{one} logout {{ loggedOut }}"),
            format!("logout {{ loggedOut }} {one}"),
            format!("{one} ...F}} fragment F on Mutation {{ {}", login("b:")),
            format!("{one} ... on Mutation {{ {} }}", login("b:")),
            format!("{one} ... {{ {} }}", login("b:")),
            format!("{one} ... @include(if: false) {{ {} }}", login("b:")),
            format!("{one} logout @skip(if: true) {{ loggedOut }}"),
            format!(
                "...F ...G }} fragment F on Mutation {{ {} }} fragment G on Mutation {{ {}",
                login("a:"),
                login("b:")
            ),
        ] {
            assert_refused(
                &browser,
                &format!("mutation {{ {body} }}"),
                "GRAPHQL_VALIDATION_FAILED",
            )
            .await;
        }
        // The same response key twice runs twice.
        let twice = format!(
            "mutation {{ {one} login(input:{{username:\"ada\",password:\"{PASSWORD}\"}}){{session{{id}}}} }}"
        );
        assert_refused(&browser, &twice, "GRAPHQL_VALIDATION_FAILED").await;
        assert_refused(
            &browser,
            "mutation { __typename __typename }",
            "GRAPHQL_VALIDATION_FAILED",
        )
        .await;
        assert_refused(
            &browser,
            "mutation { ...F ...F } fragment F on Mutation { __typename }",
            "GRAPHQL_VALIDATION_FAILED",
        )
        .await;

        let many: String = (0..1000).map(|n| login(&format!("a{n}:"))).collect();
        assert_eq!(
            run(&browser, &format!("mutation {{ {many} }}"))
                .await
                .status,
            413
        );
        let many: String = (0..40).map(|n| login(&format!("a{n}:"))).collect();
        assert_refused(
            &browser,
            &format!("mutation {{ {many} }}"),
            "OPERATION_TOO_COMPLEX",
        )
        .await;
        assert_eq!(browser.token(), None);
        assert_eq!(app.database.db_count("sessions").await, 1);
    });
}

#[test]
fn every_root_field_of_mutation_is_known_to_the_guard() {
    // A new mutation that sets the cookie or checks a password must be on the list; any other one belongs here.
    let harmless = ["revokeOtherSessions", "enableUser", "setUserRoles"];
    let sdl = gatelodge::graphql::sdl();
    let start = sdl.find("type Mutation {").unwrap();
    let end = start + sdl[start..].find("\n}").unwrap();
    let fields: Vec<_> = sdl[start..end]
        .lines()
        .filter_map(|line| line.strip_prefix('\t'))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .map(|line| line.split(['(', ':']).next().unwrap())
        .collect();
    assert!(fields.contains(&"login"), "{fields:?}");
    for field in fields {
        assert!(
            gatelodge::graphql::CREDENTIAL_FIELDS.contains(&field) || harmless.contains(&field),
            "{field}"
        );
    }
}
