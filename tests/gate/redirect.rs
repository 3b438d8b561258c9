//! A browser without a session is sent to the login page, and may come back to allowed places only.

use url::Url;

use super::{ask_with, assert_refused, with_policies};
use crate::harness::{Reply, TestApp, test_with};

const GET: (&str, &str) = ("x-forwarded-method", "GET");
const NAVIGATION: (&str, &str) = ("sec-fetch-mode", "navigate");
const PATH: &str = "/forward-auth-redirect";

/// Asks about a navigation of a stranger to an original URL.
async fn navigate(app: &TestApp, proto: &str, host: &str, uri: &str) -> Reply {
    let headers = [
        GET,
        NAVIGATION,
        ("x-forwarded-proto", proto),
        ("x-forwarded-host", host),
        ("x-forwarded-uri", uri),
    ];
    ask_with(&app.browser(), PATH, &headers).await
}

/// Returns the way back in the login URL of a redirect.
#[track_caller]
fn return_to(reply: &Reply) -> Option<String> {
    assert_eq!(reply.status, 303, "{reply:?}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(reply.header("vary").is_some());
    assert_eq!(reply.text, "");
    let location: Url = reply.header("location").unwrap().parse().unwrap();
    assert!(
        location
            .as_str()
            .starts_with("http://localhost:5173/login?lang=en"),
        "{location}"
    );
    let pairs: Vec<_> = location.query_pairs().into_owned().collect();
    assert_eq!(pairs[0], ("lang".to_owned(), "en".to_owned()));
    let mut rest = pairs.into_iter().skip(1);
    let found = rest.next().map(|(name, value)| {
        assert_eq!(name, "return_to");
        value
    });
    assert_eq!(rest.next(), None, "{location}");
    found
}

#[test]
fn a_navigation_without_a_session_is_sent_to_the_login_page_with_a_way_back() {
    test_with(with_policies, async |app| {
        for (proto, host, uri, back) in [
            (
                "http",
                "localhost:8000",
                "/app?a=b&c",
                "http://localhost:8000/app?a=b&c",
            ),
            (
                "http",
                "localhost:8080",
                "/app",
                "http://localhost:8080/app",
            ),
            (
                "http",
                "localhost:5173",
                "/tasks",
                "http://localhost:5173/tasks",
            ),
            (
                "http",
                "LOCALHOST:8000",
                "/%2e/a/../b",
                "http://localhost:8000/b",
            ),
        ] {
            let reply = navigate(app, proto, host, uri).await;
            assert_eq!(return_to(&reply).as_deref(), Some(back));
        }
    });
}

#[test]
fn a_way_back_to_another_site_is_left_out() {
    test_with(with_policies, async |app| {
        let own = "localhost:8000";
        for (proto, host, uri) in [
            ("http", "evil.test", "/"),
            ("http", "localhost.evil.test", "/"),
            ("http", "localhost:8000@evil.test", "/"),
            ("http", "good@localhost:8000", "/"),
            ("http", "evil.test/localhost", "/"),
            ("http", "evil.test\\localhost", "/"),
            ("http", "localhost:8000, evil.test", "/"),
            ("https", "localhost:5173", "/"),
            ("javascript", own, "/"),
            ("http:", own, "/"),
            ("", own, "/"),
            ("http", "", "/"),
            ("http", own, ""),
            ("http", own, "/\\evil.test"),
            ("http", own, "//evil.test"),
            ("http", own, "/\t/evil.test"),
            ("http", own, "https:evil.test"),
            ("http", own, "https://good@evil.test/"),
            ("http", own, "@evil.test/"),
            ("http", own, "javascript:alert(1)"),
            ("http", own, "/x#y"),
            ("http", own, &format!("/{}", "x".repeat(16_000))),
        ] {
            let reply = navigate(app, proto, host, uri).await;
            assert_eq!(return_to(&reply), None, "{proto} {host} {uri}");
        }
        // Encoded controls stay encoded.
        for uri in [
            "/%09/evil.test",
            "/%0d%0aset-cookie:x",
            "/%zz",
            "/%2e%2e%2fx;y",
        ] {
            let reply = navigate(app, "http", own, uri).await;
            let expected = format!("http://{own}{uri}");
            assert_eq!(return_to(&reply), Some(expected));
            assert!(reply.set_cookies().is_empty());
        }
    });
}

#[test]
fn a_way_back_that_is_incomplete_repeated_or_from_an_untrusted_peer_is_left_out() {
    let all = [
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "localhost:8000"),
        ("x-forwarded-uri", "/x"),
    ];
    test_with(with_policies, async |app| {
        for left_out in 0..3 {
            let mut headers = vec![GET, NAVIGATION];
            headers.extend(
                all.iter()
                    .enumerate()
                    .filter(|(i, _)| *i != left_out)
                    .map(|(_, h)| *h),
            );
            let reply = ask_with(&app.browser(), PATH, &headers).await;
            assert_eq!(return_to(&reply), None);
            // And with the other two once and this one twice.
            headers.extend([all[left_out], all[left_out]]);
            let reply = ask_with(&app.browser(), PATH, &headers).await;
            assert_eq!(return_to(&reply), None);
        }
    });
    let untrusted = |config: &mut gatelodge::config::Config| {
        with_policies(config);
        config.server.trusted_proxies.clear();
    };
    test_with(untrusted, async |app| {
        let reply = navigate(app, "http", "localhost:8000", "/x").await;
        assert_eq!(return_to(&reply), None);
    });
}

#[test]
fn only_a_navigation_without_a_session_is_redirected() {
    test_with(with_policies, async |app| {
        let ada = app.register("ada").await;
        super::assert_passed(&ask_with(&ada, PATH, &[GET, NAVIGATION]).await, "ada");
        for mode in [
            "cors",
            "no-cors",
            "same-origin",
            "websocket",
            "Navigate",
            "navigate, x",
            "",
        ] {
            let reply = ask_with(&app.browser(), PATH, &[GET, ("sec-fetch-mode", mode)]).await;
            assert_refused(&reply, 401, "UNAUTHENTICATED");
        }
        for headers in [
            &[GET][..],
            &[GET, NAVIGATION, NAVIGATION],
            &[GET, ("accept", "text/html")],
        ] {
            let reply = ask_with(&app.browser(), PATH, headers).await;
            assert_refused(&reply, 401, "UNAUTHENTICATED");
        }
        // Other policies redirect nobody.
        for path in [
            "/forward-auth",
            "/forward-auth-admins",
            "/forward-auth-request",
        ] {
            let reply = ask_with(&app.browser(), path, &[GET, NAVIGATION]).await;
            assert_refused(&reply, 401, "UNAUTHENTICATED");
        }
    });
}
