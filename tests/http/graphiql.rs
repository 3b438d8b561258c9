//! The GraphiQL page that the binary contains.

use gatelodge::config::Config;
use reqwest::{Method, StatusCode};

use crate::harness::{Browser, Reply, test, test_with};

async fn page(browser: &Browser) -> Reply {
    let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let request = browser
        .on_page(None)
        .request(Method::GET, "/graphql")
        .header("accept", accept)
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-mode", "navigate");
    browser.send(request).await
}

#[test]
fn a_browser_gets_the_page_even_from_a_link_on_another_site() {
    test(async |app| {
        let reply = page(&app.browser()).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(
            reply.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(reply.text.contains("GraphiQL"));
        assert!(!reply.text.contains("{{nonce}}"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(
            reply.header("cross-origin-opener-policy"),
            Some("same-origin")
        );
    });
}

#[test]
fn the_content_security_policy_of_the_page_allows_only_its_own_scripts() {
    test(async |app| {
        let reply = page(&app.browser()).await;
        let policy = reply.header("content-security-policy").unwrap();
        let directive = |name: &str| {
            policy
                .split("; ")
                .find_map(|part| part.strip_prefix(&format!("{name} ")))
                .unwrap_or_default()
                .to_owned()
        };
        assert_eq!(directive("default-src"), "'none'");
        assert_eq!(directive("script-src"), "'self'");
        assert_eq!(directive("frame-ancestors"), "'none'");
        assert!(!policy.contains("unsafe-eval"));
        assert!(!directive("style-src").contains("unsafe-inline"));
        // The page loads nothing from other hosts, and sends nothing to them.
        for part in policy.split("; ") {
            let (name, sources) = part.split_once(' ').unwrap();
            for source in sources.split(' ') {
                let ours = ["'none'", "'self'", "data:"].contains(&source)
                    || source.starts_with("'nonce-")
                    || (name, source) == ("style-src-attr", "'unsafe-inline'");
                assert!(ours, "{part}");
            }
        }
        let nonce = directive("style-src");
        let nonce = nonce
            .strip_prefix("'self' 'nonce-")
            .unwrap()
            .strip_suffix('\'')
            .unwrap();
        assert_eq!(nonce.len(), 32);
        assert!(reply.text.contains(nonce));
        let other = page(&app.browser()).await;
        assert!(!other.text.contains(nonce), "a nonce is for one answer");
        for inline in [
            "<script>",
            "onload=",
            "onclick=",
            "javascript:",
            "src=\"http",
            "href=\"http",
            "url(http",
        ] {
            assert!(!reply.text.contains(inline), "{inline}");
        }
    });
}

#[test]
fn every_file_that_the_page_refers_to_exists() {
    test(async |app| {
        let browser = app.browser();
        let html = page(&browser).await.text;
        let parts: Vec<_> = html
            .split('"')
            .filter(|word| word.starts_with("/graphql/assets/"))
            .collect();
        assert!(parts.iter().any(|part| part.ends_with(".js")), "{html}");
        let signed_in = app.register("ada").await;
        for part in parts {
            let head = browser.send(browser.request(Method::HEAD, part)).await;
            assert_eq!(head.status, StatusCode::OK, "{part}");
            let reply = browser.get(part).await;
            assert_eq!(reply.status, StatusCode::OK, "{part}");
            let theirs = signed_in.get(part).await.text;
            assert!(reply.text == theirs, "{part} depends on the session");
            assert_eq!(reply.header("content-encoding"), Some("gzip"));
            assert_eq!(
                reply.header("cache-control"),
                Some("public, max-age=31536000, immutable")
            );
            assert!(matches!(
                reply.header("content-type"),
                Some("text/javascript; charset=utf-8" | "text/css; charset=utf-8")
            ));
        }
        for nothing in ["index.html", "../../Cargo.toml", "%2e%2e%2fx", "x.js", ""] {
            let path = format!("/graphql/assets/{nothing}");
            assert_eq!(
                browser.get(&path).await.status,
                StatusCode::NOT_FOUND,
                "{nothing}"
            );
        }
    });
}

#[test]
fn a_query_or_another_client_gets_no_page() {
    test(async |app| {
        let browser = app.browser();
        let request = browser
            .request(Method::GET, "/graphql?query={__typename}")
            .header("accept", "text/html,*/*");
        assert_eq!(browser.send(request).await.data()["__typename"], "Query");
        assert_eq!(
            browser.get("/graphql").await.status,
            StatusCode::BAD_REQUEST
        );
    });
}

#[test]
fn when_graphiql_is_off_neither_the_page_nor_its_files_are_served() {
    let change = |config: &mut Config| {
        config.browser.public_url = "https://auth.example.com".parse().unwrap();
    };
    test_with(change, async |app| {
        let browser = app.browser();
        let reply = page(&browser).await;
        assert!(!reply.text.contains("GraphiQL"), "{reply:?}");
        assert_ne!(reply.status, StatusCode::OK);
        assert_eq!(
            browser.get("/graphql/assets/LICENSES.txt").await.status,
            StatusCode::NOT_FOUND
        );
    });
}
