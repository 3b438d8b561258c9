//! The session cookie: name and flags by the public URL, and what counts as one.

use gatelodge::config::{Config, browser::SameSite};
use serde_json::json;

use crate::harness::{TestApp, raw, test, test_with};

const PASSWORD: &str = "correct horse";

fn https(config: &mut Config) {
    config.browser.public_url = "https://auth.example.com".parse().unwrap();
}

/// The cookies that a login and a logout set, the token blotted out.
async fn cookies_of(app: &TestApp) -> [Vec<String>; 2] {
    let browser = app.browser();
    browser.registered("ada", PASSWORD).await;
    let login = browser.login_reply("ada", PASSWORD).await;
    let query = json!({ "query": "mutation { logout { loggedOut } }" });
    let logout = browser.post(query.to_string()).await;
    [login, logout].map(|reply| {
        let blot = |cookie: String| {
            let (name, rest) = cookie.split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            format!("{name}=<{}>;{attributes}", value.len())
        };
        let mut cookies: Vec<_> = reply.set_cookies().into_iter().map(blot).collect();
        cookies.sort_by_key(|cookie| cookie.contains("-device"));
        cookies
    })
}

#[test]
fn a_browser_that_keeps_no_cookie_logs_in_and_stays_signed_out() {
    test(async |app| {
        app.browser().registered("ada", PASSWORD).await;
        // It keeps its connection, which must not stand for a session.
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
        // Without Partitioned a cookie of another jar would be cleared, and this one stay.
        assert_eq!(
            logout,
            [
                "__Host-gatelodge=<0>; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=0"
            ]
        );
    });
}

#[test]
fn a_token_that_is_not_exact_is_nobodys() {
    test(async |app| {
        let browser = app.browser();
        browser.registered("ada", PASSWORD).await;
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

/// Who a request with these Cookie header lines is.
async fn who(app: &TestApp, lines: &[Vec<u8>]) -> bool {
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
fn of_two_cookies_of_our_name_neither_counts() {
    test(async |app| {
        let (ada, mallory) = (app.browser(), app.browser());
        ada.registered("ada", PASSWORD).await;
        mallory.registered("mallory", PASSWORD).await;
        let pair = |token: String| format!("gatelodge={token}").into_bytes();
        let (ours, theirs) = (pair(ada.token().unwrap()), pair(mallory.token().unwrap()));
        let both = |one: &[u8], two: &[u8]| [one, b"; ", two].concat();
        assert!(who(app, &[ours.clone()]).await);
        assert!(who(app, &[both(b"a=1", &ours)]).await);
        assert!(who(app, &[b"a=1".to_vec(), ours.clone()]).await);
        assert!(!who(app, &[both(&ours, &theirs)]).await);
        assert!(!who(app, &[both(&theirs, &ours)]).await);
        assert!(!who(app, &[ours.clone(), theirs.clone()]).await);
        assert!(!who(app, &[ours.clone(), ours.clone()]).await);
        assert!(!who(app, &[both(&ours, b"gatelodge=")]).await);
    });
}

#[test]
fn a_name_that_only_a_lenient_parser_takes_for_ours_is_not_ours() {
    test_with(https, async |app| {
        let browser = app.browser();
        browser.registered("ada", PASSWORD).await;
        let token = browser.token().unwrap();
        let named = |name: &str| format!("{name}={token}").into_bytes();
        assert!(who(app, &[named("__Host-gatelodge")]).await);
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
            assert!(!who(app, &[named(name)]).await, "{name:?}");
            // Beside the real one it changes nothing, either.
            let beside = [named(name), b"; ".to_vec(), named("__Host-gatelodge")].concat();
            assert!(who(app, &[beside]).await, "{name:?}");
        }
    });
}
