//! `gatelodge healthcheck`: for the HEALTHCHECK of containers, which have no curl.

use std::{
    io::{BufRead, BufReader, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use super::{CliError, other};

/// The timeout of each step: connect, read and write.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Requests `/readyz` and fails unless the status is 200.
pub fn run(listen: SocketAddr) -> Result<(), CliError> {
    let status = request_status(reachable(listen)).map_err(other)?;
    if status.starts_with("HTTP/1.1 200 ") {
        Ok(())
    } else {
        Err(other(format!(
            "not ready: {}. /readyz of the admin listener says why",
            status.trim_end()
        )))
    }
}

fn request_status(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )?;
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status)?;
    Ok(status)
}

/// Returns the address of a listener as this machine reaches it: loopback if it listens on all addresses.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
