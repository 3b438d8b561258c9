//! Automatic persisted queries: a client sends the hash of a document, and its text only when the server asks for it.

use gatelodge::config::Config;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{Browser, Reply, test, test_with};

const QUERY: &str = "{ me { username } }";

fn hash(query: &str) -> String {
    let digest = Sha256::digest(query);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn extensions(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

async fn by_hash(browser: &Browser, hash: &str) -> Reply {
    let body = json!({ "extensions": extensions(hash) });
    browser.post(body.to_string()).await
}

async fn with_text(browser: &Browser, query: &str, hash: &str) -> Reply {
    let body = json!({ "query": query, "extensions": extensions(hash) });
    browser.post(body.to_string()).await
}

#[test]
fn a_query_sent_once_with_its_hash_runs_by_its_hash_for_every_client() {
    test(async |app| {
        let browser = app.register("ada").await;
        let reply = by_hash(&browser, &hash(QUERY)).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.code(), "PERSISTED_QUERY_NOT_FOUND");
        let message = &reply.json()["errors"][0]["message"];
        assert_eq!(
            message, "PersistedQueryNotFound",
            "clients look for this word"
        );
        let modern = [("accept", "application/graphql-response+json")];
        let body = json!({ "extensions": extensions(&hash(QUERY)) });
        assert_eq!(browser.post_with(&modern, &body).await.status, 400);

        let reply = with_text(&browser, QUERY, &hash(QUERY)).await;
        assert_eq!(reply.data()["me"]["username"], "ada");
        assert_eq!(
            by_hash(&browser, &hash(QUERY)).await.data()["me"]["username"],
            "ada"
        );
        assert_eq!(
            by_hash(&app.browser(), &hash(QUERY)).await.data()["me"],
            Value::Null
        );
        for id in [
            hash(QUERY),
            format!("sha256:{}", hash(QUERY)),
            hash(QUERY).to_uppercase(),
        ] {
            let body = json!({ "documentId": id }).to_string();
            assert_eq!(browser.post(body).await.data()["me"]["username"], "ada");
            let by_get = browser.get(&format!("/graphql?documentId={id}")).await;
            assert_eq!(by_get.data()["me"]["username"], "ada");
        }
        let encoded = extensions(&hash(QUERY)).to_string().replace('"', "%22");
        let by_get = browser.get(&format!("/graphql?extensions={encoded}")).await;
        assert_eq!(by_get.data()["me"]["username"], "ada");
    });
}

#[test]
fn a_hash_of_another_text_is_refused_and_nothing_is_cached_under_it() {
    test(async |app| {
        let browser = app.browser();
        let other = hash("{ session { id } }");
        for (query, id) in [(QUERY, &other), (QUERY, &"0".repeat(64))] {
            let reply = with_text(&browser, query, id).await;
            assert_eq!(
                (reply.status.as_u16(), reply.code().as_str()),
                (400, "BAD_REQUEST")
            );
            assert_eq!(
                by_hash(&browser, id).await.code(),
                "PERSISTED_QUERY_NOT_FOUND"
            );
        }
        for wrong in [
            json!({ "query": QUERY, "extensions": { "persistedQuery": { "version": 2, "sha256Hash": hash(QUERY) } } }),
            json!({ "query": QUERY, "extensions": { "persistedQuery": { "version": 1 } } }),
            json!({ "query": QUERY, "extensions": { "persistedQuery": 5 } }),
            json!({ "query": QUERY, "extensions": { "persistedQuery": { "version": 1, "sha256Hash": 5 } } }),
            json!({ "documentId": other, "extensions": extensions(&hash(QUERY)) }),
            json!({ "documentId": 5 }),
            json!({ "extensions": {} }),
        ] {
            let reply = browser.post(wrong.to_string()).await;
            assert_eq!(
                (reply.status.as_u16(), reply.code().as_str()),
                (400, "BAD_REQUEST"),
                "{wrong}"
            );
        }
    });
}

#[test]
fn a_query_that_always_comes_with_its_hash_is_parsed_once() {
    test(async |app| {
        for _ in 0..3 {
            with_text(&app.browser(), QUERY, &hash(QUERY)).await.data();
        }
        let metrics = app.metrics().await;
        assert!(
            metrics.contains("gatelodge_documents_total{source=\"read\"} 1\n"),
            "{metrics}"
        );
    });
}

#[test]
fn a_refused_query_is_not_cached_under_its_hash() {
    test(async |app| {
        let browser = app.browser();
        let deep = format!("{{session{}{}}}", "{user".repeat(40), "}".repeat(40));
        let twice = "mutation { a: logout { loggedOut } b: logout { loggedOut } }";
        for query in ["{", "{ nothing }", &deep, twice] {
            assert!(
                with_text(&browser, query, &hash(query))
                    .await
                    .json()
                    .get("data")
                    .is_none()
            );
            let reply = by_hash(&browser, &hash(query)).await;
            assert_eq!(reply.code(), "PERSISTED_QUERY_NOT_FOUND", "{query}");
        }
    });
}

#[test]
fn a_persisted_mutation_does_not_run_by_get() {
    test(async |app| {
        let browser = app.register("ada").await;
        let logout = "mutation { logout { loggedOut } }";
        let url = format!("/graphql?documentId={}", hash(logout));
        with_text(&app.browser(), logout, &hash(logout))
            .await
            .data();
        assert_eq!(browser.get(&url).await.status, 405);
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
    });
}

#[test]
fn with_the_cache_off_a_hash_is_never_found_and_a_query_text_runs() {
    let off = |config: &mut Config| config.documents.document_cache = 0;
    test_with(off, async |app| {
        let browser = app.browser();
        for _ in 0..2 {
            assert_eq!(
                with_text(&browser, QUERY, &hash(QUERY)).await.data()["me"],
                Value::Null
            );
            let reply = by_hash(&browser, &hash(QUERY)).await;
            assert_eq!(reply.code(), "PERSISTED_QUERY_NOT_FOUND");
        }
    });
}

#[test]
fn a_flood_of_persisted_queries_does_not_evict_frequent_documents() {
    let small = |config: &mut Config| config.documents.document_cache = 256 * 1024;
    test_with(small, async |app| {
        let browser = app.browser();
        for _ in 0..3 {
            browser.query(QUERY).await;
        }
        for n in 0..300 {
            let query = format!("{{ a{n}: me {{ id }} }}");
            with_text(&browser, &query, &hash(&query)).await.data();
        }
        let kept = "gatelodge_documents_total{source=\"kept\"} ";
        let before = app.metrics().await;
        let before = before
            .lines()
            .find_map(|line| line.strip_prefix(kept))
            .unwrap()
            .to_owned();
        browser.query(QUERY).await;
        let after = app.metrics().await;
        let after = after
            .lines()
            .find_map(|line| line.strip_prefix(kept))
            .unwrap();
        assert_eq!(
            after.parse::<u64>().unwrap(),
            before.parse::<u64>().unwrap() + 1
        );
    });
}

#[test]
fn the_memory_of_the_cache_bounds_the_documents_that_are_kept() {
    // One half is for persisted queries.
    const HALF: usize = 40 * 1024;
    let small = |config: &mut Config| config.documents.document_cache = 2 * HALF as u64;
    test_with(small, async |app| {
        let browser = app.browser();
        for (fields, comment) in [(1, 0), (40, 0), (1, 8000)] {
            let query = |n: usize| {
                let fields = "__typename ".repeat(fields);
                format!("{{a{n}:authSettings{{{fields}}}}}#{}", "x".repeat(comment))
            };
            for n in 0..30 {
                with_text(&browser, &query(n), &hash(&query(n)))
                    .await
                    .data();
            }
            let mut kept = 0;
            for n in 0..30 {
                let reply = by_hash(&browser, &hash(&query(n))).await.json();
                kept += usize::from(reply.get("errors").is_none());
            }
            // What a document weighs: its text twice, and its tokens.
            let bytes = 2048 + 2 * query(10).len() + 320 * (fields + 7);
            assert!(kept > 0, "{fields} {comment}");
            assert!(kept <= HALF / bytes, "{fields} {comment}: {kept}");
        }
    });
}
