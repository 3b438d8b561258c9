//! CORS: the origins that may read an answer.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Browser, Reply, raw, test, test_with};

const ORIGIN: &str = "http://localhost:5173";

async fn preflight(browser: &Browser, method: &str) -> Reply {
    let request = browser
        .request(Method::OPTIONS, "/graphql")
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "content-type,x-anything");
    browser.send(request).await
}

fn assert_readable(reply: &Reply) {
    assert_eq!(
        reply.header("access-control-allow-origin"),
        Some(ORIGIN),
        "{reply:?}"
    );
    assert_eq!(
        reply.header("access-control-allow-credentials"),
        Some("true")
    );
    assert_eq!(
        reply.header("access-control-expose-headers"),
        Some("retry-after,x-request-id,gatelodge-identity")
    );
    assert!(reply.header("vary").unwrap().contains("origin"));
    assert!(reply.header("x-request-id").is_some());
}

#[test]
fn a_preflight_of_an_allowed_origin_is_answered_and_cacheable_for_ten_minutes() {
    test(async |app| {
        let reply = preflight(&app.browser(), "POST").await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.header("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(
            reply.header("access-control-allow-credentials"),
            Some("true")
        );
        assert_eq!(
            reply.header("access-control-allow-methods"),
            Some("GET,POST")
        );
        assert_eq!(
            reply.header("access-control-allow-headers"),
            Some("content-type,x-anything")
        );
        assert_eq!(reply.header("access-control-max-age"), Some("600"));
        assert!(reply.header("vary").unwrap().contains("origin"));
    });
}

#[test]
fn a_preflight_of_another_origin_allows_nothing() {
    test(async |app| {
        for origin in ["https://evil.test", "null"] {
            let reply = preflight(&app.browser().on_page(Some(origin)), "POST").await;
            for header in ["origin", "credentials", "methods", "headers"] {
                assert_eq!(
                    reply.header(&format!("access-control-allow-{header}")),
                    None
                );
            }
        }
        let put = preflight(&app.browser(), "PUT").await;
        assert!(
            !put.header("access-control-allow-methods")
                .unwrap()
                .contains("PUT")
        );
    });
}

#[test]
fn every_error_can_be_read_by_the_frontend() {
    let change = |config: &mut gatelodge::config::Config| {
        config.limits.body_time = std::time::Duration::from_secs(1);
    };
    test_with(change, async |app| {
        let browser = app.browser();
        let post = |body: &str, kind: &str| {
            browser
                .request(Method::POST, "/graphql")
                .header("content-type", kind)
                .body(body.to_owned())
        };
        let accept = browser
            .request(Method::GET, "/graphql?query={me{id}}")
            .header("accept", "image/png");
        for (request, status, code) in [
            (post("{}", "application/json"), 400, "BAD_REQUEST"),
            (browser.request(Method::GET, "/nowhere"), 404, "NOT_FOUND"),
            (
                browser.request(Method::PUT, "/graphql"),
                405,
                "METHOD_NOT_ALLOWED",
            ),
            (accept, 406, "NOT_ACCEPTABLE"),
            (
                post(&"x".repeat(70_000), "application/json"),
                413,
                "PAYLOAD_TOO_LARGE",
            ),
            (post("{}", "text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        ] {
            let reply = browser.send(request).await;
            assert_eq!(reply.status, status, "{reply:?}");
            assert_eq!(reply.code(), code);
            assert_readable(&reply);
        }
        assert_readable(&browser.run("{ me { id } }", json!({})).await);
        let slow = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\norigin: {ORIGIN}\r\ncontent-type: application/json\r\n\
             content-length: 9\r\n\r\n{{"
        );
        let reply = raw(app.public, slow).await;
        assert_eq!(reply.status(), 408);
        assert!(
            reply
                .0
                .contains(&format!("access-control-allow-origin: {ORIGIN}")),
            "{reply:?}"
        );
    });
}

#[test]
fn options_without_an_origin_allow_nobody_and_run_nothing() {
    test(async |app| {
        let browser = app.register("ada").await;
        for path in ["/graphql", "/graphql?query=mutation{logout{loggedOut}}"] {
            for method in ["POST", "GET"] {
                let request = browser
                    .on_page(None)
                    .request(Method::OPTIONS, path)
                    .header("access-control-request-method", method);
                let reply = browser.send(request).await;
                for header in ["origin", "credentials"] {
                    let name = format!("access-control-allow-{header}");
                    // Without the origin's header, the header of every answer lets no page read.
                    assert!(
                        header == "credentials" || reply.header(&name).is_none(),
                        "{reply:?}"
                    );
                }
                assert_eq!(reply.text, "");
                assert!(reply.header("vary").unwrap().contains("origin"));
            }
        }
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
    });
}
