//! The origins whose pages may run operations: CSRF protection.

use gatelodge::config::Config;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{PASSWORD, Reply, TestApp, raw, test, test_with};

const LOGOUT: &str = "mutation { logout { loggedOut } }";

fn assert_refused(reply: &Reply) {
    assert_eq!(reply.status, StatusCode::FORBIDDEN, "{reply:?}");
    assert_eq!(reply.code(), "FORBIDDEN");
    assert_eq!(reply.header("access-control-allow-origin"), None);
    assert_eq!(reply.header("access-control-allow-credentials"), None);
    assert!(reply.header("vary").unwrap().contains("origin"));
    assert!(reply.set_cookies().is_empty());
}

#[test]
fn a_page_of_another_origin_is_refused_with_or_without_a_cookie() {
    test(async |app| {
        let victim = app.register("ada").await;
        for origin in [
            "https://evil.test",
            "null",
            "http://localhost:5174",
            "http://localhost",
            "https://localhost:5173",
            "http://localhost:5173.evil.test",
            "http://evil-localhost:5173",
            "http://localhost:5173/",
            "HTTP://LOCALHOST:5173",
            "http://localhost.:5173",
            "http://me@localhost:5173",
            "",
        ] {
            let page = victim.on_page(Some(origin));
            for query in [
                LOGOUT,
                "{ me { username } }",
                "mutation { __typename }",
                "nonsense",
            ] {
                assert_refused(&page.post(json!({ "query": query }).to_string()).await);
            }
            assert_refused(&page.get("/graphql?query={me{username}}").await);
            assert_refused(&page.send(page.request(Method::PUT, "/graphql")).await);
            assert_refused(&page.send(page.request(Method::POST, "/graphql")).await);
            assert_refused(
                &app.browser()
                    .on_page(Some(origin))
                    .post(json!({ "query": LOGOUT }).to_string())
                    .await,
            );
        }
        assert_eq!(victim.me().await.as_deref(), Some("ada"));
        assert_eq!(app.database.db_count("sessions").await, 1);
    });
}

