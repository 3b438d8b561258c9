//! Limited resources (memory, sockets, file descriptors, database connections), and which clients are still served.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    process::Command,
};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{PASSWORD, Program, TestApp, eventually, on_every_database, raw};

/// Returns a line of the kernel's status of a process, in KiB.
pub fn kib(program: &Program, what: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", program.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

pub fn open_files(program: &Program) -> usize {
    fs::read_dir(format!("/proc/{}/fd", program.child.id()))
        .unwrap()
        .count()
}

pub fn address(program: &Program) -> SocketAddr {
    program.url["http://".len()..].parse().unwrap()
}

/// Returns a body in chunks of `size` bytes.
fn chunked(body: &str, length: usize) -> String {
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n";
    let chunks: String = body
        .as_bytes()
        .chunks(length)
        .map(|chunk| {
            format!(
                "{:x}\r\n{}\r\n",
                chunk.len(),
                String::from_utf8_lossy(chunk)
            )
        })
        .collect();
    format!("{head}{chunks}0\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_and_one_byte_chunks_use_little_memory() {
    // On a busy machine, chunks of one byte take their time.
    let program = Program::start(&[("GATELODGE_LIMIT_BODY_TIME", "5m")]);
    let query = json!({ "query": "{ me { id } }" }).to_string();
    let small = raw(address(&program), chunked(&query, 1)).await;
    assert_eq!(small.status(), 200, "{small:?}");
    let rest = kib(&program, "VmRSS");

    let large = "y".repeat(12_000_000);
    let announced = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{large}",
        large.len()
    );
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..8 {
        for request in [
            announced.clone(),
            chunked(&large, 65_536),
            chunked(&large[..70_000], 1),
        ] {
            requests.spawn(raw(address(&program), request));
        }
    }
    for reply in requests.join_all().await {
        assert_eq!(reply.status(), 413, "{reply:?}");
    }
    // The bodies are nearly 200 MB.
    let more = kib(&program, "VmHWM") - rest;
    assert!(more < 24 * 1024, "{more} KiB more than at rest");
    let (status, log) = program.stop();
    assert_eq!(status, Some(0), "{log}");
}

/// Starts the program with a limit of open files: a soft limit that it can raise to the hard one.
fn with_few_files(directory: &TempDir) -> Command {
    let mut command = Command::new("prlimit");
    command
        .args(["--nofile=64:400", env!("CARGO_BIN_EXE_gatelodge")])
        .current_dir(directory.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("GATELODGE_ADMIN_LISTEN", "off");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_open_files_is_raised_and_connections_leave_some_for_other_uses() {
    let program = Program::start_command(
        with_few_files,
        &[("GATELODGE_MAX_CONNECTIONS_PER_SOURCE", "10000")],
    );
    let limits = fs::read_to_string(format!("/proc/{}/limits", program.child.id())).unwrap();
    let files = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = files.unwrap().split_whitespace().nth(3);
    assert_eq!(soft, Some("400"), "{limits}");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let me = async || {
        let request = client.post(format!("{}/graphql", program.url));
        let request = request.header("content-type", "application/json");
        let reply = request.body(r#"{"query":"{ me { id } }"}"#).send().await;
        reply.unwrap().status()
    };
    assert_eq!(me().await, StatusCode::OK);
    let idle: Vec<_> = (0..300)
        .map(|_| TcpStream::connect(address(&program)).unwrap())
        .collect();
    eventually("all slots are taken", async || open_files(&program) >= 221).await;
    // On its open connection, with the files that the database opens for it.
    assert_eq!(me().await, StatusCode::OK);
    assert!(open_files(&program) < 400 - 64);
    drop(idle);
    let (status, log) = program.stop();
    assert_eq!(status, Some(0), "{log}");
    for words in [
        "limit of open files raised",
        "\"connections\":221",
        "LimitNOFILE",
    ] {
        assert!(log.contains(words), "{words}: {log}");
    }
    assert!(!log.contains("a connection could not be accepted"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_free_file_descriptors_open_connections_are_served_and_new_ones_wait() {
    let program = Program::start(&[]);
    // After its start, when it has sized its connections for a higher limit.
    let pid = format!("--pid={}", program.child.id());
    let lowered = Command::new("prlimit")
        .args([&pid, "--nofile=100:100"])
        .status();
    assert!(lowered.unwrap().success());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let alive = async || {
        let health = client.get(format!("{}/healthz", program.url));
        health.send().await.unwrap().status()
    };
    assert_eq!(alive().await, StatusCode::OK);
    let mut idle: Vec<_> = (0..200)
        .map(|_| TcpStream::connect(address(&program)).unwrap())
        .collect();
    eventually("all are in use", async || open_files(&program) >= 100).await;
    // On its open connection.
    assert_eq!(alive().await, StatusCode::OK);
    idle.clear();
    let (_, me) = program.ask(None, "{ me { id } }", json!({})).await;
    assert_eq!(me["data"], json!({ "me": Value::Null }));
    let (status, log) = program.stop();
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("a connection could not be accepted"), "{log}");
}

#[test]
fn when_the_connection_pool_is_exhausted_clients_are_told_to_retry() {
    on_every_database(async |database| {
        let app = TestApp::spawn(database, |config| config.database.connections = 2).await;
        app.register("ada").await;
        // SQLite writes on one connection, and reads on others.
        let writers = if app.database.is_sqlite() { 1 } else { 2 };
        let mut held = vec![];
        for _ in 0..writers {
            held.push(app.auth.store().begin().await.unwrap());
        }
        let login = app.browser().login_reply("ada", PASSWORD).await;
        assert_eq!(login.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(login.code(), "SERVICE_UNAVAILABLE");
        assert!(login.header("retry-after").is_some());
        let health = app.browser().get("/healthz").await;
        assert_eq!(health.status, StatusCode::OK);
        held.clear();
        assert!(app.browser().login("ada", PASSWORD).await["user"].is_object());
        app.stop().await;
    });
}
