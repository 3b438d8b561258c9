//! Wrap: a hash of ours is put over the hashes of other systems at once, so that no weak one remains.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use tokio::task::JoinSet;

use super::judge::Candidate;
use crate::{
    auth::{Failure, Hasher, stored_hash::StoredHash},
    domain::entropy::Entropy,
};

/// Whose share of the queue wrapping takes.
const NOBODY: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// What wraps.
pub struct Wrap {
    /// The workers.
    pub hasher: Arc<Hasher>,
    /// How many of them there are: so many are kept at work, and none has to wait.
    pub workers: usize,
    /// The cost of a hash that is strong enough as it is.
    pub todays_cost: u32,
}

impl Wrap {
    /// Wraps those that need it; what is stored changes with it.
    pub async fn around(
        &self,
        people: &mut [&mut Candidate],
        entropy: &Arc<dyn Entropy>,
    ) -> Result<(), Failure> {
        for some in people.chunks_mut(self.workers) {
            let mut work = JoinSet::new();
            for (place, one) in some.iter().enumerate() {
                let Some(foreign) = one
                    .hash
                    .as_ref()
                    .and_then(|hash| hash.to_wrap(self.todays_cost))
                else {
                    continue;
                };
                let (hasher, entropy) = (Arc::clone(&self.hasher), Arc::clone(entropy));
                work.spawn(async move { (place, hasher.wrap(NOBODY, foreign, &*entropy).await) });
            }
            while let Some(done) = work.join_next().await {
                let (place, wrapped) = done.map_err(|error| Failure::Internal(error.into()))?;
                if let Some(one) = some.get_mut(place) {
                    one.stored = wrapped?;
                    one.hash = StoredHash::parse(&one.stored).ok();
                }
            }
        }
        Ok(())
    }
}
