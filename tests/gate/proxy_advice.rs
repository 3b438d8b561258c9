//! What the operator sees of forward-auth: advice about the proxy, refusals in the log, and counts.

use reqwest::Client;
use serde_json::Value;

use super::{ask, ask_with, with_policies};
use crate::harness::{PASSWORD, Program, test_with};

/// Sends a request to a program, with headers.
async fn send(program: &Program, path: &str, headers: &[(&str, &str)]) -> u16 {
    let client = Client::builder().no_proxy().build().unwrap();
    let mut request = client.get(format!("{}{path}", program.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().status().as_u16()
}

fn lines(log: &str) -> Vec<Value> {
    let lines = log.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Returns the warnings about the proxy.
fn advice(log: &str) -> Vec<Value> {
    let mut lines = lines(log);
    lines.retain(|line| {
        let message = line["message"].as_str().unwrap();
        line["level"] == "WARN" && message.contains("X-Forwarded-Method")
    });
    lines
}

const LINK: [(&str, &str); 2] = [
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-mode", "navigate"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_link_from_another_site_gives_one_line_of_advice() {
    let program = Program::start(&[]);
    // Requests that are refused for other reasons.
    for headers in [
        &[("origin", "https://evil.test")][..],
        &[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "no-cors"),
        ],
        &[LINK[0], LINK[1], ("origin", "https://evil.test")],
    ] {
        assert_eq!(send(&program, "/forward-auth", headers).await, 403);
    }
    // A link within the site.
    let own = [("sec-fetch-site", "same-origin"), LINK[1]];
    assert_eq!(send(&program, "/forward-auth", &own).await, 401);
    let (_, log) = program.stop();
    assert_eq!(advice(&log).len(), 0, "{log}");

    let program = Program::start(&[]);
    for path in [
        "/forward-auth",
        "/forward-auth/x?y=secret-of-the-app",
        "/forward-auth",
    ] {
        let get = [LINK[0], LINK[1], ("x-forwarded-method", "GET")];
        assert_eq!(send(&program, path, &get).await, 403);
    }
    let (_, log) = program.stop();
    let advice = advice(&log);
    assert_eq!(advice.len(), 1, "{log}");
    let message = advice[0]["message"].as_str().unwrap();
    assert!(message.contains("GATELODGE_TRUSTED_PROXIES"), "{message}");
    assert!(!log.contains("secret-of-the-app"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_that_does_not_name_the_method_gives_other_advice() {
    let program = Program::start(&[("GATELODGE_TRUSTED_PROXIES", "127.0.0.1")]);
    assert_eq!(send(&program, "/forward-auth", &LINK).await, 403);
    let named = [LINK[0], LINK[1], ("x-forwarded-method", "GET")];
    assert_eq!(send(&program, "/forward-auth", &named).await, 401);
    let (_, log) = program.stop();
    let advice = advice(&log);
    assert_eq!(advice.len(), 1, "{log}");
    let message = advice[0]["message"].as_str().unwrap();
    assert!(!message.contains("GATELODGE_TRUSTED_PROXIES"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_refusals_without_the_original_path_and_no_passes() {
    let program = Program::start(&[]);
    let register =
        "mutation($n: String!, $p: String!) { register(input: { username: $n, password: $p,
        confirmPassword: $p }) { userErrors { code } } }";
    let variables = serde_json::json!({ "n": "lovelace", "p": PASSWORD });
    let (cookie, _) = program.ask(None, register, variables).await;
    let cookie = [("cookie", &*cookie.unwrap())];
    let path = "/forward-auth/reset/the-secret-of-a-link?token=another-secret";
    assert_eq!(send(&program, path, &cookie).await, 200);
    assert_eq!(send(&program, path, &[]).await, 401);
    assert_eq!(
        send(&program, "/forward-auth-x/the-secret-of-a-link", &cookie).await,
        403
    );
    let (_, log) = program.stop();
    for secret in ["secret", "lovelace"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    let answered: Vec<_> = lines(&log)
        .into_iter()
        .filter(|line| line["message"] == "answered" && line["span"]["path"] != "/graphql")
        .map(|line| {
            (
                line["status"].as_u64().unwrap(),
                line["span"]["path"].clone(),
            )
        })
        .collect();
    let expected = [
        (401, "/forward-auth".into()),
        (403, "/forward-auth-x".into()),
    ];
    assert_eq!(answered, expected, "{log}");
}

#[test]
fn answers_are_counted_by_outcome_and_by_nothing_else() {
    test_with(with_policies, async |app| {
        let ada = app.register("ada").await;
        let stranger = app.browser();
        let count = async |outcome: &str| {
            let metrics = app.metrics().await;
            let name = format!("gatelodge_forward_auth_total{{outcome=\"{outcome}\"}} ");
            let (_, value) = metrics
                .split_once(&name)
                .unwrap_or_else(|| panic!("{metrics}"));
            value.lines().next().unwrap().parse::<u32>().unwrap()
        };
        let navigation = [
            ("x-forwarded-method", "GET"),
            ("sec-fetch-mode", "navigate"),
        ];
        let outcomes = [
            "passed",
            "stranger",
            "redirected",
            "unauthenticated",
            "forbidden",
            "unavailable",
        ];
        for outcome in outcomes {
            assert_eq!(count(outcome).await, 0);
        }
        for _ in 0..2 {
            ask(&ada, "/forward-auth").await;
        }
        ask(&stranger, "/forward-auth-optional").await;
        ask_with(&stranger, "/forward-auth-redirect", &navigation).await;
        ask(&stranger, "/forward-auth").await;
        ask(&ada, "/forward-auth-admins").await;
        app.advance(chrono::TimeDelta::minutes(1));
        app.database
            .db_execute("ALTER TABLE sessions RENAME TO gone")
            .await;
        ask(&ada, "/forward-auth").await;
        app.database
            .db_execute("ALTER TABLE gone RENAME TO sessions")
            .await;
        for outcome in outcomes {
            let expected = if outcome == "passed" { 2 } else { 1 };
            assert_eq!(count(outcome).await, expected, "{outcome}");
        }
        let metrics = app.metrics().await;
        for word in ["ada", "/forward-auth"] {
            assert!(!metrics.contains(word), "{word}");
        }
    });
}
