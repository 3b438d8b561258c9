//! A limit on the open connections of one source, so that no single client uses all connections.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ipnet::IpNet;

use crate::domain::{clock::Clock, network::Network};

/// The minimum time between two log lines about a source at its limit. More lines would let a client fill the log.
const LOG_INTERVAL: Duration = Duration::from_hours(1);
/// Maximum number of sources that are logged within the interval.
const MAX_LOGGED: usize = 256;

/// Counts the open connections of each source: an IPv4 address, or an IPv6 /64.
pub struct SourceLimit {
    maximum: usize,
    exempt: Vec<IpNet>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The number of open connections of each source.
    open: HashMap<Network, usize>,
    /// The sources that were logged within the interval, and when.
    logged: HashMap<Network, Duration>,
}

impl State {
    /// Returns whether a source that reached its limit must be logged now. Records that it is.
    fn is_log_due(&mut self, source: Network, now: Duration) -> bool {
        self.logged
            .retain(|_, then| now.saturating_sub(*then) < LOG_INTERVAL);
        if self.logged.len() >= MAX_LOGGED || self.logged.contains_key(&source) {
            return false;
        }
        self.logged.insert(source, now);
        true
    }
}

/// A permit for one connection of a source. Dropping it frees the connection.
pub struct SourcePermit {
    /// `None` for a trusted proxy, whose connections are not counted.
    counted: Option<(Arc<SourceLimit>, Network)>,
}

impl SourceLimit {
    /// Allows each source `maximum` connections. Trusted proxies have no limit, because they serve many clients.
    pub fn new(maximum: usize, trusted_proxies: Vec<IpNet>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            maximum,
            exempt: trusted_proxies,
            clock,
            state: Mutex::default(),
        })
    }

    /// Counts a connection of a peer. Returns `None` if its source has reached the limit.
    pub fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<SourcePermit> {
        let peer = peer.to_canonical();
        if self.exempt.iter().any(|proxy| proxy.contains(&peer)) {
            return Some(SourcePermit { counted: None });
        }
        let source = Network::of(peer);
        let mut state = self.state();
        let open = state.open.entry(source).or_insert(0);
        if *open < self.maximum {
            *open += 1;
            let counted = Some((Arc::clone(self), source));
            return Some(SourcePermit { counted });
        }
        let is_due = state.is_log_due(source, self.clock.monotonic());
        drop(state);
        if is_due {
            tracing::warn!(
                %peer,
                maximum = self.maximum,
                "a source has reached its limit of open connections, so its further connections are closed. If it is a \
                 proxy or a load balancer, list it in GATELODGE_TRUSTED_PROXIES. The limit is \
                 GATELODGE_MAX_CONNECTIONS_PER_SOURCE"
            );
        }
        None
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for SourcePermit {
    fn drop(&mut self) {
        let Some((limit, source)) = self.counted.take() else {
            return;
        };
        let mut state = limit.state();
        if let Some(open) = state.open.get_mut(&source) {
            *open -= 1;
            if *open == 0 {
                state.open.remove(&source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::domain::clock::MockClock;

    fn clock() -> Arc<MockClock> {
        Arc::new(MockClock::at(DateTime::UNIX_EPOCH))
    }

    fn limit(maximum: usize) -> Arc<SourceLimit> {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        SourceLimit::new(maximum, trusted.to_vec(), clock())
    }

    fn admit(limit: &Arc<SourceLimit>, peer: &str) -> Option<SourcePermit> {
        limit.admit(peer.parse().unwrap())
    }

    #[test]
    fn a_source_is_an_ipv4_address_however_it_is_written_or_an_ipv6_64() {
        for (one, same, other) in [
            ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
        ] {
            let limit = limit(1);
            let held = admit(&limit, one);
            assert!(held.is_some());
            assert!(admit(&limit, same).is_none(), "{same}");
            assert!(admit(&limit, other).is_some(), "{other}");
            drop(held);
            assert!(admit(&limit, same).is_some(), "{same}");
            assert!(limit.state().open.is_empty(), "no source is left");
        }
    }

    #[test]
    fn trusted_proxies_are_not_counted_however_their_address_is_written() {
        let limit = limit(1);
        for proxy in ["10.1.2.3", "::ffff:10.1.2.3", "fd00::1"] {
            let held: Vec<_> = (0..200).map(|_| admit(&limit, proxy)).collect();
            assert!(held.iter().all(Option::is_some), "{proxy}");
        }
    }

    #[test]
    fn a_reached_limit_is_logged_once_an_hour_for_each_source() {
        let clock = clock();
        let limit = SourceLimit::new(0, vec![], clock.clone());
        let mut logged = vec![];
        for round in 0..4 {
            for peer in ["192.0.2.1", "192.0.2.2"] {
                // The second source comes half an hour later.
                if round > 0 || peer.ends_with('1') {
                    assert!(admit(&limit, peer).is_none());
                }
                let source = Network::of(peer.parse().unwrap());
                let at = limit.state().logged.get(&source).copied();
                logged.push(at.map(|at| at.as_secs() / 60));
            }
            clock.advance(TimeDelta::minutes(30));
        }
        let expected = [
            (Some(0), None),
            (Some(0), Some(30)),
            (Some(60), Some(30)),
            (Some(60), Some(90)),
        ];
        let expected: Vec<_> = expected
            .iter()
            .flat_map(|(one, two)| [*one, *two])
            .collect();
        assert_eq!(logged, expected);
    }

    #[test]
    fn no_more_sources_are_logged_than_are_remembered() {
        let mut state = State::default();
        let source = |number: usize| {
            let number = u32::try_from(number).unwrap();
            Network::of(std::net::Ipv4Addr::from(number).into())
        };
        for number in 0..2 * MAX_LOGGED {
            let is_due = state.is_log_due(source(number), Duration::ZERO);
            assert_eq!(is_due, number < MAX_LOGGED, "{number}");
        }
        assert!(state.is_log_due(source(2 * MAX_LOGGED), LOG_INTERVAL));
        assert_eq!(state.logged.len(), 1, "nobody is remembered for longer");
    }
}
