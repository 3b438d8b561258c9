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
