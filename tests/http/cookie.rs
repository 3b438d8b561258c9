//! The session cookie: name and flags for each public URL, and which cookies are accepted.

use gatelodge::config::{Config, browser::SameSite};
use serde_json::json;

use crate::harness::{PASSWORD, TestApp, raw, test, test_with};

fn https(config: &mut Config) {
    config.browser.public_url = "https://auth.example.com".parse().unwrap();
}

/// Returns the cookies that a login and a logout set, with the token replaced.
async fn cookies_of(app: &TestApp) -> [Vec<String>; 2] {
    let browser = app.register("ada").await;
    let login = browser.login_reply("ada", PASSWORD).await;
    let query = json!({ "query": "mutation { logout { loggedOut } }" });
    let logout = browser.post(query.to_string()).await;
    [login, logout].map(|reply| {
        let mask = |cookie: String| {
            let (name, rest) = cookie.split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            format!("{name}=<{}>;{attributes}", value.len())
        };
        let mut cookies: Vec<_> = reply.set_cookies().into_iter().map(mask).collect();
        cookies.sort_by_key(|cookie| cookie.contains("-device"));
        cookies
    })
}

#[test]
fn a_browser_that_keeps_no_cookie_logs_in_and_stays_signed_out() {
    test(async |app| {
        app.register("ada").await;
        // It keeps its connection, which must not identify a session.
        let browser = app.browser();
        for _ in 0..2 {
            let login = browser.login("ada", PASSWORD).await;
            assert_eq!(login["user"]["username"], "ada");
            browser.jar.lock().unwrap().clear();
            let reply = browser.run("{ me { id } session { id } }", json!({})).await;
            assert_eq!(reply.data(), json!({ "me": null, "session": null }));
            assert_eq!(reply.json()["extensions"]["identity"], "anonymous");
            assert!(!browser.logout().await);
        }
    });
}

#[test]
fn over_http_on_loopback_the_cookie_has_a_plain_name() {
    test(async |app| {
        let [login, logout] = cookies_of(app).await;
        assert_eq!(
            login,
            [
                "gatelodge=<43>; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000",
                "gatelodge-device=<48>; HttpOnly; SameSite=Lax; Path=/; Max-Age=34560000"
            ]
        );
        assert_eq!(
            logout,
            ["gatelodge=<0>; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"]
        );
    });
}

#[test]
fn over_https_the_cookie_is_bound_to_the_host() {
    test_with(https, async |app| {
        let [login, logout] = cookies_of(app).await;
        assert_eq!(
            login,
            [
                "__Host-gatelodge=<43>; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000",
                "__Host-gatelodge-device=<48>; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=34560000"
            ]
        );
        assert_eq!(
            logout,
            ["__Host-gatelodge=<0>; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"]
        );
    });
}

#[test]
fn a_frontend_on_another_site_gets_a_partitioned_cookie() {
    let change = |config: &mut Config| {
        https(config);
        config.browser.cookie_samesite = SameSite::None;
    };
    test_with(change, async |app| {
        let [login, logout] = cookies_of(app).await;
        assert_eq!(
            login,
            [
                "__Host-gatelodge=<43>; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=2592000",
                "__Host-gatelodge-device=<48>; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=34560000"
            ]
        );
        // Without Partitioned the browser would clear a cookie of another jar, and keep this one.
        assert_eq!(
            logout,
            [
                "__Host-gatelodge=<0>; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0"
            ]
        );
    });
}

#[test]
fn a_token_that_does_not_match_exactly_is_signed_out() {
    test(async |app| {
        let browser = app.register("ada").await;
        let token = browser.token().unwrap();
        let flipped: String = token
            .chars()
            .map(|char| {
                if char.is_lowercase() {
                    char.to_ascii_uppercase()
                } else {
                    char.to_ascii_lowercase()
                }
            })
            .collect();
        let last = if token.ends_with('A') { 'E' } else { 'A' };
        let changed = format!("{}{last}", &token[..42]);
        for other in [
            flipped,
            changed,
            format!("{token}="),
            format!("{token}A"),
            token[..42].to_owned(),
            format!("\"{token}\""),
            format!("%{token}"),
            "x".repeat(8192),
            String::new(),
            "a=b=c".to_owned(),
        ] {
            browser.set_token(&other);
            assert_eq!(browser.me().await, None, "{other}");
        }
        browser.set_token(&token);
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
    });
}

/// Returns whether a request with these Cookie header lines is signed in.
async fn is_signed_in(app: &TestApp, lines: &[Vec<u8>]) -> bool {
    let mut request = b"POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n".to_vec();
    for line in lines {
        request.extend_from_slice(b"cookie: ");
        request.extend_from_slice(line);
        request.extend_from_slice(b"\r\n");
    }
    let body = r#"{"query":"{me{username}}"}"#;
    request.extend_from_slice(format!("content-length: {}\r\n\r\n{body}", body.len()).as_bytes());
    let reply = raw(app.public, request).await;
    assert_eq!(reply.status(), 200, "{reply:?}");
    reply.body().contains("ada")
}

#[test]
fn two_cookies_with_our_name_are_both_ignored() {
    test(async |app| {
        let (ada, mallory) = (app.browser(), app.browser());
        ada.must_register("ada", PASSWORD).await;
        mallory.must_register("mallory", PASSWORD).await;
        let pair = |token: String| format!("gatelodge={token}").into_bytes();
        let (ours, theirs) = (pair(ada.token().unwrap()), pair(mallory.token().unwrap()));
        let both = |one: &[u8], two: &[u8]| [one, b"; ", two].concat();
        assert!(is_signed_in(app, &[ours.clone()]).await);
        assert!(is_signed_in(app, &[both(b"a=1", &ours)]).await);
        assert!(is_signed_in(app, &[b"a=1".to_vec(), ours.clone()]).await);
        assert!(!is_signed_in(app, &[both(&ours, &theirs)]).await);
        assert!(!is_signed_in(app, &[both(&theirs, &ours)]).await);
        assert!(!is_signed_in(app, &[ours.clone(), theirs.clone()]).await);
        assert!(!is_signed_in(app, &[ours.clone(), ours.clone()]).await);
        assert!(!is_signed_in(app, &[both(&ours, b"gatelodge=")]).await);
    });
}

#[test]
fn a_cookie_name_that_only_a_lenient_parser_accepts_is_ignored() {
    test_with(https, async |app| {
        let browser = app.register("ada").await;
        let token = browser.token().unwrap();
        let named = |name: &str| format!("{name}={token}").into_bytes();
        assert!(is_signed_in(app, &[named("__Host-gatelodge")]).await);
        for name in [
            "\u{2000}__Host-gatelodge",
            "__Host-gatelodge\u{2000}",
            "%5F%5FHost-gatelodge",
            "__host-gatelodge",
            "__Host-gatelodge\u{A0}",
            "gatelodge",
            "__Secure-gatelodge",
            "",
            "x__Host-gatelodge",
        ] {
            assert!(!is_signed_in(app, &[named(name)]).await, "{name:?}");
            // Beside the real cookie it changes nothing, either.
            let beside = [named(name), b"; ".to_vec(), named("__Host-gatelodge")].concat();
            assert!(is_signed_in(app, &[beside]).await, "{name:?}");
        }
    });
}