#[test]
fn the_refusal_of_an_origin_names_it_and_the_setting() {
    test(async |app| {
        let ask = async |origin| {
            let page = app.browser().on_page(origin);
            let body = json!({ "query": LOGOUT });
            let site = [("sec-fetch-site", "cross-site")];
            let reply = page.post_with(&site, &body).await;
            assert_refused(&reply);
            reply.json()["errors"][0]["message"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        let long = format!("http://{}", "x".repeat(400));
        for (origin, words) in [
            (Some("http://localhost:3000"), "http://localhost:3000. "),
            (Some("null"), "null. "),
            (Some(""), "an empty value"),
            (Some(&long), "an invalid value"),
            (None, "Sec-Fetch-Site"),
        ] {
            let message = ask(origin).await;
            assert!(message.contains(words), "{message}");
            assert!(message.contains("GATELODGE_ALLOWED_ORIGINS"), "{message}");
            assert!(message.len() < 400, "{message}");
        }
    });
}

#[test]
fn a_page_is_refused_even_if_its_host_matches_the_host_header() {
    // DNS rebinding: the attacker's name resolves to this host, so that Origin and Host agree.
    test(async |app| {
        let body = json!({ "query": LOGOUT }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nhost: evil.test\r\norigin: http://evil.test\r\nsec-fetch-site: same-origin\r\n\
             connection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        assert_eq!(raw(app.public, request).await.status(), 403);
    });
}

#[test]
fn a_request_with_two_origins_is_refused() {
    test(async |app| {
        let browser = app.browser();
        let twice = [("origin", "http://localhost:5173")];
        assert_refused(
            &browser
                .post_with(&twice, &json!({ "query": "{ me { id } }" }))
                .await,
        );
    });
}

#[test]
fn without_an_origin_header_sec_fetch_site_decides() {
    test(async |app| {
        let victim = app.register("ada").await;
        let page = victim.on_page(None);
        for site in ["cross-site", "same-site", "nonsense", ""] {
            let site = [("sec-fetch-site", site)];
            assert_refused(&page.post_with(&site, &json!({ "query": LOGOUT })).await);
            let image = page
                .request(Method::GET, "/graphql?query={me{id}}")
                .header(site[0].0, site[0].1);
            assert_refused(&page.send(image).await);
        }
        // As a browser follows a link, and with "query" spelled so that only a lenient parser recognizes it.
        for target in [
            "query={me{username}}",
            "q%75ery={me{username}}",
            "x=1&query={me{id}}",
            "variables={}",
            "x",
        ] {
            for site in ["cross-site", "same-site"] {
                let link = page
                    .request(Method::GET, &format!("/graphql?{target}"))
                    .header(
                        "accept",
                        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                    )
                    .header("sec-fetch-site", site)
                    .header("sec-fetch-mode", "navigate");
                assert_refused(&page.send(link).await);
            }
        }
        for site in ["same-origin", "none"] {
            let reply = page
                .post_with(
                    &[("sec-fetch-site", site)],
                    &json!({ "query": "{ me { username } }" }),
                )
                .await;
            assert_eq!(reply.data()["me"]["username"], "ada");
        }
    });
}

#[test]
fn an_allowed_origin_is_served_even_cross_site() {
    test(async |app| {
        let browser = app.browser();
        let cross = [("sec-fetch-site", "cross-site")];
        let reply = browser.post_with(&cross, &json!({ "query": LOGOUT })).await;
        assert_eq!(reply.data()["logout"]["loggedOut"], false);
        let request = browser
            .request(Method::GET, "/graphql?query={me{id}}")
            .header("sec-fetch-site", "cross-site");
        assert_eq!(browser.send(request).await.status, StatusCode::OK);
    });
}

#[test]
fn a_program_without_origin_and_sec_fetch_site_is_served() {
    test(async |app| {
        let program = app.browser().on_page(None);
        assert_eq!(
            program.must_register("ada", PASSWORD).await["user"]["username"],
            "ada"
        );
        assert_eq!(
            program.get("/graphql?query={me{username}}").await.data()["me"]["username"],
            "ada"
        );
        assert!(program.logout().await);
    });
}

#[test]
fn on_loopback_the_own_origin_is_allowed_under_all_loopback_names() {
    test(async |app| {
        for origin in [
            "http://localhost:8000",
            "http://127.0.0.1:8000",
            "http://[::1]:8000",
            "http://127.0.0.1:5173",
        ] {
            let reply = app
                .browser()
                .on_page(Some(origin))
                .post(json!({ "query": LOGOUT }).to_string())
                .await;
            assert_eq!(reply.status, StatusCode::OK, "{origin}");
            assert_eq!(reply.header("access-control-allow-origin"), Some(origin));
        }
    });
}

#[test]
fn the_http_origin_of_an_https_host_is_refused() {
    let change = |config: &mut Config| {
        config.browser.public_url = "https://auth.example.com".parse().unwrap();
        config.browser.allowed_origins = Some(vec!["https://app.example.com".parse().unwrap()]);
    };
    test_with(change, async |app| {
        let on = |origin| app.browser().on_page(Some(origin));
        let ask = json!({ "query": LOGOUT }).to_string();
        for origin in ["https://auth.example.com", "https://app.example.com"] {
            assert_eq!(
                on(origin).post(ask.clone()).await.status,
                StatusCode::OK,
                "{origin}"
            );
        }
        for origin in [
            "http://auth.example.com",
            "http://app.example.com",
            "https://evil.example.com",
            "https://example.com",
            "https://app.example.com:8443",
            "https://app.example.com.evil.test",
            "https://evilapp.example.com",
            "https://app.example.com.",
            "http://localhost:5173",
            "http://localhost:8000",
        ] {
            assert_refused(&on(origin).post(ask.clone()).await);
        }
    });
}

/// Every spelling of the path reaches the same check or no endpoint.
async fn assert_path_is_guarded(app: &TestApp, target: &str) {
    let body = json!({ "query": LOGOUT }).to_string();
    let request = format!(
        "POST {target} HTTP/1.1\r\nhost: localhost:8000\r\norigin: https://evil.test\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let reply = raw(app.public, request).await;
    assert!(
        matches!(reply.status(), 400 | 403 | 404),
        "{target}: {reply:?}"
    );
}

#[test]
fn no_spelling_of_the_path_bypasses_the_origin_check() {
    test(async |app| {
        for target in [
            "/graphql/",
            "//graphql",
            "/%67raphql",
            "/graphql;a=b",
            "/GRAPHQL",
            "/graphql%00",
            "/./graphql",
            "http://localhost:8000/graphql",
            "http://evil.test/graphql",
            "*",
        ] {
            assert_path_is_guarded(app, target).await;
        }
        let connect =
            "CONNECT localhost:8000 HTTP/1.1\r\nhost: localhost:8000\r\nconnection: close\r\n\r\n";
        assert!(raw(app.public, connect).await.status() >= 400);
        // An upgrade does not bypass it.
        let upgrade = "GET /graphql HTTP/1.1\r\nhost: localhost:8000\r\norigin: https://evil.test\r\n\
             connection: close, upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        assert_eq!(raw(app.public, upgrade).await.status(), 403);
    });
}

#[test]
fn with_a_public_host_no_loopback_origin_is_allowed_by_default() {
    let change = |config: &mut Config| {
        config.browser.public_url = "https://auth.example.com".parse().unwrap();
        config.browser.allowed_origins = None;
    };
    test_with(change, async |app| {
        let ask = json!({ "query": LOGOUT }).to_string();
        for origin in ["http://localhost:5173", "http://127.0.0.1:5173"] {
            let page = app.browser().on_page(Some(origin));
            assert_refused(&page.post(ask.clone()).await);
        }
        let own = app.browser().on_page(Some("https://auth.example.com"));
        assert_eq!(own.post(ask).await.status, StatusCode::OK);
    });
}

#[test]
fn a_forwarded_host_header_allows_no_origin_and_is_not_repeated() {
    test(async |app| {
        let browser = app.browser();
        let body = json!({ "query": "{ me { id } }" });
        for header in ["x-forwarded-host", "forwarded", "x-original-host", "x-host"] {
            let evil = browser.on_page(Some("http://evil.test"));
            let reply = evil.post_with(&[(header, "evil.test")], &body).await;
            assert_eq!(reply.status, 403, "{header}");
            let reply = browser.post_with(&[(header, "evil.test")], &body).await;
            assert_eq!(reply.status, 200, "{header}");
            assert!(!format!("{reply:?}").contains("evil"), "{reply:?}");
        }
    });
}
