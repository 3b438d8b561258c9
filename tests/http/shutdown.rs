//! A stop interrupts no accepted request.

use std::time::{Duration, Instant};

use gatelodge::config::Config;
use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{PASSWORD, TestApp, on_every_database, test_with};

fn slow_hashes(config: &mut Config) {
    config.password.memory_kib = 65_536;
    config.password.iterations = 6;
    config.password.workers = std::num::NonZero::new(1);
}

async fn answer(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[test]
fn running_requests_are_answered_at_a_stop_and_new_ones_are_refused() {
    test_with(slow_hashes, async |app| {
        let mut logins = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let browser = app.browser();
            logins.spawn(async move { browser.login_reply("nobody", PASSWORD).await });
        }
        // The connection is accepted; its headers come after the stop.
        let mut late = TcpStream::connect(app.public).await.unwrap();
        late.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        app.request_stop();
        tokio::time::sleep(Duration::from_millis(100)).await;
        late.write_all(b"host: x\r\n\r\n").await.unwrap();
        let answer = answer(late).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        for reply in logins.join_all().await {
            assert_eq!(reply.status, StatusCode::OK);
        }
        assert!(TcpStream::connect(app.public).await.is_err());
    });
}

#[test]
fn a_request_that_waits_in_a_socket_at_a_stop_is_answered() {
    let linger = |config: &mut Config| config.server.shutdown_linger = Duration::from_millis(500);
    test_with(linger, async |app| {
        let request = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
        // Some connections have been used before, some are new, and some are opened after the stop.
        let mut streams = vec![];
        for number in 0..40 {
            let mut stream = TcpStream::connect(app.public).await.unwrap();
            if number % 2 == 0 {
                stream.write_all(request).await.unwrap();
                let mut first = [0; 2048];
                assert!(stream.read(&mut first).await.unwrap() > 0);
            }
            streams.push(stream);
        }
        app.request_stop();
        for stream in &mut streams {
            stream.write_all(request).await.unwrap();
        }
        for _ in 0..10 {
            let mut stream = TcpStream::connect(app.public).await.unwrap();
            stream.write_all(request).await.unwrap();
            streams.push(stream);
        }
        for stream in streams {
            let answer = answer(stream).await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            assert!(answer.contains("connection: close"), "{answer}");
        }
    });
}

#[test]
fn a_client_that_never_finishes_delays_a_stop_at_most_by_the_grace_period() {
    on_every_database(async |database| {
        let grace = |config: &mut Config| config.server.shutdown_grace = Duration::from_secs(1);
        let app = TestApp::spawn(database, grace).await;
        let mut silent = TcpStream::connect(app.public).await.unwrap();
        silent
            .write_all(b"POST /graphql HTTP/1.1\r\nhost: x\r\n")
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        // A second, plus the delay of a busy machine. Without the limit it would be the header timeout of 30 s.
        let start = Instant::now();
        app.stop().await;
        assert!(start.elapsed() < Duration::from_secs(5));
    });
}

#[test]
fn a_client_that_sends_and_never_reads_loses_its_connection() {
    let change = |config: &mut Config| {
        config.server.max_connections = 1;
        config.server.header_timeout = Duration::from_secs(1);
    };
    test_with(change, async |app| {
        let mut greedy = TcpStream::connect(app.public).await.unwrap();
        let request = b"GET /graphql/assets/LICENSES.txt HTTP/1.1\r\nhost: x\r\n\r\n".repeat(500);
        // The request cannot be sent whole: the server stops reading while its answers are not read.
        let _ = tokio::time::timeout(Duration::from_secs(1), greedy.write_all(&request)).await;
        // Its connection slot is the only one.
        let browser = app.browser();
        let visitor = tokio::time::timeout(Duration::from_secs(15), browser.me());
        assert_eq!(visitor.await.expect("the slot came free"), None);
    });
}
