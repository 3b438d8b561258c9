//! Errors of documents: what their messages say, and what they never repeat.

use crate::{
    graphql::guard::run,
    harness::{Browser, test},
};

async fn message(browser: &Browser, query: &str) -> String {
    let reply = run(browser, query).await;
    assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED", "{query}");
    reply.json()["errors"][0]["message"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_validation_error_says_what_is_wrong_and_repeats_no_value() {
    test(async |app| {
        let browser = app.browser();
        for (query, expected) in [
            ("{ mee }", "Cannot query field \"mee\" on type \"Query\"."),
            (
                "{ node { id } }",
                "Field \"node\" argument \"id\" of type \"ID!\" is required, but it was not provided.",
            ),
            (
                "mutation { login(input: { username: [\"hunter2\"], password: \"b\" }) { user { id } } }",
                "A value does not fit its type.",
            ),
            (
                "{ users(first: 99999999999) { nodes { id } } }",
                "A value does not fit its type.",
            ),
            (
                "{ a: me { id } a: session { id } }",
                "Fields \"a\" conflict because \"me\" and \"session\" are different fields. Use different \
                 aliases on the fields to fetch both if this was intentional.",
            ),
            ("{ ...Missing }", "A fragment that is spread is not defined"),
            (
                "{ __typename } type T { a: Int }",
                "A request may not define types",
            ),
            (
                "mutation { __typename __typename }",
                "A mutation may not repeat a key at its root",
            ),
        ] {
            assert_eq!(message(&browser, query).await, expected, "{query}");
        }
    });
}

#[test]
fn a_message_is_cut_after_256_bytes() {
    test(async |app| {
        let browser = app.browser();
        let rest = "Cannot query field \"\" on type \"Query\".".len();
        let whole = "x".repeat(256 - rest);
        assert_eq!(
            message(&browser, &format!("{{ {whole} }}")).await,
            format!("Cannot query field \"{whole}\" on type \"Query\".")
        );
        assert_eq!(
            message(&browser, &format!("{{ {whole}x }}")).await,
            format!("Cannot query field \"{whole}x\" on type \"Query\"…")
        );
    });
}
