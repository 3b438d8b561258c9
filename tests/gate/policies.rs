//! The policy is chosen by the first segment of the raw path. Nothing that a visitor writes changes it.

use gatelodge::auth::admin::actor::Actor;

use super::{ask, assert_passed, assert_refused, raw_target, with_policies};
use crate::harness::{TestApp, test, test_with};

const POLICIES: [&str; 6] = [
    "/forward-auth",
    "/forward-auth-admins",
    "/forward-auth-optional",
    "/forward-auth-redirect",
    "/forward-auth-preflight",
    "/forward-auth-request",
];

/// What a visitor can add to a path, or a proxy for them.
const SUFFIXES: [&str; 10] = [
    "",
    "/",
    "/secret",
    "/../forward-auth-optional",
    "/../../forward-auth-optional/",
    "/%2e%2e/forward-auth-optional",
    "/..%2fforward-auth-optional",
    "//forward-auth-optional",
    "/..;/forward-auth-optional",
    "/.well-known/jwks.json",
];

const QUERIES: [&str; 9] = [
    "",
    "?",
    "?optional=1",
    "?role=&require=none",
    "?redirect=1&preflight=pass&method=request",
    "?optional=true&optional=false",
    "?path=/forward-auth-optional",
    "?X-Forwarded-Method=GET",
    "?/../forward-auth-optional",
];

const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND",
];

/// Cookies without a live session: none, wrong ones, and those of sessions that ended.
async fn dead_cookies(app: &TestApp) -> Vec<String> {
    let revoked = app.register_admin("revoked").await;
    let revoked_token = revoked.token().unwrap();
    revoked.logout().await;
    let disabled = app.register_admin("disabled").await;
    let disabled_token = disabled.token().unwrap();
    let disable = app
        .auth
        .disable_user(&Actor::OPERATOR, disabled.id.parse().ok());
    disable.await.unwrap();
    let line = |value: &str| format!("cookie: gatelodge={value}\r\n");
    let twice = format!("{revoked_token}; gatelodge={revoked_token}");
    vec![
        String::new(),
        line(""),
        line("x"),
        line(&"A".repeat(43)),
        line(&revoked_token),
        line(&twice),
        line(&disabled_token),
        format!("authorization: Bearer {revoked_token}\r\n"),
    ]
}

/// Headers of a proxy and of a browser that change what is known of the original request.
const CONTEXTS: [&str; 5] = [
    "",
    "x-forwarded-method: GET\r\n",
    "x-forwarded-method: OPTIONS\r\naccess-control-request-method: GET\r\n",
    "x-forwarded-method: OPTIONS\r\norigin: https://evil.test\r\naccess-control-request-method: GET\r\n",
    "x-forwarded-method: GET\r\nsec-fetch-mode: navigate\r\n",
];

#[test]
fn nobody_passes_without_a_live_session_but_by_a_policy_that_says_so() {
    test_with(with_policies, async |app| {
        let cookies = dead_cookies(app).await;
        let mut targets = SUFFIXES
            .iter()
            .flat_map(|suffix| QUERIES.iter().map(move |query| format!("{suffix}{query}")))
            .cycle();
        let mut passed = 0;
        for policy in POLICIES {
            for cookie in &cookies {
                for context in CONTEXTS {
                    for method in METHODS {
                        let target = format!("{policy}{}", targets.next().unwrap());
                        let headers = format!("{cookie}{context}");
                        let (status, _) = raw_target(app, method, &target, &headers).await;
                        let is_preflight =
                            context.contains("origin") && context.contains("OPTIONS");
                        let by_own_method = policy == "/forward-auth-request";
                        let is_foreign = context.contains("evil");
                        let is_safe = if by_own_method {
                            matches!(method, "GET" | "HEAD" | "OPTIONS")
                        } else {
                            !context.is_empty()
                        };
                        let expected = match policy {
                            "/forward-auth-preflight" if is_preflight => 200,
                            _ if is_foreign && !is_safe => 403,
                            "/forward-auth-optional" => 200,
                            "/forward-auth-redirect" if context.contains("navigate") => 303,
                            _ => 401,
                        };
                        assert_eq!(status, expected, "{method} {target} {headers}");
                        passed += u32::from(status == 200);
                    }
                }
            }
        }
        assert!(passed > 0);
    });
}

