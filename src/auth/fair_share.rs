//! A fair share of the hash queue: one source cannot fill it, whatever device cookies it shows.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::caller::network;

/// Who holds how many places.
pub struct FairShares {
    /// Places that one source may hold.
    most: u32,
    held: Mutex<HashMap<Vec<u8>, u32>>,
}

/// One place of a source; dropped, it is free again.
#[must_use]
pub struct Share {
    shares: Arc<FairShares>,
    source: Vec<u8>,
}

impl FairShares {
    /// Shares of a queue: a quarter of it for each.
    pub fn of(queue: u32) -> Self {
        Self {
            most: queue.div_ceil(4),
            held: Mutex::default(),
        }
    }

    /// A place for a source; `None` when it holds its share.
    pub fn take(self: &Arc<Self>, source: IpAddr) -> Option<Share> {
        let source = network(source);
        let mut all = self.held();
        let held = all.entry(source.clone()).or_insert(0);
        if *held >= self.most {
            return None;
        }
        *held += 1;
        Some(Share {
            shares: Arc::clone(self),
            source,
        })
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Vec<u8>, u32>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut all = self.shares.held();
        if let Some(held) = all.get_mut(&self.source) {
            *held -= 1;
            if *held == 0 {
                all.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_holds_a_quarter_and_what_it_gives_back_is_free() {
        for (queue, most) in [(1, 1), (2, 1), (8, 2), (256, 64)] {
            let shares = Arc::new(FairShares::of(queue));
            // One customer of an IPv6 provider has many addresses, and is one source.
            let take = |host: u32| shares.take(format!("2001:db8::{host:x}").parse().unwrap());
            let mut held: Vec<_> = (0..most).map(|host| take(host).unwrap()).collect();
            assert!(take(most).is_none());
            assert!(shares.take("2001:db8:0:1::1".parse().unwrap()).is_some());
            held.pop();
            assert!(take(0).is_some());
            drop(held);
            assert!(shares.held().is_empty(), "nothing is kept of who has left");
        }
    }
}
