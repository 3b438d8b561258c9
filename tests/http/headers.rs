//! Headers of every answer.

use gatelodge::config::Config;
use reqwest::Method;
use serde_json::json;

use crate::harness::{Reply, test, test_with};

fn assert_hardened(reply: &Reply) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}: {reply:?}");
    }
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    for directive in ["frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(directive), "{policy}");
    }
    assert!(reply.header("vary").unwrap().contains("origin"));
    for silent in ["server", "x-powered-by"] {
        assert_eq!(reply.header(silent), None);
    }
}

#[test]
fn every_answer_has_headers_for_browsers_and_caches() {
    test(async |app| {
        let browser = app.browser();
        let page = browser.on_page(None);
        for reply in [
            browser.run("{ me { id } }", json!({})).await,
            browser.run("{ nonsense", json!({})).await,
            browser.post("{").await,
            browser.get("/nowhere").await,
            browser.get("/healthz").await,
            browser.at(app.admin).get("/readyz").await,
            browser.on_page(Some("https://evil.test")).post("{}").await,
            browser.send(browser.request(Method::PUT, "/graphql")).await,
            browser
                .send(browser.request(Method::OPTIONS, "/graphql"))
                .await,
            page.send(
                page.request(Method::GET, "/graphql")
                    .header("accept", "text/html"),
            )
            .await,
        ] {
            assert_hardened(&reply);
            assert_eq!(
                reply.header("strict-transport-security"),
                None,
                "http says nothing of https"
            );
        }
    });
}

#[test]
fn over_https_browsers_are_told_to_keep_using_https() {
    let https = |config: &mut Config| {
        config.browser.public_url = "https://auth.example.com".parse().unwrap();
    };
    test_with(https, async |app| {
        for path in ["/healthz", "/nowhere", "/graphql?query={__typename}"] {
            let reply = app.browser().on_page(None).get(path).await;
            assert_hardened(&reply);
            let expected = "max-age=63072000; includeSubDomains";
            assert_eq!(reply.header("strict-transport-security"), Some(expected));
        }
    });
}

#[test]
fn only_the_methods_that_exist_are_served() {
    test(async |app| {
        let browser = app.browser();
        for method in ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            for path in [
                "/graphql",
                "/healthz",
                "/readyz",
                "/graphql/assets/LICENSES.txt",
            ] {
                let request = browser.request(Method::from_bytes(method.as_bytes()).unwrap(), path);
                let reply = browser.send(request).await;
                assert_eq!(reply.status, 405, "{method} {path}");
                assert_eq!(reply.code(), "METHOD_NOT_ALLOWED");
                assert!(
                    reply
                        .header("allow")
                        .is_some_and(|allow| allow.contains("GET"))
                );
            }
        }
    });
}
