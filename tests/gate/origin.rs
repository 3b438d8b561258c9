//! Cross-site requests: an unsafe one, or one whose method is not known, must come from an allowed page.

use gatelodge::config::Config;

use super::{ask_with, assert_passed, assert_refused, assert_stranger, raw_target, with_policies};
use crate::harness::{Reply, test, test_with};

const EVIL: (&str, &str) = ("origin", "https://evil.test");
const CROSS: (&str, &str) = ("sec-fetch-site", "cross-site");
const ALLOWED: (&str, &str) = ("origin", "http://localhost:5173");
const OWN: (&str, &str) = ("origin", "http://localhost:8000");

/// Asserts that a request was refused before anybody looked for its session.
#[track_caller]
fn assert_origin_refused(reply: &Reply) {
    assert_refused(reply, 403, "FORBIDDEN");
    assert_eq!(reply.header("access-control-allow-origin"), None);
}

#[test]
fn a_safe_request_passes_from_every_page() {
    test_with(with_policies, async |app| {
        let ada = app.register("ada").await;
        for method in ["GET", "HEAD", "OPTIONS"] {
            let method = ("x-forwarded-method", method);
            for page in [EVIL, CROSS, ALLOWED] {
                let reply = ask_with(&ada, "/forward-auth", &[method, page]).await;
                assert_passed(&reply, "ada");
            }
        }
    });
}

#[test]
fn an_unsafe_request_passes_from_allowed_pages_and_from_programs_only() {
    test_with(with_policies, async |app| {
        let ada = app.register("ada").await;
        let methods = [
            "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get", "Get",
            "GET ,", "GET, GET", "", "\"GET\"", "GETx",
        ];
        for method in methods {
            let method = ("x-forwarded-method", method);
            for path in [
                "/forward-auth",
                "/forward-auth-optional",
                "/forward-auth-preflight",
            ] {
                for page in [
                    &[method, EVIL][..],
                    &[method, CROSS],
                    &[method, ("sec-fetch-site", "same-site")],
                    &[method, ("origin", "null")],
                    &[method, EVIL, ALLOWED],
                    &[method, EVIL, ("sec-fetch-site", "same-origin")],
                ] {
                    assert_origin_refused(&ask_with(&ada, path, page).await);
                    let stranger = ask_with(&app.browser(), path, page).await;
                    assert_origin_refused(&stranger);
                }
                for page in [
                    &[method][..],
                    &[method, ALLOWED, CROSS],
                    &[method, OWN],
                    &[method, ("sec-fetch-site", "same-origin")],
                    &[method, ("sec-fetch-site", "none")],
                ] {
                    assert_passed(&ask_with(&ada, path, page).await, "ada");
                }
            }
        }
    });
}

#[test]
fn a_method_that_is_missing_repeated_or_from_an_untrusted_peer_counts_as_unsafe() {
    let one_proxy = |config: &mut Config| {
        with_policies(config);
        config.server.trusted_proxies = vec!["192.0.2.1/32".parse().unwrap()];
    };
    let get = ("x-forwarded-method", "GET");
    for (change, headers) in [
        (&with_policies as &dyn Fn(&mut Config), &[][..]),
        (&with_policies, &[get, get]),
        (&one_proxy, &[get]),
        (&|_: &mut Config| {}, &[get]),
    ] {
        test_with(change, async |app| {
            let ada = app.register("ada").await;
            let from = |page| [headers, &[page]].concat();
            for page in [EVIL, CROSS] {
                let reply = ask_with(&ada, "/forward-auth", &from(page)).await;
                assert_origin_refused(&reply);
            }
            let reply = ask_with(&ada, "/forward-auth", &from(ALLOWED)).await;
            assert_passed(&reply, "ada");
        });
    }
}

#[test]
fn a_policy_may_take_the_method_of_the_request_itself() {
    test_with(with_policies, async |app| {
        let token = app.register("ada").await.token().unwrap();
        for (method, expected) in [
            ("GET", 200),
            ("HEAD", 200),
            ("OPTIONS", 200),
            ("POST", 403),
            ("DELETE", 403),
            ("TRACE", 403),
            ("get", 403),
        ] {
            let headers = format!(
                "cookie: gatelodge={token}\r\norigin: https://evil.test\r\nx-forwarded-method: GET\r\n"
            );
            let path = "/forward-auth-request/x";
            let (status, _) = raw_target(app, method, path, &headers).await;
            assert_eq!(status, expected, "{method}");
            let headers = headers.replace("GET", "POST");
            let (status, _) = raw_target(app, method, path, &headers).await;
            assert_eq!(status, expected, "{method}, forwarded as POST");
        }
    });
}

