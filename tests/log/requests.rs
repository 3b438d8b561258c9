//! The log line of each answered request names its operation. Health checks have none.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::harness::{Program, gatelodge};

fn answered(log: &str) -> Vec<Value> {
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["message"] == "answered").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_line_of_a_request_has_the_name_and_kind_of_its_operation() {
    let program = Program::start(&[]);
    let long_name = format!("query {} {{ me {{ id }} }}", "N".repeat(100));
    for document in [
        "query Who_1 { me { id } }",
        "mutation Leave { logout { loggedOut } }",
        "{ me { id } }",
        &long_name,
        "query Broken { nothing_like_it }",
    ] {
        program.ask(None, document, json!({})).await;
    }
    let (_, log) = program.stop();
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
async fn a_health_check_and_a_scrape_are_not_logged() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let admin = free.local_addr().unwrap().to_string();
    drop(free);
    let program = Program::start(&[("GATELODGE_ADMIN_LISTEN", &admin)]);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let admin = format!("http://{admin}");
    for base in [&program.url, &admin] {
        for path in ["/healthz", "/readyz"] {
            let reply = client.get(format!("{base}{path}")).send().await.unwrap();
            assert_eq!(reply.status(), 200);
        }
        client.get(format!("{base}/nothing")).send().await.unwrap();
    }
    let scrape = client.get(format!("{admin}/metrics")).send().await.unwrap();
    assert_eq!(scrape.status(), 200);
    let (_, log) = program.stop();
    let paths: Vec<_> = answered(&log)
        .iter()
        .map(|line| line["span"]["path"].clone())
        .collect();
    assert_eq!(paths, ["/nothing", "/nothing"], "{log}");
}

#[test]
fn a_plain_text_log_has_no_colours_in_a_file() {
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

#[tokio::test(flavor = "multi_thread")]
async fn with_any_as_trusted_proxies_the_first_address_of_x_forwarded_for_is_the_source() {
    let served = Program::start(&[("GATELODGE_TRUSTED_PROXIES", "any")]);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for addresses in [
        "192.0.2.9",
        "192.0.2.9, 198.51.100.4",
        "2001:db8::9, 10.0.0.1",
        // Nothing left of what is no address counts.
        "192.0.2.9, unknown, 198.51.100.4",
    ] {
        let request = client.get(format!("{}/nothing", served.url));
        let request = request.header("x-forwarded-for", addresses);
        request.send().await.unwrap();
    }
    client
        .get(format!("{}/nothing", served.url))
        .send()
        .await
        .unwrap();
    let (_, log) = served.stop();
    let sources: Vec<_> = answered(&log)
        .iter()
        .map(|line| line["span"]["source"].clone())
        .collect();
    let expected = [
        "192.0.2.9",
        "192.0.2.9",
        "2001:db8::9",
        "198.51.100.4",
        "127.0.0.1",
    ];
    assert_eq!(sources, expected, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_log_filter_is_the_default_and_spaces_and_numbers_of_modules_are_taken() {
    for filter in ["", " , ", "info, hyper=1", "INFO,"] {
        // It waits for the line "ready".
        let served = Program::start(&[("RUST_LOG", filter)]);
        let (status, _) = served.stop();
        assert_eq!(status, Some(0), "{filter}");
    }
}
