//! How many connections there are places for, how many of them one source takes, and what each may hold.

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
    harness::{Served, eventually, raw},
    http::exhaustion::{address, kib, open_files},
};

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Connects from an address of the loopback network: each is a source of its own.
async fn connect(from: &str, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    let from: IpAddr = from.parse().unwrap();
    socket.bind(SocketAddr::new(from, 0)).unwrap();
    socket.connect(to).await
}

/// Asks over a connection, and returns whether it is answered; `false` when it was closed instead.
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

/// Opens so many connections from a source; keeps those that are served.
async fn open(count: usize, from: &str, to: SocketAddr) -> Vec<TcpStream> {
    let mut served = vec![];
    for _ in 0..count {
        // One that is refused may be reset before it knows that it was connected.
        if let Ok(mut stream) = connect(from, to).await
            && is_served(&mut stream).await
        {
            served.push(stream);
        }
    }
    served
}

#[tokio::test(flavor = "multi_thread")]
async fn one_source_holds_half_of_the_places_and_others_are_served() {
    let served = Served::start(&[
        ("GATELODGE_MAX_CONNECTIONS", "50"),
        ("GATELODGE_HEADER_TIMEOUT", "10m"),
    ]);
    let to = address(&served);
    let mut first = open(60, "127.0.0.1", to).await;
    assert_eq!(first.len(), 25);
    let mut second = open(20, "127.0.0.2", to).await;
    assert_eq!(second.len(), 20);
    // Its connections stay good, and a place that it gives back is its own again.
    for stream in first.iter_mut().chain(&mut second) {
        assert!(is_served(stream).await);
    }
    first.truncate(20);
    eventually("a connection is free again", async || {
        !open(1, "127.0.0.1", to).await.is_empty()
    })
    .await;
    let (status, log) = served.stop();
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
async fn a_trusted_proxy_and_a_bound_that_is_set_open_more() {
    let served = Served::start(&[
        ("GATELODGE_MAX_CONNECTIONS", "50"),
        ("GATELODGE_MAX_CONNECTIONS_PER_SOURCE", "3"),
        ("GATELODGE_TRUSTED_PROXIES", "127.0.0.2"),
        ("GATELODGE_HEADER_TIMEOUT", "10m"),
    ]);
    let to = address(&served);
    let one = open(10, "127.0.0.1", to).await;
    assert_eq!(one.len(), 3);
    let proxy = open(45, "127.0.0.2", to).await;
    assert_eq!(proxy.len(), 45);
    let (status, log) = served.stop();
    assert_eq!(status, Some(0), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_listener_has_places_of_its_own() {
    let admin = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let to = admin.local_addr().unwrap();
    drop(admin);
    let served = Served::start(&[
        ("GATELODGE_ADMIN_LISTEN", &to.to_string()),
        ("GATELODGE_MAX_CONNECTIONS", "2"),
        ("GATELODGE_HEADER_TIMEOUT", "10m"),
    ]);
    let public = [
        open(2, "127.0.0.1", address(&served)).await,
        open(1, "127.0.0.2", address(&served)).await,
    ];
    assert_eq!(public.map(|streams| streams.len()), [1, 1]);
    assert_eq!(open(2, "127.0.0.1", to).await.len(), 1);
    assert_eq!(served.stop().0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_idle_sockets_fill_every_place_and_the_next_client_is_served_when_one_goes() {
    // None is closed before the last is open.
    let served = Served::start(&[
        ("GATELODGE_MAX_CONNECTIONS", "1000"),
        ("GATELODGE_HEADER_TIMEOUT", "10m"),
    ]);
    let to = address(&served);
    let (rest, files) = (kib(&served, "VmRSS"), open_files(&served));
    let mut idle = vec![];
    // A few at a time: more at once than the kernel queues would wait for its retransmissions.
    for from in ["127.0.0.1", "127.0.0.2"].repeat(5) {
        for _ in 0..100 {
            idle.push(connect(from, to).await.unwrap());
        }
        eventually("all are accepted", async || {
            open_files(&served) >= files + idle.len()
        })
        .await;
    }
    let each = (kib(&served, "VmRSS") - rest) / idle.len();
    assert!(each < 64, "{each} KiB a socket");
    let mut next = connect("127.0.0.3", to).await.unwrap();
    let mut answer = tokio::spawn(async move { is_served(&mut next).await });
    let soon = Duration::from_millis(300);
    let waited = tokio::time::timeout(soon, &mut answer).await;
    assert!(waited.is_err(), "there was a place left");
    idle.pop();
    assert!(answer.await.unwrap(), "it is served when there is a place");
    drop(idle);
    assert_eq!(served.stop().0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_with_the_largest_head_and_most_of_a_body_holds_little_memory() {
    const COUNT: usize = 200;
    let served = Served::start(&[("GATELODGE_LIMIT_BODY_TIME", "10m")]);
    let to = address(&served);
    let head = |lines: usize, length: usize| {
        let lines = format!("x-a: {}\r\n", "a".repeat(990)).repeat(lines);
        format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{lines}\
             content-length: {length}\r\n\r\n"
        )
    };
    let (before, files) = (kib(&served, "VmRSS"), open_files(&served));
    let request = head(30, 65_536) + &"y".repeat(65_000);
    let mut open = vec![];
    for _ in 0..COUNT {
        let mut stream = connect("127.0.0.1", to).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        open.push(stream);
    }
    eventually("all is read", async || {
        open_files(&served) >= files + COUNT && unread(to.port()) == 0
    })
    .await;
    let each = (kib(&served, "VmRSS") - before) / COUNT;
    assert!(each < 190, "{each} KiB a connection");
    drop(open);
    assert_eq!(raw(to, head(40, 0)).await.status(), 431);
    assert_eq!(served.stop().0, Some(0));
}

/// Bytes that lie in the sockets of a local port, not yet read.
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
