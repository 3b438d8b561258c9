//! Quotas of the hash queue: one source cannot fill it, whatever device cookies it sends.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::domain::network::Network;

/// How many slots of the queue each network holds.
pub struct FairShares {
    /// Slots of the queue.
    queue: u32,
    held: Mutex<HashMap<Network, u32>>,
}

/// One slot of a source. Dropped, it is free again.
#[must_use]
pub struct Share {
    shares: Arc<FairShares>,
    networks: Vec<(Network, u32)>,
}

impl FairShares {
    /// Returns the quotas of a queue.
    pub fn of(queue: u32) -> Self {
        Self {
            queue,
            held: Mutex::default(),
        }
    }

    /// Takes a slot for a source; `None` if one of its networks has used its quota.
    pub fn take(self: &Arc<Self>, source: IpAddr) -> Option<Share> {
        let networks = Network::all_of(source);
        let mut all = self.held();
        let is_full = |&(network, factor): &(Network, u32)| {
            all.get(&network).copied().unwrap_or(0) >= self.quota(factor)
        };
        if networks.iter().any(is_full) {
            return None;
        }
        for (network, _) in &networks {
            *all.entry(*network).or_insert(0) += 1;
        }
        Some(Share {
            shares: Arc::clone(self),
            networks,
        })
    }

    /// Returns how many slots a network may hold: a quarter of the queue, more for a wider network, but at most three
    /// quarters, so that no network fills the queue alone.
    fn quota(&self, factor: u32) -> u32 {
        let quarter = self.queue.div_ceil(4);
        let three_quarters = self.queue - self.queue.div_ceil(4);
        quarter
            .saturating_mul(factor)
            .min(three_quarters.max(quarter))
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Network, u32>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut all = self.shares.held();
        for (network, _) in &self.networks {
            if let Some(held) = all.get_mut(network) {
                *held -= 1;
                if *held == 0 {
                    all.remove(network);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_holds_a_quarter_and_what_it_gives_back_is_free() {
        for (queue, max) in [(1, 1), (2, 1), (8, 2), (256, 64)] {
            let shares = Arc::new(FairShares::of(queue));
            // One customer of an IPv6 provider has many addresses, but is one source.
            let take = |host: u32| shares.take(format!("2001:db8::{host:x}").parse().unwrap());
            let mut held: Vec<_> = (0..max).map(|host| take(host).unwrap()).collect();
            assert!(take(max).is_none());
            assert!(shares.take("2001:db8:1::1".parse().unwrap()).is_some());
            held.pop();
            assert!(take(0).is_some());
            drop(held);
            assert!(
                shares.held().is_empty(),
                "nothing is kept of a source that has left"
            );
        }
    }

    #[test]
    fn a_48_holds_at_most_three_quarters_and_a_56_half() {
        let shares = Arc::new(FairShares::of(16));
        let take = |source: String| shares.take(source.parse().unwrap());
        let mut held = vec![];
        for (subnet, expected) in [(0, 4), (1, 4), (2, 0), (0x100, 4), (0x200, 0), (0x300, 0)] {
            let taken = (0..5).map_while(|host| take(format!("2001:db8:0:{subnet:x}::{host}")));
            let taken: Vec<_> = taken.collect();
            assert_eq!(taken.len(), expected, "{subnet:x}");
            held.extend(taken);
        }
        held.extend(take("2001:db8:1::1".to_owned()));
        assert_eq!(held.len(), 13, "another /48 has slots");
        drop(held);
        assert!(shares.held().is_empty());
    }
}
