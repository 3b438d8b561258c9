//! What can run out, memory, sockets, file descriptors and database connections, and who is served meanwhile.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    process::Command,
};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Served, TestApp, eventually, on_every_database, raw};

/// A line of what the kernel says of a process, in KiB.
pub fn kib(served: &Served, what: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", served.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

pub fn open_files(served: &Served) -> usize {
    fs::read_dir(format!("/proc/{}/fd", served.child.id()))
        .unwrap()
        .count()
}

pub fn address(served: &Served) -> SocketAddr {
    served.url["http://".len()..].parse().unwrap()
}

/// A body in chunks of so many bytes.
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
async fn large_bodies_and_chunks_of_a_byte_take_no_memory() {
    // On a machine that does much else, chunks of a byte take their time.
    let served = Served::start(&[("GATELODGE_LIMIT_BODY_TIME", "5m")]);
    let query = json!({ "query": "{ me { id } }" }).to_string();
    let small = raw(address(&served), chunked(&query, 1)).await;
    assert_eq!(small.status(), 200, "{small:?}");
    let rest = kib(&served, "VmRSS");

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
            requests.spawn(raw(address(&served), request));
        }
    }
    for reply in requests.join_all().await {
        assert_eq!(reply.status(), 413, "{reply:?}");
    }
    // Of nearly 200 MB.
    let more = kib(&served, "VmHWM") - rest;
    assert!(more < 24 * 1024, "{more} KiB more than at rest");
    let (status, log) = served.stop();
    assert_eq!(status, Some(0), "{log}");
}

/// The program where it may have so few files and sockets open: fewer at first than it may ask for.
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
async fn the_limit_of_open_files_is_raised_and_connections_leave_room_for_the_rest() {
    let served = Served::start_by(
        with_few_files,
        &[("GATELODGE_MAX_CONNECTIONS_PER_SOURCE", "10000")],
    );
    let limits = fs::read_to_string(format!("/proc/{}/limits", served.child.id())).unwrap();
    let files = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = files.unwrap().split_whitespace().nth(3);
    assert_eq!(soft, Some("400"), "{limits}");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let me = async || {
        let request = client.post(format!("{}/graphql", served.url));
        let request = request.header("content-type", "application/json");
        let reply = request.body(r#"{"query":"{ me { id } }"}"#).send().await;
        reply.unwrap().status()
    };
    assert_eq!(me().await, StatusCode::OK);
    let idle: Vec<_> = (0..300)
        .map(|_| TcpStream::connect(address(&served)).unwrap())
        .collect();
    eventually("all places are taken", async || open_files(&served) >= 221).await;
    // Over the connection that it has, with the files that the database opens for it.
    assert_eq!(me().await, StatusCode::OK);
    assert!(open_files(&served) < 400 - 64);
    drop(idle);
    let (status, log) = served.stop();
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
async fn without_a_file_descriptor_left_who_is_there_is_served_and_others_wait() {
    let served = Served::start(&[]);
    // After its start, when it has fitted its connections to a higher limit.
    let pid = format!("--pid={}", served.child.id());
    let lowered = Command::new("prlimit")
        .args([&pid, "--nofile=100:100"])
        .status();
    assert!(lowered.unwrap().success());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let alive = async || {
        let health = client.get(format!("{}/healthz", served.url));
        health.send().await.unwrap().status()
    };
    assert_eq!(alive().await, StatusCode::OK);
    let mut idle: Vec<_> = (0..200)
        .map(|_| TcpStream::connect(address(&served)).unwrap())
        .collect();
    eventually("all are in use", async || open_files(&served) >= 100).await;
    // Over the connection that it has.
    assert_eq!(alive().await, StatusCode::OK);
    idle.clear();
    let (_, me) = served.ask(None, "{ me { id } }", json!({})).await;
    assert_eq!(me["data"], json!({ "me": Value::Null }));
    let (status, log) = served.stop();
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("a connection could not be accepted"), "{log}");
}

#[test]
fn when_all_connections_of_the_pool_are_taken_clients_are_told_to_come_again() {
    on_every_database(async |database| {
        let app = TestApp::spawn(database, |config| config.database.connections = 2).await;
        app.browser().registered("ada", "correct horse").await;
        // SQLite writes by one connection, and reads by others.
        let writers = if app.database.is_sqlite() { 1 } else { 2 };
        let mut held = vec![];
        for _ in 0..writers {
            held.push(app.auth.store.begin().await.unwrap());
        }
        let login = app.browser().login_reply("ada", "correct horse").await;
        assert_eq!(login.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(login.code(), "SERVICE_UNAVAILABLE");
        assert!(login.header("retry-after").is_some());
        let health = app.browser().get("/healthz").await;
        assert_eq!(health.status, StatusCode::OK);
        held.clear();
        assert!(app.browser().login("ada", "correct horse").await["user"].is_object());
        app.stop().await;
    });
}