#[test]
fn what_follows_the_first_segment_changes_no_answer() {
    test_with(with_policies, async |app| {
        let token = app.register("ada").await.token().unwrap();
        let cookie = format!("cookie: gatelodge={token}\r\nx-forwarded-method: GET\r\n");
        let stranger = "x-forwarded-method: GET\r\n";
        for policy in POLICIES {
            for (headers, expected) in [
                (&*cookie, if policy.ends_with("admins") { 403 } else { 200 }),
                (
                    stranger,
                    if policy.ends_with("optional") {
                        200
                    } else {
                        401
                    },
                ),
            ] {
                for suffix in SUFFIXES {
                    for query in QUERIES {
                        let target = format!("{policy}{suffix}{query}");
                        let (status, answer) = raw_target(app, "GET", &target, headers).await;
                        assert_eq!(status, expected, "{target}");
                        let is_ada = answer.contains("remote-user: ada\r\n");
                        assert_eq!(is_ada, expected == 200 && headers == cookie, "{target}");
                    }
                }
            }
        }
    });
}

#[test]
fn a_path_without_a_policy_is_403_and_a_path_of_nobody_is_404() {
    test_with(with_policies, async |app| {
        let ada = app.register_admin("ada").await;
        for path in [
            "/forward-auth-",
            "/forward-auth-x",
            "/forward-auth-Admins",
            "/forward-auth-admins.",
            "/forward-authx",
            "/forward-auth-x/forward-auth",
        ] {
            assert_refused(&ask(&ada, path).await, 403, "FORBIDDEN");
            assert_refused(&ask(&app.browser(), path).await, 403, "FORBIDDEN");
        }
        let token = ada.token().unwrap();
        let cookie = format!("cookie: gatelodge={token}\r\nx-forwarded-method: GET\r\n");
        for (target, expected) in [
            ("//forward-auth", 404),
            ("/./forward-auth", 404),
            ("/%66orward-auth", 404),
            ("/Forward-Auth", 404),
            ("/x/../forward-auth", 404),
            ("/forward-auth%2f..", 403),
            ("/forward-auth;x", 403),
            ("/forward-auth-admins%2f", 403),
            ("http://localhost:8000/forward-auth/x", 200),
            ("http://localhost:8000/forward-auth-x", 403),
        ] {
            let (status, answer) = raw_target(app, "GET", target, &cookie).await;
            assert_eq!(status, expected, "{target}");
            assert_eq!(answer.contains("remote-user"), expected == 200, "{target}");
        }
    });
}

#[test]
fn without_settings_there_is_one_policy() {
    test(async |app| {
        let ada = app.register("ada").await;
        assert_passed(&ask(&ada, "/forward-auth").await, "ada");
        assert_refused(&ask(&ada, "/forward-auth-optional").await, 403, "FORBIDDEN");
    });
}

#[test]
fn every_method_is_answered_alike() {
    test_with(with_policies, async |app| {
        let token = app.register("ada").await.token().unwrap();
        let cookie = format!("cookie: gatelodge={token}\r\n");
        for method in METHODS {
            let (status, answer) = raw_target(app, method, "/forward-auth", &cookie).await;
            assert_eq!(status, 200, "{method}");
            assert!(answer.contains("remote-user: ada\r\n"), "{method}");
            let (status, answer) = raw_target(app, method, "/forward-auth", "").await;
            assert_eq!(status, 401, "{method}");
            let has_body = answer.contains("UNAUTHENTICATED");
            assert_eq!(has_body, method != "HEAD", "{method}: {answer}");
        }
    });
}
