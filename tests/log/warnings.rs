//! A request that looks like an attack is logged once.

use reqwest::Client;
use serde_json::{Value, json};

use crate::harness::Program;

/// Sends a query with a header, several times.
async fn send(program: &Program, header: &str, value: &str, times: usize) {
    let client = Client::builder().no_proxy().build().unwrap();
    for _ in 0..times {
        let request = client
            .post(format!("{}/graphql", program.url))
            .header(header, value)
            .json(&json!({ "query": "mutation { login(input: { username: \"a\", password: \"b\" }) { userErrors { code } } }" }));
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
}

/// Returns the warnings of a log that contain a word.
fn warnings(log: &str, word: &str) -> Vec<Value> {
    log.lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["level"] == "WARN" && line["message"].as_str().unwrap().contains(word))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cookies_with_our_name_give_one_warning_per_request_without_their_values() {
    let program = Program::start(&[]);
    let token = "A".repeat(43);
    let cookies = format!("gatelodge={token}; gatelodge={token}");
    send(&program, "cookie", &cookies, 2).await;
    send(&program, "cookie", &format!("gatelodge={token}"), 1).await;
    let (status, log) = program.stop();
    assert_eq!(status, Some(0));
    let warnings = warnings(&log, "two cookies");
    assert_eq!(warnings.len(), 2, "{log}");
    assert_eq!(warnings[0]["name"], "gatelodge");
    assert!(
        warnings[0]["span"]["id"].is_string(),
        "it names the request"
    );
    assert!(!log.contains(&token));
}

#[tokio::test(flavor = "multi_thread")]
async fn forwarding_headers_from_an_untrusted_peer_give_one_warning_in_all() {
    let program = Program::start(&[]);
    send(&program, "x-forwarded-for", "203.0.113.77", 5).await;
    let (_, log) = program.stop();
    let warnings = warnings(&log, "orward");
    assert_eq!(warnings.len(), 1, "{log}");
    assert!(
        !log.contains("203.0.113.77"),
        "values from untrusted peers are not logged"
    );
}
