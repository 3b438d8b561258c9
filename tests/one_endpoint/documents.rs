//! Persisted and trusted documents with fields of the service, and the cache.

use std::fs;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{SCHEMA, ask, tasks, use_schema, with_service, with_tasks};
use crate::harness::TestApp;

const QUERY: &str = "{ me { username } tasks { id } }";

fn persisted(query: &str) -> Value {
    let digest = Sha256::digest(query);
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

async fn documents(app: &TestApp, source: &str) -> u64 {
    let metrics = app.metrics().await;
    let name = format!("gatelodge_documents_total{{source=\"{source}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap().parse().unwrap()
}

#[test]
fn a_persisted_query_reaches_the_service_as_text_and_never_as_a_hash() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let expected = json!({ "me": { "username": "ada" }, "tasks": [{ "id": "task_1" }] });
        let by_hash = json!({ "extensions": persisted(QUERY) }).to_string();
        assert_eq!(
            ada.post(by_hash.clone()).await.code(),
            "PERSISTED_QUERY_NOT_FOUND"
        );
        let both = json!({ "query": QUERY, "extensions": persisted(QUERY) }).to_string();
        assert_eq!(ada.post(both).await.data(), expected);
        assert_eq!(ada.post(by_hash).await.data(), expected);
        assert_eq!(upstream.queries(), ["{ tasks { id } }", "{ tasks { id } }"]);
        for asked in upstream.asked() {
            assert!(asked.json().get("extensions").is_none(), "{}", asked.body);
        }
    });
}

#[test]
fn with_trusted_documents_no_other_document_reaches_the_service() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("manifest.json");
    let manifest =
        json!({ "both": QUERY, "theirs": "query T($n: Int) { tasks(first: $n) { id } }" });
    fs::write(&path, manifest.to_string()).unwrap();
    let trust = move |config: &mut gatelodge::config::Config| {
        use_schema(config, SCHEMA);
        config.documents.trusted_documents = vec![path.clone()];
    };
    with_service(trust, tasks, async |app, upstream| {
        // Registration is no trusted document either.
        let open = app.browser();
        assert_eq!(
            ask(&open, "{ tasks { title } }").await.code(),
            "DOCUMENT_NOT_TRUSTED"
        );
        assert_eq!(
            ask(&open, "{ tasks { id } } ").await.code(),
            "DOCUMENT_NOT_TRUSTED"
        );
        let reply = open.post(r#"{"documentId":"both"}"#).await;
        assert_eq!(reply.json()["data"], json!({ "me": null, "tasks": null }));
        let reply = open.post(r#"{"documentId":"theirs"}"#).await;
        assert_eq!(reply.code(), "UNAUTHENTICATED");
        assert_eq!(upstream.queries(), [""; 0]);
        // Introspection may run without a manifest, if it asks for nothing else.
        ask(&open, "{ __schema { queryType { name } } }")
            .await
            .data();
        let more = "{ __schema { queryType { name } } tasks { id } }";
        assert_eq!(ask(&open, more).await.code(), "DOCUMENT_NOT_TRUSTED");
    });
}

#[test]
fn a_document_with_a_password_is_never_cached() {
    with_tasks(tasks, async |app, _| {
        let browser = app.browser();
        let secret = r#"mutation { login(input: { username: "ada", password: "hunter2 hunter2" }) { userErrors { code } } }"#;
        let mixed = r#"query Q { tasks { id } } mutation M { login(input: { username: "ada", password: "hunter2 hunter2" }) { userErrors { code } } }"#;
        for (query, name) in [(secret, None), (mixed, Some("M"))] {
            let body = json!({ "query": query, "operationName": name });
            for _ in 0..3 {
                browser.post(body.to_string()).await.data();
            }
            let body =
                json!({ "query": query, "operationName": name, "extensions": persisted(query) });
            browser.post(body.to_string()).await.data();
            let by_hash = json!({ "operationName": name, "extensions": persisted(query) });
            let reply = browser.post(by_hash.to_string()).await;
            assert_eq!(reply.code(), "PERSISTED_QUERY_NOT_FOUND");
        }
        assert_eq!(documents(app, "kept").await, 0);
        assert_eq!(documents(app, "persisted").await, 0);
        for _ in 0..3 {
            ask(&browser, QUERY).await;
        }
        assert_eq!(documents(app, "kept").await, 1);
    });
}

#[test]
fn a_cached_document_is_split_anew_for_each_user() {
    with_tasks(tasks, async |app, upstream| {
        let (ada, bob) = (app.register("ada").await, app.register("bob").await);
        for _ in 0..3 {
            for (user, name) in [(&ada, "ada"), (&bob, "bob")] {
                assert_eq!(ask(user, QUERY).await.data()["me"]["username"], name);
            }
            let stranger = ask(&app.browser(), QUERY).await.json();
            assert_eq!(stranger["data"], json!({ "me": null, "tasks": null }));
        }
        let asked = upstream.asked();
        let mut tokens: Vec<_> = asked
            .iter()
            .map(|asked| asked.headers("authorization")[0])
            .collect();
        assert_eq!(tokens.len(), 6);
        tokens.sort_unstable();
        tokens.dedup();
        assert_eq!(tokens.len(), 2, "each has a token of their own");
    });
}
