//! What looks like an attack is a line in the log, and one only.

use reqwest::Client;
use serde_json::{Value, json};

use crate::harness::Served;

/// Sends a query with a header, as often as wanted.
async fn send(served: &Served, header: &str, value: &str, times: usize) {
    let client = Client::builder().no_proxy().build().unwrap();
    for _ in 0..times {
        let request = client
            .post(format!("{}/graphql", served.url))
            .header(header, value)
            .json(&json!({ "query": "mutation { login(input: { username: \"a\", password: \"b\" }) { userErrors { code } } }" }));
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
}

/// The warnings in a log that hold a word.
fn warnings(log: &str, word: &str) -> Vec<Value> {
    log.lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["level"] == "WARN" && line["message"].as_str().unwrap().contains(word))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cookies_of_our_name_are_one_warning_a_request_without_their_values() {
    let served = Served::start(&[]);
    let token = "A".repeat(43);
    let cookies = format!("gatelodge={token}; gatelodge={token}");
    send(&served, "cookie", &cookies, 2).await;
    send(&served, "cookie", &format!("gatelodge={token}"), 1).await;
    let (status, log) = served.stop();
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
async fn forwarding_headers_of_a_stranger_are_one_warning_however_many_come() {
    let served = Served::start(&[]);
    send(&served, "x-forwarded-for", "203.0.113.77", 5).await;
    let (_, log) = served.stop();
    let warnings = warnings(&log, "orward");
    assert_eq!(warnings.len(), 1, "{log}");
    assert!(
        !log.contains("203.0.113.77"),
        "what strangers say is not logged"
    );
}
