//! A stop cuts off nothing that was accepted.

use std::time::Duration;

use gatelodge::config::Config;
use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::test_with;

fn slow_hashes(config: &mut Config) {
    config.password.memory_kib = 65_536;
    config.password.iterations = 6;
    config.password.workers = std::num::NonZero::new(1);
}

#[test]
fn requests_at_work_are_answered_and_new_ones_are_refused() {
    test_with(slow_hashes, async |app| {
        let mut logins = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let browser = app.browser();
            logins.spawn(async move { browser.login_reply("nobody", "correct horse").await });
        }
        // Accepted, but not yet sent: its headers come after the stop.
        let mut late = TcpStream::connect(app.public).await.unwrap();
        late.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        app.tell_to_stop();
        tokio::time::sleep(Duration::from_millis(100)).await;
        late.write_all(b"host: x\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        late.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        for reply in logins.join_all().await {
            assert_eq!(reply.status, StatusCode::OK);
        }
        assert!(TcpStream::connect(app.public).await.is_err());
    });
}

#[test]
fn a_client_that_never_finishes_holds_a_stop_no_longer_than_the_grace_period() {
    let change = |config: &mut Config| config.server.shutdown_grace = Duration::from_secs(1);
    test_with(change, async |app| {
        let mut silent = TcpStream::connect(app.public).await.unwrap();
        silent
            .write_all(b"POST /graphql HTTP/1.1\r\nhost: x\r\n")
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        // The harness waits for the stop; without a bound it would wait as long as the header time-out.
        let start = std::time::Instant::now();
        app.tell_to_stop();
        while TcpStream::connect(app.admin).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(start.elapsed() < Duration::from_secs(10));
    });
}
