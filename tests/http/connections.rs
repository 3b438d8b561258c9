//! The limits of connections: in all, for one source, and the memory of each.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::{
    harness::{Program, eventually, raw},
    http::exhaustion::{address, kib, open_files},
};

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Connects from an address of the loopback network. Each address is a source of its own.
async fn connect(from: &str, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    let from: IpAddr = from.parse().unwrap();
    socket.bind(SocketAddr::new(from, 0)).unwrap();
    socket.connect(to).await
}

/// Sends a request on a connection. Returns whether it is answered; `false` if it was closed.
async fn is_served(stream: &mut TcpStream) -> bool {
    if stream.write_all(HEALTH).await.is_err() {
        return false;
    }
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut answer));
    match read.await.expect("neither answered nor closed") {
        Ok(0) | Err(_) => false,
        Ok(length) => {
            assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
            true
        }
    }
}

/// Opens `count` connections from a source, and keeps those that are served.
async fn open(count: usize, from: &str, to: SocketAddr) -> Vec<TcpStream> {
    let mut served = vec![];
    for _ in 0..count {
        // A refused connection may be reset before the client knows that it was connected.
        if let Ok(mut stream) = connect(from, to).await
            && is_served(&mut stream).await
        {
            served.push(stream);
        }
    }
    served
}

#[tokio::test(flavor = "multi_thread")]
async fn one_source_holds_at_most_half_of_the_connections_and_others_are_served() {
    let program = Program::start(&[
        ("GATELODGE_MAX_CONNECTIONS", "50"),
        ("GATELODGE_HEADER_TIMEOUT", "10m"),
    ]);
    let to = address(&program);
    let mut first = open(60, "127.0.0.1", to).await;
    assert_eq!(first.len(), 25);
    let mut second = open(20, "127.0.0.2", to).await;
    assert_eq!(second.len(), 20);
    // Its open connections continue, and it can use a released slot again.
    for stream in first.iter_mut().chain(&mut second) {
        assert!(is_served(stream).await);
    }
    first.truncate(20);
    eventually("a connection is free again", async || {
        !open(1, "127.0.0.1", to).await.is_empty()
    })
    .await;
    let (status, log) = program.stop();
    assert_eq!(status, Some(0), "{log}");
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("GATELODGE_TRUSTED_PROXIES"))
        .collect();
    assert_eq!(lines.len(), 1, "{log}");
    for word in [
        "\"WARN\"",
        "\"peer\":\"127.0.0.1\"",
        "\"maximum\":25",
        "GATELODGE_MAX_CONNECTIONS_PER_SOURCE",
    ] {
        assert!(lines[0].contains(word), "{word}: {}", lines[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_and_a_configured_limit_allow_more_connections() {
    let program = Program::start(&[
        ("GATELODGE_MAX_CONNECTIONS", "50"),
        ("GATELODGE_MAX_CONNECTIONS_PER_SOURCE", "3"),
        ("GATELODGE_TRUSTED_PROXIES", "127.0.0.2"),
        ("GATELODGE_HEADER_TIMEOUT", "10m"),
    ]);
    let to = address(&program);
    let one = open(10, "127.0.0.1", to).await;
    assert_eq!(one.len(), 3);
    let proxy = open(45, "127.0.0.2", to).await;
    assert_eq!(proxy.len(), 45);
    let (status, log) = program.stop();
    assert_eq!(status, Some(0), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_listener_has_connection_slots_of_its_own() {
    let admin = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let to = admin.local_addr().unwrap();
    drop(admin);
    let program = Program::start(&[
        ("GATELODGE_ADMIN_LISTEN", &to.to_string()),
        ("GATELODGE_MAX_CONNECTIONS", "2"),
        ("GATELODGE_HEADER_TIMEOUT", "10m"),
    ]);
    let public = [
        open(2, "127.0.0.1", address(&program)).await,
        open(1, "127.0.0.2", address(&program)).await,
    ];
    assert_eq!(public.map(|streams| streams.len()), [1, 1]);
    assert_eq!(open(2, "127.0.0.1", to).await.len(), 1);
    assert_eq!(program.stop().0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_idle_sockets_use_all_slots_and_the_next_client_is_served_when_one_closes() {
    // No connection is closed before the last one is open.
    let program = Program::start(&[
        ("GATELODGE_MAX_CONNECTIONS", "1000"),
        ("GATELODGE_HEADER_TIMEOUT", "10m"),
    ]);
    let to = address(&program);
    let (rest, files) = (kib(&program, "VmRSS"), open_files(&program));
    let mut idle = vec![];
    // A few at a time: the kernel's queue is limited, and more would wait for retransmissions.
    for from in ["127.0.0.1", "127.0.0.2"].repeat(5) {
        for _ in 0..100 {
            idle.push(connect(from, to).await.unwrap());
        }
        eventually("all are accepted", async || {
            open_files(&program) >= files + idle.len()
        })
        .await;
    }
    let each = (kib(&program, "VmRSS") - rest) / idle.len();
    assert!(each < 64, "{each} KiB a socket");
    let mut next = connect("127.0.0.3", to).await.unwrap();
    let mut answer = tokio::spawn(async move { is_served(&mut next).await });
    let soon = Duration::from_millis(300);
    let waited = tokio::time::timeout(soon, &mut answer).await;
    assert!(waited.is_err(), "a slot was free");
    idle.pop();
    assert!(answer.await.unwrap(), "it is served when a slot is free");
    drop(idle);
    assert_eq!(program.stop().0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_with_the_largest_head_and_a_partial_body_uses_little_memory() {
    const COUNT: usize = 200;
    let program = Program::start(&[("GATELODGE_LIMIT_BODY_TIME", "10m")]);
    let to = address(&program);
    let head = |lines: usize, length: usize| {
        let lines = format!("x-a: {}\r\n", "a".repeat(990)).repeat(lines);
        format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{lines}\
             content-length: {length}\r\n\r\n"
        )
    };
    let (before, files) = (kib(&program, "VmRSS"), open_files(&program));
    let request = head(30, 65_536) + &"y".repeat(65_000);
    let mut open = vec![];
    for _ in 0..COUNT {
        let mut stream = connect("127.0.0.1", to).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        open.push(stream);
    }
    eventually("all is read", async || {
        open_files(&program) >= files + COUNT && unread(to.port()) == 0
    })
    .await;
    let each = (kib(&program, "VmRSS") - before) / COUNT;
    assert!(each < 190, "{each} KiB a connection");
    drop(open);
    assert_eq!(raw(to, head(40, 0)).await.status(), 431);
    assert_eq!(program.stop().0, Some(0));
}

/// Returns the unread bytes in the sockets of a local port.
fn unread(port: u16) -> u64 {
    let sockets = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let local = format!(":{port:04X}");
    sockets
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().skip(1);
            let is_ours = words.next()?.ends_with(&local);
            let (_, waiting) = words.nth(2)?.split_once(':')?;
            is_ours.then(|| u64::from_str_radix(waiting, 16).ok())?
        })
        .sum()
}
