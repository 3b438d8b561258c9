//! HTTP/1.1 rules that protect against request smuggling and DNS rebinding: hosts and transfer codings.

use gatelodge::config::Config;
use serde_json::json;

use crate::harness::{raw, test, test_with};

#[test]
fn a_host_header_is_only_a_name_or_an_address_with_an_optional_port() {
    test(async |app| {
        let ask = async |address, target: &str, host: &str| {
            let request =
                format!("GET {target} HTTP/1.1\r\nhost:{host}\r\nconnection: close\r\n\r\n");
            raw(address, request).await.status()
        };
        for address in [app.public, app.admin] {
            for host in [" localhost:8000", " 127.0.0.1", " [::1]:8000", "localhost"] {
                assert_eq!(ask(address, "/healthz", host).await, 200, "{host:?}");
            }
            for host in [
                "",
                " ",
                " me@localhost",
                " me:secret@localhost:8000",
                " local host",
                " localhost:8000, x",
                " localhost:80x",
                " :8000",
                " localhost/",
                " http://localhost",
            ] {
                assert_eq!(ask(address, "/healthz", host).await, 400, "{host:?}");
            }
            let target = "http://me@localhost:8000/healthz";
            assert_eq!(ask(address, target, " localhost:8000").await, 400);
        }
    });
}

#[test]
fn only_a_single_chunked_transfer_coding_is_accepted() {
    test(async |app| {
        let body = json!({ "query": "{ me { id } }" }).to_string();
        let ask = async |codings: &str| {
            let request = format!(
                "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
                 {codings}\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
                body.len()
            );
            raw(app.public, request).await.status()
        };
        assert_eq!(ask("transfer-encoding: chunked\r\n").await, 200);
        assert_eq!(ask("transfer-encoding: Chunked\r\n").await, 200);
        for codings in [
            "transfer-encoding: chunked, chunked\r\n",
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
            "transfer-encoding: gzip, chunked\r\n",
            "transfer-encoding: identity, chunked\r\n",
        ] {
            assert_eq!(ask(codings).await, 400, "{codings}");
        }
    });
}

#[test]
fn the_admin_listener_answers_only_to_addresses_localhost_and_listed_names() {
    let change = |config: &mut Config| {
        config.server.admin_hosts = vec!["gate.internal".to_owned()];
    };
    test_with(change, async |app| {
        let ask = async |path: &str, host: &str| {
            let request =
                format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
            raw(app.admin, request).await
        };
        for path in ["/metrics", "/readyz", "/healthz"] {
            for host in ["127.0.0.1:8001", "[::1]", "localhost:8001", "GATE.internal"] {
                assert_eq!(ask(path, host).await.status(), 200, "{path} {host}");
            }
            for host in ["evil.test", "127.0.0.1.evil.test:8001", "x.gate.internal"] {
                let reply = ask(path, host).await;
                assert_eq!(reply.status(), 403, "{path} {host}");
                assert!(reply.body().contains("GATELODGE_ADMIN_HOSTS"), "{reply:?}");
            }
        }
    });
}

#[test]
fn a_request_has_exactly_one_host() {
    test(async |app| {
        let ask = async |hosts: &str, version: &str| {
            let request =
                format!("GET /healthz HTTP/{version}\r\n{hosts}connection: close\r\n\r\n");
            raw(app.public, request).await.status()
        };
        assert_eq!(ask("host: x\r\n", "1.1").await, 200);
        assert_eq!(ask("", "1.0").await, 200);
        assert_eq!(ask("", "1.1").await, 400);
        assert_eq!(ask("host: x\r\nhost: x\r\n", "1.1").await, 400);
        assert_eq!(ask("host: x\r\nhost: y\r\n", "1.0").await, 400);
    });
}
