//! The public URL when none is set: localhost and the listening port.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::gatelodge;

/// Program that is killed when the test ends.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program and returns its "ready" line.
fn ready(directory: &TempDir, settings: &[(&str, &str)]) -> (Killed, Value) {
    let mut child = gatelodge(directory)
        .envs(settings.iter().copied())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = BufReader::new(child.stderr.take().unwrap());
    let child = Killed(child);
    let line = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap())
        .find(|line| line["message"] == "ready")
        .expect("it ended before it was ready");
    (child, line)
}

/// Returns the port at the end of an address.
fn port(address: &Value) -> u16 {
    let address = address.as_str().unwrap();
    address.rsplit(':').next().unwrap().parse().unwrap()
}

/// Sends a request as the GraphiQL page of an origin does, and returns the status.
async fn ask_from(origin: &str, port: u16) -> u16 {
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(format!("http://127.0.0.1:{port}/graphql"))
        .header("origin", origin)
        .header("content-type", "application/json")
        .body(r#"{"query":"{ me { username } }"}"#);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_only_the_listen_address_changed_the_public_url_has_its_port_and_graphiql_works() {
    for listen in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0"] {
        let directory = tempfile::tempdir().unwrap();
        let settings = [
            ("GATELODGE_LISTEN", listen),
            ("GATELODGE_ADMIN_LISTEN", "127.0.0.1:0"),
        ];
        let (_child, line) = ready(&directory, &settings);
        let port_listened = port(&line["listen"]);
        assert_ne!(port_listened, 0, "{line}");
        assert_ne!(port(&line["admin_listen"]), 0, "{line}");
        let own = format!("http://localhost:{port_listened}");
        assert_eq!(line["graphql"], format!("{own}/graphql"));
        assert_eq!(line["graphiql"], true);
        if !listen.starts_with('[') {
            assert_eq!(ask_from(&own, port_listened).await, 200, "{own}");
            let other = "http://localhost:8000";
            assert_eq!(ask_from(other, port_listened).await, 403, "{other}");
        }
    }
}

#[test]
fn a_configured_public_url_keeps_its_port() {
    let directory = tempfile::tempdir().unwrap();
    let settings = [
        ("GATELODGE_LISTEN", "127.0.0.1:0"),
        ("GATELODGE_PUBLIC_URL", "http://localhost:8000"),
    ];
    let (_child, line) = ready(&directory, &settings);
    assert_eq!(line["graphql"], "http://localhost:8000/graphql");
}
