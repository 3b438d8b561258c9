//! The client's IP address: the socket's, or the one that a trusted proxy reports.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of a connection's peer, stored in each of its requests.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// A request's client address, as far as it can be trusted. The throttle counts it, and the log shows it.
#[derive(Clone, Copy, Debug)]
pub struct ClientIp(pub IpAddr);

/// Stores the client's address in the request.
pub async fn set(
    State(addresses): State<Arc<ClientAddress>>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(peer) = request.extensions().get::<Peer>() {
        let source = ClientIp(addresses.of(*peer, request.headers()));
        request.extensions_mut().insert(source);
    }
    next.run(request).await
}

/// The proxies whose forwarding headers are trusted.
pub struct ClientAddress {
    trusted: Vec<IpNet>,
    warned: AtomicBool,
}

impl ClientAddress {
    /// Trusts these proxies.
    pub fn new(trusted: Vec<IpNet>) -> Self {
        Self {
            trusted,
            warned: AtomicBool::new(false),
        }
    }

    /// Returns the client's address: the rightmost one in X-Forwarded-For that is not a trusted proxy's.
    ///
    /// The client could have written everything to the left of it. A header from any other peer is ignored: with it,
    /// one machine could pretend to be any number of sources.
    pub fn of(&self, peer: Peer, headers: &HeaderMap) -> IpAddr {
        let peer = peer.0.ip().to_canonical();
        if !headers.contains_key(&FORWARDED_FOR) {
            return peer;
        }
        if !self.is_trusted(peer) {
            if !self.warned.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    %peer,
                    "X-Forwarded-For is ignored, because the peer is not in GATELODGE_TRUSTED_PROXIES. If the peer is a \
                     proxy, list it there: otherwise all clients behind it count as one source"
                );
            }
            return peer;
        }
        let hops: Vec<_> = headers
            .get_all(&FORWARDED_FOR)
            .iter()
            .flat_map(|line| line.as_bytes().split(|&byte| byte == b','))
            .collect();
        let mut client = peer;
        for hop in hops.into_iter().rev() {
            let hop = std::str::from_utf8(hop).ok().and_then(address);
            match hop {
                // A trusted proxy should write an address. If it did not, nothing to the left can be trusted.
                None => return client,
                Some(hop) => client = hop,
            }
            if !self.is_trusted(client) {
                return client;
            }
        }
        client
    }

    /// Returns whether a connection's peer is a trusted proxy.
    pub fn trusts(&self, peer: Peer) -> bool {
        self.is_trusted(peer.0.ip().to_canonical())
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.trusted
            .iter()
            .any(|network| network.contains(&address))
    }
}

/// Parses an address as proxies write it: alone, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches([' ', '\t']);
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let parsed = bare
        .parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    parsed.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, lines: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "127.0.0.1/32", "fd00::/8"].map(|net| net.parse().unwrap());
        let address = ClientAddress::new(trusted.to_vec());
        let headers = lines
            .iter()
            .map(|line| (FORWARDED_FOR, line.parse().unwrap()))
            .collect();
        let peer = Peer(SocketAddr::new(peer.parse().unwrap(), 1234));
        address.of(peer, &headers).to_string()
    }

    #[test]
    fn a_peer_that_is_not_trusted_speaks_for_itself_alone() {
        for lines in [
            vec![],
            vec!["1.2.3.4"],
            vec!["1.2.3.4", "10.0.0.1"],
            vec!["unknown"],
            vec![""],
        ] {
            assert_eq!(of("203.0.113.9", &lines), "203.0.113.9");
        }
    }

    #[test]
    fn behind_trusted_proxies_the_rightmost_other_address_counts() {
        for (lines, client) in [
            (vec!["1.2.3.4"], "1.2.3.4"),
            (vec!["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            (vec!["6.6.6.6, 1.2.3.4, 10.1.1.1"], "1.2.3.4"),
            (vec!["6.6.6.6", "1.2.3.4,10.1.1.1"], "1.2.3.4"),
            (vec!["1.2.3.4:99"], "1.2.3.4"),
            (vec!["[2001:db8::1]:80"], "2001:db8::1"),
            (vec!["[2001:db8::1]"], "2001:db8::1"),
            (vec!["::ffff:1.2.3.4"], "1.2.3.4"),
            (vec!["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
        ] {
            assert_eq!(of("10.0.0.1", &lines), client, "{lines:?}");
            assert_eq!(of("::ffff:10.0.0.1", &lines), client, "{lines:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_ends_the_trail_at_the_last_address_that_could() {
        let long = "1.1.1.1,".repeat(1200) + "junk";
        for lines in [
            vec!["unknown"],
            vec![""],
            vec!["1.2.3.4, junk"],
            vec![&long],
            vec!["1.2.3.4,"],
        ] {
            assert_eq!(of("10.0.0.1", &lines), "10.0.0.1", "{lines:?}");
        }
        assert_eq!(of("10.0.0.1", &["1.2.3.4, junk, 10.9.9.9"]), "10.9.9.9");
    }
}
