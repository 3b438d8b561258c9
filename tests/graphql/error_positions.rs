//! Errors of documents: the line and the column that they name.

use serde_json::json;

use crate::{graphql::guard::run, harness::test};

#[test]
fn a_syntax_error_names_its_line_and_column_by_every_kind_of_line_end() {
    test(async |app| {
        let browser = app.browser();
        for (query, line, column) in [
            ("?", 1, 1),
            ("{ me { id } ?", 1, 13),
            ("{\n  ?", 2, 3),
            ("{\r  ?", 2, 3),
            ("{\r\n  ?", 2, 3),
            ("{\n\n\r\r\n?", 5, 1),
            ("\n{ me\n{ id }\n  }\r }", 5, 2),
            // A column counts characters, and a line its first one.
            ("# ä\n{ node(id: \"äöü\") { id } ?", 2, 26),
            ("{ me { id }", 1, 12),
            ("{ me {\nid }\n", 3, 1),
            ("# only a comment\n", 2, 1),
        ] {
            let reply = run(&browser, query).await;
            assert_eq!(reply.code(), "GRAPHQL_PARSE_FAILED", "{query}");
            let error = &reply.json()["errors"][0];
            assert_eq!(
                error["locations"],
                json!([{ "line": line, "column": column }]),
                "{query}"
            );
            assert_eq!(
                error["message"],
                format!("Syntax error in line {line}, column {column}"),
                "{query}"
            );
        }
    });
}

#[test]
fn an_error_names_the_line_and_column_of_the_part_that_is_wrong() {
    test(async |app| {
        let browser = app.browser();
        for (query, line, column) in [
            ("{\n  me {\n    nothing\n  }\n}", 3, 5),
            ("{\r  me {\r    nothing\r  }\r}", 3, 5),
            ("{\r\n  me {\r\n    nothing\r\n  }\r\n}", 3, 5),
            ("{ node(id: \"äöü\") { nothing } }", 1, 21),
            // Each check names its own part.
            ("{\n  ...Missing\n}", 2, 3),
            (
                "{\n  __typename\n}\nfragment F on Query { __typename }\nfragment F on Query { __typename }",
                5,
                1,
            ),
            ("mutation {\n  __typename\n  __typename\n}", 3, 3),
            (
                "mutation {\n  logout { loggedOut }\n  a: logout { loggedOut }\n}",
                3,
                3,
            ),
            ("query($x: ID = null) {\n  node(id: $x) { id }\n}", 2, 12),
            (
                "mutation {\n  login(input: {\n    username: \"a\", password: \"b\",\n    password: \"c\"\n  }) { user { id } }\n}",
                4,
                15,
            ),
        ] {
            let reply = run(&browser, query).await;
            assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED", "{query}");
            assert_eq!(
                reply.json()["errors"][0]["locations"],
                json!([{ "line": line, "column": column }]),
                "{query}"
            );
        }
    });
}
