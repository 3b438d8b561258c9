//! The cache of parsed documents: repeated documents are cached, and a flood does not exceed its size.

use std::sync::Arc;

use apollo_compiler::Schema;
use gatelodge::{
    config::Config,
    graphql::guard::{Guard, OperationRequest},
    telemetry::document_metrics::DocumentMetrics,
};

use crate::{
    graphql::guard::run,
    harness::{TestApp, test, test_with},
};

/// Returns how many lookups had a result.
async fn found(app: &TestApp, source: &str) -> u64 {
    let line = format!("gatelodge_documents_total{{source=\"{source}\"}} ");
    let metrics = app.metrics().await;
    let count = metrics.lines().find_map(|text| text.strip_prefix(&line));
    count.unwrap().parse().unwrap()
}

#[test]
fn a_document_is_cached_from_its_second_use_on() {
    test(async |app| {
        let browser = app.browser();
        for (kept, read) in [(0, 1), (0, 2), (1, 2), (2, 2)] {
            let data = run(&browser, "{ me { id } session { id } }").await.data();
            assert_eq!(data.to_string(), r#"{"me":null,"session":null}"#);
            assert_eq!(
                (found(app, "kept").await, found(app, "read").await),
                (kept, read)
            );
        }
        // Another text is another document, even with the same meaning.
        run(&browser, "{me{id} session{id}}").await.data();
        assert_eq!(found(app, "kept").await, 2);
    });
}

#[test]
fn a_cached_document_runs_with_the_variables_and_operation_of_each_request() {
    test(async |app| {
        let browser = app.register("ada").await;
        let query = "query A($on: Boolean!) { me { id @skip(if: $on) username @include(if: $on) } } \
                     query B { me { username } }";
        for _ in 0..4 {
            for (on, key) in [(true, "username"), (false, "id")] {
                let body = serde_json::json!({
                    "query": query, "operationName": "A", "variables": { "on": on },
                });
                let data = browser.post(body.to_string()).await.data();
                let keys: Vec<_> = data["me"].as_object().unwrap().keys().collect();
                assert_eq!(keys, [key]);
            }
            let body = serde_json::json!({ "query": query, "operationName": "B" });
            let data = browser.post(body.to_string()).await.data();
            assert_eq!(data["me"]["username"], "ada");
        }
        assert!(found(app, "kept").await > 8);
    });
}

#[test]
fn a_document_that_may_contain_a_password_is_not_cached() {
    test(async |app| {
        let browser = app.browser();
        let login = |input: &str| {
            format!("mutation($p: String!) {{ login(input: {input}) {{ userErrors {{ code }} }} }}")
        };
        for (input, kept) in [
            ("{ username: \"ada\", password: $p }", 0),
            ("{ username: $p, password: \"hunter22\" }", 0),
            ("{ username: $p, password: $p }", 2),
        ] {
            let before = found(app, "kept").await;
            for _ in 0..4 {
                let variables = serde_json::json!({ "p": "x" });
                browser.run(&login(input), variables).await.data();
            }
            assert_eq!(found(app, "kept").await - before, kept, "{input}");
        }
    });
}

#[test]
fn a_document_that_may_contain_a_password_in_a_list_is_not_cached() {
    // No credential field of today's schema has a list as an argument.
    let sdl = "type Query { a: Int } type Mutation { login(codes: [String], inputs: [Input]): Int } \
               input Input { code: String }";
    let config = gatelodge::cli::parse(["gatelodge".into()]).unwrap();
    let schema = Arc::new(Schema::parse_and_validate(sdl, "").unwrap());
    let guard = Guard::new(config.limits, false, schema)
        .with_documents(&config.documents, DocumentMetrics::default())
        .unwrap();
    for (query, cached) in [
        ("mutation { login(codes: [\"hunter22\"]) }", false),
        (
            "mutation($c: String) { login(codes: [$c, \"hunter22\"]) }",
            false,
        ),
        (
            "mutation { login(inputs: [{ code: \"hunter22\" }]) }",
            false,
        ),
        ("mutation($c: String) { login(codes: [$c, null]) }", true),
        (
            "mutation($c: String) { login(inputs: [{ code: $c }]) }",
            true,
        ),
    ] {
        let request = |text: Option<&str>| OperationRequest {
            query: text.map(str::to_owned),
            document_id: Some(query.to_owned()),
            ..OperationRequest::default()
        };
        assert!(guard.admit(&request(Some(query))).is_ok(), "{query}");
        assert_eq!(guard.admit(&request(None)).is_ok(), cached, "{query}");
    }
}

#[test]
fn a_refused_document_is_not_cached() {
    test(async |app| {
        let browser = app.browser();
        for _ in 0..4 {
            for query in ["{", "{ nothing }", "{ a: me { id } a: session { id } }"] {
                assert!(run(&browser, query).await.json().get("data").is_none());
            }
        }
        assert_eq!(found(app, "kept").await, 0);
        assert_eq!(found(app, "refused").await, 12);
    });
}

#[test]
fn a_flood_of_rare_documents_does_not_evict_a_frequent_one() {
    let small = |config: &mut Config| config.documents.document_cache = 256 * 1024;
    test_with(small, async |app| {
        let browser = app.browser();
        let frequent = "{ me { id username } }";
        for _ in 0..5 {
            run(&browser, frequent).await.data();
        }
        for n in 0..300 {
            let once = format!("{{ a{n}: me {{ id }} }}");
            let twice = format!("{{ b{n}: me {{ id }} }}");
            for query in [&once, &twice, &twice] {
                run(&browser, query).await.data();
            }
            if n % 10 == 0 {
                run(&browser, frequent).await.data();
            }
        }
        let before = found(app, "kept").await;
        run(&browser, frequent).await.data();
        assert_eq!(found(app, "kept").await, before + 1);
    });
}

#[test]
fn with_the_cache_off_every_document_is_parsed() {
    let off = |config: &mut Config| config.documents.document_cache = 0;
    test_with(off, async |app| {
        for _ in 0..4 {
            run(&app.browser(), "{ me { id } }").await.data();
        }
        assert_eq!((found(app, "kept").await, found(app, "read").await), (0, 4));
    });
}
