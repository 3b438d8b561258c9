//! The checks of the scanner graphql-cop with the settings of a public deployment. Only queries by GET are reported.

use gatelodge::config::Config;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Reply, TestApp, test_with};

/// Returns the defaults with an https address: features for developers are off.
fn public(config: &mut Config) {
    config.browser.public_url = "https://auth.example.com".parse().unwrap();
}

/// Returns the scanner as a client: a program that sends no Origin.
async fn scan(app: &TestApp, body: Value) -> Reply {
    app.browser().on_page(None).post(body.to_string()).await
}

async fn scan_query(app: &TestApp, query: &str) -> Reply {
    scan(app, json!({ "query": query })).await
}

/// Asserts that a request is refused as a whole: one error with a code, and no data.
fn assert_refused(reply: &Reply, code: &str) {
    assert_eq!(reply.code(), code, "{reply:?}");
    let json = reply.json();
    assert!(json.get("data").is_none(), "{json:#}");
    assert_eq!(json["errors"].as_array().unwrap().len(), 1, "{json:#}");
}

#[test]
fn aliases_cannot_be_overloaded() {
    test_with(public, async |app| {
        let aliases: String = (0..=100).map(|n| format!("alias{n}:__typename ")).collect();
        let reply = scan_query(app, &format!("query cop {{ {aliases} }}")).await;
        assert_refused(&reply, "OPERATION_TOO_COMPLEX");
    });
}

#[test]
fn operations_cannot_be_batched() {
    test_with(public, async |app| {
        let one = json!({ "query": "query cop { __typename }", "operationName": "cop" });
        let reply = scan(app, json!(vec![one; 10])).await;
        assert_eq!(reply.status, 400);
        assert_refused(&reply, "BAD_REQUEST");
    });
}

#[test]
fn directives_cannot_be_overloaded() {
    test_with(public, async |app| {
        // The scanner counts one error for each directive.
        let query = format!("query cop {{ __typename {} }}", "@aa".repeat(10));
        let json = scan_query(app, &query).await.json();
        assert_eq!(json["errors"].as_array().map(Vec::len), Some(1), "{json:#}");
        let reply = scan_query(app, &format!("{{ __typename {} }}", "@aa".repeat(500))).await;
        assert_refused(&reply, "OPERATION_TOO_COMPLEX");
    });
}

#[test]
fn fields_cannot_be_repeated_without_limit() {
    test_with(public, async |app| {
        let query = format!("query cop {{ {} }}", "__typename \n".repeat(500));
        assert_refused(&scan_query(app, &query).await, "OPERATION_TOO_COMPLEX");
    });
}

#[test]
fn circular_introspection_is_refused_and_so_is_any_introspection() {
    test_with(public, async |app| {
        for query in [
            "query cop { __schema { types { fields { type { fields { type { fields { type { name } } } } } } } }".to_owned() + "}",
            "query cop { __schema { types { name fields { name } } } }".to_owned(),
            "query cop { __type(name: \"User\") { name } }".to_owned(),
        ] {
            let reply = scan_query(app, &query).await;
            assert_refused(&reply, "GRAPHQL_VALIDATION_FAILED");
            assert!(!reply.text.contains("User"), "{reply:?}");
        }
    });
}

#[test]
fn circular_fragments_are_refused() {
    test_with(public, async |app| {
        let query = "query cop { ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
        assert_refused(&scan_query(app, query).await, "GRAPHQL_VALIDATION_FAILED");
    });
}

#[test]
fn no_field_is_suggested() {
    test_with(public, async |app| {
        for query in [
            "query cop { __schema { directive } }",
            "query cop { mee { id } }",
            "{ authSetting { id } }",
        ] {
            let reply = scan_query(app, query).await;
            assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED");
            assert!(
                !reply.text.to_lowercase().contains("did you mean"),
                "{reply:?}"
            );
            assert!(!reply.text.contains("authSettings"), "{reply:?}");
        }
    });
}

#[test]
fn no_answer_contains_a_trace() {
    test_with(public, async |app| {
        for query in ["query cop { __typename }", "query cop { nothing }"] {
            let reply = scan_query(app, query).await;
            assert!(!reply.text.contains("tracing"), "{reply:?}");
        }
    });
}

#[test]
fn no_path_that_the_scanner_tries_serves_a_console() {
    test_with(public, async |app| {
        for path in [
            "/",
            "/graphql",
            "/graphiql",
            "/playground",
            "/console",
            "/altair",
            "/graphql/console",
            "/graphql/assets/index.js",
        ] {
            let request = app
                .browser()
                .on_page(None)
                .request(Method::GET, path)
                .header("accept", "text/html");
            let reply = app.browser().send(request).await;
            assert!(reply.status.is_client_error(), "{path}: {reply:?}");
            let text = reply.text.to_lowercase();
            for word in ["graphiql", "playground", "<html", "<script"] {
                assert!(!text.contains(word), "{path}: {reply:?}");
            }
        }
    });
}

#[test]
fn queries_run_by_get_by_design_and_mutations_do_not() {
    test_with(public, async |app| {
        let program = app.browser().on_page(None);
        let query = program.get("/graphql?query=query%20cop{__typename}").await;
        // A page on another site gains nothing by it: tests/http/origin.rs.
        assert_eq!(query.data(), json!({ "__typename": "Query" }));
        let mutation = program
            .get("/graphql?query=mutation%20cop{__typename}")
            .await;
        assert_eq!(mutation.status, 405);
        assert_refused(&mutation, "METHOD_NOT_ALLOWED");
    });
}

#[test]
fn a_form_of_another_page_is_refused() {
    test_with(public, async |app| {
        for body in [
            "query=query+cop+%7B__typename%7D",
            "query=mutation+cop+%7B__typename%7D",
        ] {
            let request = app
                .browser()
                .on_page(None)
                .request(Method::POST, "/graphql")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
            let reply = app.browser().send(request).await;
            assert_eq!(reply.status, 415);
            assert_refused(&reply, "UNSUPPORTED_MEDIA_TYPE");
        }
    });
}

#[test]
fn errors_are_handled_and_reveal_no_internals() {
    test_with(public, async |app| {
        for query in [
            "qwerty cop { abc }",
            "query cop { abc }",
            "",
            "{",
            "query cop { node(id: 5.5) { id } }",
        ] {
            let reply = scan_query(app, query).await;
            assert_eq!(reply.status, 200);
            let json = reply.json();
            for error in json["errors"].as_array().unwrap() {
                let keys: Vec<_> = error["extensions"].as_object().unwrap().keys().collect();
                assert_eq!(keys, ["code"], "{json:#}");
            }
            let text = reply.text.to_lowercase();
            for word in ["exception", "stack", "panic", ".rs:"] {
                assert!(!text.contains(word), "{query}: {reply:?}");
            }
        }
    });
}
