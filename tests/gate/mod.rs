//! The gate: what a reverse proxy is told about a request, and what everybody may read.

use gatelodge::config::{
    Config,
    gate::{ForwardAuthPolicy, OriginalMethod, Preflight},
};
use reqwest::{Method, header::HeaderName};

use crate::harness::{Browser, Reply, TestApp, raw};

mod answers;
mod bad_input;
mod origin;
mod policies;
mod proxy_advice;
mod public_documents;
mod redirect;
mod sessions;
mod unavailable;

/// The headers that say who is asking, except the token.
const IDENTITY: [&str; 4] = [
    "remote-user",
    "gatelodge-user-id",
    "gatelodge-session-id",
    "gatelodge-roles",
];

/// Makes the test a trusted proxy, and adds a policy of each kind.
fn with_policies(config: &mut Config) {
    trust_the_test(config);
    config.gate.login_url = Some("http://localhost:5173/login?lang=en".parse().unwrap());
    config.gate.forward_auth = vec![
        ForwardAuthPolicy {
            require: Some(serde_json::from_str(r#"["session", "role:admin"]"#).unwrap()),
            ..policy("/forward-auth-admins")
        },
        ForwardAuthPolicy {
            optional: true,
            ..policy("/forward-auth-optional")
        },
        ForwardAuthPolicy {
            redirect: true,
            ..policy("/forward-auth-redirect")
        },
        ForwardAuthPolicy {
            preflight: Preflight::Pass,
            ..policy("/forward-auth-preflight")
        },
        ForwardAuthPolicy {
            method: OriginalMethod::Request,
            ..policy("/forward-auth-request")
        },
    ];
}

fn trust_the_test(config: &mut Config) {
    config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
}

fn policy(path: &str) -> ForwardAuthPolicy {
    ForwardAuthPolicy {
        path: path.to_owned(),
        ..ForwardAuthPolicy::default()
    }
}

/// Asks about a GET of a browser, as a proxy does.
async fn ask(browser: &Browser, path: &str) -> Reply {
    ask_with(browser, path, &[("x-forwarded-method", "GET")]).await
}

/// Asks with these headers, and with the browser's cookies. There is no Origin unless it is in the headers.
async fn ask_with(browser: &Browser, path: &str, headers: &[(&str, &str)]) -> Reply {
    let page = browser.on_page(None);
    let mut request = page.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(name.parse::<HeaderName>().unwrap(), *value);
    }
    // A client that follows redirects would hide them.
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let response = client.execute(request.build().unwrap()).await.unwrap();
    Reply {
        status: response.status(),
        headers: response.headers().clone(),
        text: response.text().await.unwrap(),
    }
}

/// Asserts that an answer is about this user.
#[track_caller]
fn assert_passed(reply: &Reply, username: &str) {
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("remote-user"), Some(username));
    let token = reply.header("authorization").unwrap();
    let token = token.strip_prefix("Bearer ").unwrap();
    assert_eq!(token.split('.').count(), 3, "{token}");
    for name in IDENTITY {
        let values: Vec<_> = reply.headers.get_all(name).iter().collect();
        assert_eq!(values.len(), 1, "{name}: {reply:?}");
        assert!(!values[0].is_empty(), "{name}: {reply:?}");
    }
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.text, "");
}

/// Asserts that an answer lets a stranger pass.
#[track_caller]
fn assert_stranger(reply: &Reply) {
    assert_eq!(reply.status, 200, "{reply:?}");
    for name in IDENTITY {
        let values: Vec<_> = reply.headers.get_all(name).iter().collect();
        assert_eq!(values, ["-"], "{name}: {reply:?}");
    }
    assert_eq!(reply.header("authorization"), None);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

/// Asserts that an answer refuses a request with an error in the contract's form, and says nothing about a user.
#[track_caller]
fn assert_refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.status, status, "{reply:?}");
    assert_eq!(reply.code(), code);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(reply.set_cookies().is_empty());
    for name in IDENTITY {
        assert_eq!(reply.header(name), None, "{name}");
    }
    assert_eq!(reply.header("authorization"), None);
}

/// Sends a request whose target no client library would send as it is. Returns the status and the whole answer.
async fn raw_target(app: &TestApp, method: &str, target: &str, headers: &str) -> (u16, String) {
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: localhost:8000\r\nconnection: close\r\n{headers}\r\n"
    );
    let reply = raw(app.public, request).await;
    (reply.status(), reply.0)
}
