//! The public documents: everybody may read and cache them.

use gatelodge::config::Config;
use reqwest::{Method, StatusCode};

use crate::harness::{Browser, Reply, TestApp, raw, test, test_with};

const DOCUMENTS: [&str; 2] = [
    "/.well-known/jwks.json",
    "/.well-known/openid-configuration",
];

#[track_caller]
fn assert_public(reply: &Reply) {
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    assert_eq!(reply.header("access-control-allow-credentials"), None);
    assert_eq!(reply.header("cache-control"), Some("public, max-age=300"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert!(reply.header("etag").unwrap().starts_with('"'));
    assert!(reply.set_cookies().is_empty());
}

async fn get_with(browser: &Browser, path: &str, name: &str, value: &str) -> Reply {
    let request = browser.request(Method::GET, path).header(name, value);
    browser.send(request).await
}

#[test]
fn everybody_may_read_the_documents_from_every_page() {
    test(async |app| {
        let ada = app.register("ada").await;
        for path in DOCUMENTS {
            let mut bodies = vec![];
            for origin in [None, Some("https://evil.test"), Some("null")] {
                for browser in [&app.browser(), &ada.browser] {
                    let page = browser.on_page(origin);
                    let reply = get_with(&page, path, "sec-fetch-site", "cross-site").await;
                    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
                    assert_public(&reply);
                    assert_eq!(reply.header("content-type"), Some("application/json"));
                    assert_eq!(reply.header("vary"), None);
                    assert_eq!(
                        reply.header("cross-origin-resource-policy"),
                        Some("cross-origin")
                    );
                    assert!(reply.json().is_object());
                    bodies.push(reply.text);
                }
            }
            bodies.dedup();
            assert_eq!(bodies.len(), 1, "{bodies:?}");
        }
    });
}

#[test]
fn a_document_that_the_client_has_is_not_sent_again() {
    test(async |app| {
        let browser = app.browser();
        for path in DOCUMENTS {
            let tag = browser.get(path).await.header("etag").unwrap().to_owned();
            for known in [
                tag.clone(),
                format!("W/{tag}"),
                format!("\"other\", {tag}"),
                "*".to_owned(),
            ] {
                let reply = get_with(&browser, path, "if-none-match", &known).await;
                assert_eq!(reply.status, StatusCode::NOT_MODIFIED, "{known}");
                assert_public(&reply);
                assert_eq!(reply.header("etag"), Some(&*tag));
                assert_eq!(reply.text, "");
            }
            for other in ["\"other\"", "", "other", &tag.replace('"', "")] {
                let reply = get_with(&browser, path, "if-none-match", other).await;
                assert_eq!(reply.status, StatusCode::OK, "{other}");
            }
        }
    });
}

#[test]
fn the_documents_are_read_only_and_a_preflight_is_answered() {
    test(async |app| {
        let page = app.browser().on_page(Some("https://evil.test"));
        for path in DOCUMENTS {
            let head = page.send(page.request(Method::HEAD, path)).await;
            assert_eq!(head.status, StatusCode::OK);
            assert_public(&head);
            assert_eq!(head.text, "");
            let length = page.get(path).await.text.len().to_string();
            assert_eq!(head.header("content-length"), Some(&*length));
            for method in [Method::POST, Method::PUT, Method::DELETE] {
                let reply = page.send(page.request(method, path)).await;
                assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
                assert_eq!(reply.header("allow"), Some("GET, HEAD"));
                assert_eq!(reply.header("cache-control"), Some("no-store"));
            }
            let preflight = page
                .request(Method::OPTIONS, path)
                .header("access-control-request-method", "GET")
                .header("access-control-request-headers", "x-anything");
            let reply = page.send(preflight).await;
            assert_eq!(reply.status, StatusCode::OK);
            for (name, value) in [
                ("access-control-allow-origin", "*"),
                ("access-control-allow-headers", "*"),
                ("access-control-allow-methods", "GET,HEAD"),
            ] {
                assert_eq!(reply.header(name), Some(value));
            }
        }
    });
}

#[test]
fn the_admin_listener_has_the_documents_too() {
    test(async |app| {
        let browser = app.browser();
        let inside = browser.at(app.admin);
        for path in DOCUMENTS {
            let reply = inside.get(path).await;
            assert_eq!(reply.status, StatusCode::OK);
            assert_public(&reply);
            assert_eq!(reply.text, browser.get(path).await.text);
            assert_eq!(reply.header("content-type"), Some("application/json"));
        }
        // Its other checks hold.
        let (head, tail) = (
            "GET",
            "HTTP/1.1\r\nhost: evil.test\r\nconnection: close\r\n\r\n",
        );
        let reply = raw(app.admin, format!("{head} {} {tail}", DOCUMENTS[0])).await;
        assert_eq!(reply.status(), 403);
        let forward_auth = inside.get("/forward-auth").await;
        assert_eq!(forward_auth.status, StatusCode::NOT_FOUND);
    });
}

/// Asserts that a target has the answer of a stack, by the error's status.
async fn assert_status(app: &TestApp, target: &str, expected: u16) {
    let request = format!(
        "GET {target} HTTP/1.1\r\nhost: x\r\norigin: https://evil.test\r\nconnection: close\r\n\r\n"
    );
    let reply = raw(app.public, request).await;
    assert_eq!(reply.status(), expected, "{target}: {reply:?}");
}

#[test]
fn only_the_exact_paths_leave_the_origin_check() {
    test(async |app| {
        for (target, expected) in [
            ("/.well-known/jwks.json", 200),
            ("/.well-known/jwks.json?x=y", 200),
            ("/.well-known/jwks.json/", 403),
            ("/.well-known/jwks.json/../../graphql?query={me{id}}", 403),
            ("/.well-known/%6awks.json", 403),
            ("//.well-known/jwks.json", 403),
            ("/.well-known/", 403),
            ("/.well-known/security.txt", 403),
            ("/graphql?query={me{id}}", 403),
            ("/graphql/../.well-known/jwks.json", 403),
        ] {
            assert_status(app, target, expected).await;
        }
    });
}

#[test]
fn a_wrong_host_header_is_refused() {
    test(async |app| {
        let request = "GET /.well-known/jwks.json HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n";
        assert_eq!(raw(app.public, request).await.status(), 400);
    });
}

#[test]
fn over_https_browsers_are_told_to_keep_using_https() {
    let https = |config: &mut Config| {
        config.browser.public_url = "https://auth.example.com".parse().unwrap();
    };
    test_with(https, async |app| {
        for path in [DOCUMENTS[0], "/forward-auth"] {
            let reply = app.browser().on_page(None).get(path).await;
            let expected = "max-age=63072000; includeSubDomains";
            assert_eq!(reply.header("strict-transport-security"), Some(expected));
        }
    });
}
