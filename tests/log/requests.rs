//! The line about each answered request: which operation it was, and none for health checks.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::harness::{Served, gatelodge};

fn answered(log: &str) -> Vec<Value> {
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["message"] == "answered").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_of_a_request_has_its_operations_name_and_kind() {
    let served = Served::start(&[]);
    let long_name = format!("query {} {{ me {{ id }} }}", "N".repeat(100));
    for document in [
        "query Who_1 { me { id } }",
        "mutation Leave { logout { loggedOut } }",
        "{ me { id } }",
        &long_name,
        "query Broken { nothing_like_it }",
    ] {
        served.ask(None, document, json!({})).await;
    }
    let (_, log) = served.stop();
    let spans: Vec<_> = answered(&log)
        .iter()
        .map(|line| {
            let span = &line["span"];
            json!([span["kind"], span["operation"]])
        })
        .collect();
    assert_eq!(
        spans[..4],
        [
            json!(["query", "Who_1"]),
            json!(["mutation", "Leave"]),
            json!(["query", null]),
            json!(["query", "N".repeat(64)]),
        ]
    );
    assert_eq!(spans.len(), 5, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_health_check_writes_no_line() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let admin = free.local_addr().unwrap().to_string();
    drop(free);
    let served = Served::start(&[("GATELODGE_ADMIN_LISTEN", &admin)]);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let admin = format!("http://{admin}");
    for base in [&served.url, &admin] {
        for path in ["/healthz", "/readyz"] {
            let reply = client.get(format!("{base}{path}")).send().await.unwrap();
            assert_eq!(reply.status(), 200);
        }
        client.get(format!("{base}/nothing")).send().await.unwrap();
    }
    let (_, log) = served.stop();
    let paths: Vec<_> = answered(&log)
        .iter()
        .map(|line| line["span"]["path"].clone())
        .collect();
    assert_eq!(paths, ["/nothing", "/nothing"], "{log}");
}

#[test]
fn a_log_for_people_has_no_colours_where_it_is_a_file() {
    for no_color in [None, Some("1")] {
        let directory = tempfile::tempdir().unwrap();
        let mut command: Command = gatelodge(&directory);
        command
            .env("GATELODGE_LOG_FORMAT", "text")
            .env("RUST_LOG", "info")
            .env("DATABASE_URL", "sqlite://new.db?mode=rwc")
            .arg("migrate")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        let output = command.output().unwrap();
        assert!(output.status.success());
        let text = [output.stdout, output.stderr].concat();
        assert!(!text.is_empty());
        assert!(!text.contains(&0x1b), "{}", String::from_utf8_lossy(&text));
    }
}
