//! Trusted documents: when manifests are set, only their documents run.

use std::fs;

use gatelodge::config::Config;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{gatelodge, test_with};

const ME: &str = "query Me { me { username } }";
const SESSION: &str = "query Session { session { id } }";
const LOGOUT: &str = "mutation Logout { logout { loggedOut } }";
const INTROSPECTION: &str = include_str!("introspection.graphql");

/// Manifests in each form that client tools write.
fn manifests(directory: &TempDir) -> Vec<std::path::PathBuf> {
    let apollo = json!({
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{ "id": "me-1", "name": "Me", "type": "query", "body": ME }],
    });
    let relay = json!({ "d41d8cd98f00b204e9800998ecf8427e": SESSION });
    let codegen = json!({ "b1946ac92492d2347c6235b4d2611184d8c7c8d3": LOGOUT });
    [
        ("apollo.json", apollo),
        ("relay.json", relay),
        ("codegen.json", codegen),
    ]
    .map(|(name, manifest)| {
        let path = directory.path().join(name);
        fs::write(&path, manifest.to_string()).unwrap();
        path
    })
    .into()
}

#[test]
fn a_document_id_matches_with_its_prefix_and_in_upper_case() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("manifest.json");
    let (upper, other) = ("AB".repeat(32), "cd".repeat(32));
    let manifest = json!({ upper.clone(): ME, format!("sha256:{other}"): SESSION });
    fs::write(&path, manifest.to_string()).unwrap();
    let trust = |config: &mut Config| config.documents.trusted_documents = vec![path.clone()];
    test_with(trust, async |app| {
        for id in [
            &upper,
            &upper.to_lowercase(),
            &format!("sha256:{upper}"),
            &other,
        ] {
            let body = json!({ "documentId": id }).to_string();
            assert!(app.browser().post(body).await.data().is_object(), "{id}");
        }
    });
}

#[test]
fn an_id_that_is_no_sha_256_keeps_its_letters_and_says_nothing_about_the_text() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("manifest.json");
    let not_hexadecimal = "Zz".repeat(32);
    let manifest = json!({ "ABC": ME, "abc": SESSION, not_hexadecimal.clone(): LOGOUT });
    fs::write(&path, manifest.to_string()).unwrap();
    let trust = |config: &mut Config| config.documents.trusted_documents = vec![path.clone()];
    test_with(trust, async |app| {
        let send = async |body: Value| app.browser().post(body.to_string()).await;
        for (id, field) in [("ABC", "me"), ("abc", "session")] {
            let data = send(json!({ "documentId": id })).await.data();
            assert!(data.as_object().unwrap().contains_key(field), "{id}");
        }
        let lower = send(json!({ "documentId": not_hexadecimal.to_lowercase() })).await;
        assert_eq!(lower.code(), "DOCUMENT_NOT_TRUSTED", "{lower:?}");
        let both = send(json!({ "documentId": "abc", "query": ME })).await;
        assert!(both.data().is_object(), "{both:?}");
    });
}

#[test]
fn the_same_document_may_be_in_several_manifests() {
    let directory = tempfile::tempdir().unwrap();
    let paths = ["a.json", "b.json"].map(|name| directory.path().join(name));
    for path in &paths {
        fs::write(path, json!({ "me": ME }).to_string()).unwrap();
    }
    let trust = |config: &mut Config| config.documents.trusted_documents = paths.to_vec();
    test_with(trust, async |app| {
        let body = json!({ "documentId": "me" }).to_string();
        assert!(app.browser().post(body).await.data().is_object());
    });
}