#[test]
fn the_origin_is_checked_before_the_session_and_the_session_before_the_role() {
    test_with(with_policies, async |app| {
        let eve = app.register("eve").await;
        let post = ("x-forwarded-method", "POST");
        for path in [
            "/forward-auth-admins",
            "/forward-auth-redirect",
            "/forward-auth-optional",
        ] {
            for browser in [&eve.browser, &app.browser()] {
                let navigation = ("sec-fetch-mode", "navigate");
                let reply = ask_with(browser, path, &[post, EVIL, navigation]).await;
                assert_origin_refused(&reply);
            }
        }
        let reply = ask_with(&app.browser(), "/forward-auth-admins", &[post]).await;
        assert_refused(&reply, 401, "UNAUTHENTICATED");
        let reply = ask_with(&eve, "/forward-auth-admins", &[post]).await;
        assert_refused(&reply, 403, "FORBIDDEN");
    });
}

#[test]
fn a_preflight_passes_as_a_strangers_only_where_a_policy_says_so() {
    test_with(with_policies, async |app| {
        let ada = app.register("ada").await;
        let options = ("x-forwarded-method", "OPTIONS");
        let wanted = ("access-control-request-method", "DELETE");
        for page in [EVIL, ALLOWED, ("origin", "null")] {
            let preflight = [options, wanted, page];
            for browser in [&app.browser(), &ada.browser] {
                let reply = ask_with(browser, "/forward-auth-preflight", &preflight).await;
                assert_stranger(&reply);
            }
            let reply = ask_with(&app.browser(), "/forward-auth", &preflight).await;
            assert_refused(&reply, 401, "UNAUTHENTICATED");
        }
        // What is no preflight needs a session.
        for headers in [
            &[options, wanted][..],
            &[options, EVIL],
            &[options, wanted, EVIL, ALLOWED],
            &[options, wanted, wanted, EVIL],
        ] {
            let reply = ask_with(&app.browser(), "/forward-auth-preflight", headers).await;
            assert_refused(&reply, 401, "UNAUTHENTICATED");
        }
        for method in ["GET", "POST", "options"] {
            let headers = [("x-forwarded-method", method), wanted, ALLOWED];
            let reply = ask_with(&app.browser(), "/forward-auth-preflight", &headers).await;
            assert_refused(&reply, 401, "UNAUTHENTICATED");
        }
        // A preflight that only pretends to be one.
        let reply = ask_with(&app.browser(), "/forward-auth-preflight", &[wanted, EVIL]).await;
        assert_origin_refused(&reply);
    });
}

#[test]
fn a_websocket_of_another_site_is_refused() {
    test_with(with_policies, async |app| {
        let ada = app.register("ada").await;
        let get = ("x-forwarded-method", "GET");
        for sign in [
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("upgrade", "WebSocket"),
            ("sec-fetch-mode", "websocket"),
        ] {
            let reply = ask_with(&ada, "/forward-auth", &[get, sign, EVIL]).await;
            assert_origin_refused(&reply);
            for page in [&[get, sign][..], &[get, sign, ALLOWED], &[get, sign, OWN]] {
                assert_passed(&ask_with(&ada, "/forward-auth", page).await, "ada");
            }
        }
    });
}

#[test]
fn pages_of_allowed_origins_can_read_every_refusal() {
    test_with(with_policies, async |app| {
        let eve = app.register("eve").await;
        let get = ("x-forwarded-method", "GET");
        for (browser, path, status, code) in [
            (&app.browser(), "/forward-auth", 401, "UNAUTHENTICATED"),
            (&eve.browser, "/forward-auth-admins", 403, "FORBIDDEN"),
            (&eve.browser, "/forward-auth-x", 403, "FORBIDDEN"),
        ] {
            let reply = ask_with(browser, path, &[get, ALLOWED]).await;
            assert_refused(&reply, status, code);
            for (name, value) in [
                ("access-control-allow-origin", ALLOWED.1),
                ("access-control-allow-credentials", "true"),
                ("x-content-type-options", "nosniff"),
            ] {
                assert_eq!(reply.header(name), Some(value));
            }
            let vary: Vec<_> = reply.headers.get_all("vary").iter().collect();
            assert_eq!(vary, ["cookie, origin", "sec-fetch-mode, sec-fetch-site"]);
            let reply = ask_with(browser, path, &[get, EVIL]).await;
            assert_refused(&reply, status, code);
            assert_eq!(reply.header("access-control-allow-origin"), None);
        }
    });
}

#[test]
fn from_curl_a_cookie_is_enough() {
    test(async |app| {
        let ada = app.register("ada").await;
        assert_passed(&ask_with(&ada, "/forward-auth", &[]).await, "ada");
    });
}