#[test]
fn only_documents_of_the_manifests_run_by_id_or_by_text() {
    let directory = tempfile::tempdir().unwrap();
    let trust = |config: &mut Config| config.documents.trusted_documents = manifests(&directory);
    test_with(trust, async |app| {
        let browser = app.browser();
        for (id, key) in [
            ("me-1", "me"),
            ("d41d8cd98f00b204e9800998ecf8427e", "session"),
            ("b1946ac92492d2347c6235b4d2611184d8c7c8d3", "logout"),
        ] {
            let persisted = json!({ "persistedQuery": { "version": 1, "sha256Hash": id } });
            for body in [
                json!({ "documentId": id }),
                json!({ "extensions": persisted }),
            ] {
                let data = browser.post(body.to_string()).await.data();
                assert!(data.get(key).is_some(), "{id}: {data}");
            }
        }
        for text in [ME, SESSION, LOGOUT] {
            browser.query(text).await;
        }
        for body in [
            json!({ "query": "{ me { username } }" }),
            json!({ "query": ME.replace("username", "id") }),
            json!({ "query": format!("{ME} ") }),
            json!({ "query": "{" }),
            json!({ "query": "{ nothing }" }),
            json!({ "documentId": "me-2" }),
            json!({ "documentId": "" }),
            json!({ "query": "{ me { id } }", "documentId": "me-1" }),
        ] {
            for _ in 0..3 {
                let reply = browser.post(body.to_string()).await;
                assert_eq!(
                    (reply.status.as_u16(), reply.code().as_str()),
                    (200, "DOCUMENT_NOT_TRUSTED"),
                    "{body}"
                );
                assert!(reply.json().get("data").is_none());
            }
        }
        let by_get = browser
            .get("/graphql?documentId=b1946ac92492d2347c6235b4d2611184d8c7c8d3")
            .await;
        assert_eq!(by_get.status, 405, "a mutation");
    });
}

#[test]
fn graphiqls_introspection_runs_where_introspection_is_on() {
    for (introspection, expected) in [(true, ""), (false, "DOCUMENT_NOT_TRUSTED")] {
        let directory = tempfile::tempdir().unwrap();
        let trust = |config: &mut Config| {
            config.documents.trusted_documents = manifests(&directory);
            config.feature.introspection = Some(introspection);
        };
        test_with(trust, async |app| {
            let browser = app.browser();
            for query in [
                INTROSPECTION,
                "{ __typename ...F } fragment F on Query { __type(name: \"User\") { name } }",
            ] {
                let reply = browser.run(query, json!({})).await;
                let code = reply.json()["errors"][0]["extensions"]["code"].clone();
                assert_eq!(code.as_str().unwrap_or_default(), expected, "{reply:?}");
            }
            for more in [
                "{ __typename me { id } }",
                "query A { __typename } query B { me { id } }",
                "mutation { __typename logout { loggedOut } }",
                "{ ...F } fragment F on Query { __typename me { id } }",
            ] {
                assert_eq!(
                    browser.run(more, json!({})).await.code(),
                    "DOCUMENT_NOT_TRUSTED"
                );
            }
        });
    }
}

#[test]
fn an_unusable_manifest_stops_the_start_and_the_error_names_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("manifest.json");
    for (content, words) in [
        ("{", "is not a manifest"),
        ("[]", "is not a manifest"),
        (r#"{"a": 5}"#, "is not a manifest"),
        (r#"{"operations": [{"id": "a"}]}"#, "is not a manifest"),
        (r#"{"a": "{ nothing }"}"#, "document `a`"),
        (r#"{"a": "{"}"#, "document `a`"),
        (
            r#"{"a": "mutation { a: logout { loggedOut } b: logout { loggedOut } }"}"#,
            "document `a`",
        ),
        (
            r#"{"operations": [{"id": "a", "body": "{me{id}}"}, {"id": "a", "body": "{me{username}}"}]}"#,
            "have the id `a`",
        ),
    ] {
        fs::write(&path, content).unwrap();
        let output = gatelodge(&directory)
            .env("GATELODGE_LISTEN", "127.0.0.1:0")
            .env("GATELODGE_TRUSTED_DOCUMENTS", &path)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("GATELODGE_TRUSTED_DOCUMENTS"), "{said}");
        assert!(
            said.contains(words) && said.contains("manifest.json"),
            "{said}"
        );
    }
    let missing = directory.path().join("missing.json");
    let output = gatelodge(&directory)
        .env("GATELODGE_LISTEN", "127.0.0.1:0")
        .env("GATELODGE_TRUSTED_DOCUMENTS", &missing)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let value: Value = json!(String::from_utf8_lossy(&output.stderr));
    assert!(value.to_string().contains("missing.json"));
}
