//! Wrap: a hash of ours is put over the hashes of other systems at once, so that no weak one remains.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use tokio::task::JoinSet;

use super::judge::Candidate;
use crate::{
    auth::{
        Failure, Hasher,
        foreign_hash::ForeignHash,
        stored_hash::{KINDS, StoredHash},
    },
    domain::{entropy::Entropy, id::UserId},
    store::{ForeignHashRow, Store},
};

/// Whose share of the queue wrapping takes.
const NOBODY: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
/// People of one transaction.
const BATCH: u64 = 100;

/// What wraps.
pub struct Wrap {
    /// The workers.
    pub hasher: Arc<Hasher>,
    /// How many of them there are: so many are kept at work, and none has to wait.
    pub workers: usize,
    /// The cost of a hash that is strong enough as it is.
    pub todays_cost: u32,
    /// Randomness for salts.
    pub entropy: Arc<dyn Entropy>,
}

impl Wrap {
    /// Wraps those that need it; what is stored changes with it.
    pub async fn around(&self, people: &mut [&mut Candidate]) -> Result<(), Failure> {
        let hashes = people.iter().enumerate();
        let weak = hashes.filter_map(|(place, one)| Some((place, self.weak(one.hash.as_ref()?)?)));
        for (place, wrapped) in self.wrap(weak.collect()).await? {
            if let Some(one) = people.get_mut(place) {
                one.hash = StoredHash::parse(&wrapped).ok();
                one.stored = wrapped;
            }
        }
        Ok(())
    }

    /// Wraps what earlier imports left as it was; tells how many.
    pub async fn those_here(&self, store: &Store) -> Result<u64, Failure> {
        let (mut after, mut count) = (None, 0);
        loop {
            let some = unwrapped(store, after).await?;
            let Some(last) = some.last() else {
                return Ok(count);
            };
            after = Some(*last);
            let mut weak = vec![];
            for id in some {
                let Some(old) = store.users().find(id).await?.map(|stored| stored.hash) else {
                    continue;
                };
                let hash = StoredHash::parse(&old).ok();
                if let Some(hash) = hash.and_then(|hash| self.weak(&hash)) {
                    weak.push(((id, old), hash));
                }
            }
            let wrapped = self.wrap(weak).await?;
            let work = store.begin().await?;
            for ((id, old), new) in wrapped {
                // Whoever logged in meanwhile has one of ours.
                if !work.users().replace_hash(id, &old, &new).await? {
                    continue;
                }
                count += 1;
                work.foreign_hashes().delete(id).await?;
                let weight = StoredHash::parse(&new).ok().and_then(|hash| hash.weight());
                let row = weight.map(|weight| ForeignHashRow {
                    user: id,
                    kind: weight.kind.to_owned(),
                    cost: weight.cost.into(),
                });
                let rows: Vec<_> = row.into_iter().collect();
                work.foreign_hashes().insert(&rows).await?;
            }
            work.commit().await?;
        }
    }

    fn weak(&self, hash: &StoredHash) -> Option<ForeignHash> {
        hash.to_wrap(self.todays_cost)
    }

    /// Wraps hashes, as many at once as there are workers; whose they are goes with them.
    async fn wrap<W: Send + 'static>(
        &self,
        weak: Vec<(W, ForeignHash)>,
    ) -> Result<Vec<(W, String)>, Failure> {
        let (mut wrapped, mut work) = (Vec::with_capacity(weak.len()), JoinSet::new());
        let mut weak = weak.into_iter();
        loop {
            while work.len() < self.workers
                && let Some((whose, hash)) = weak.next()
            {
                let (hasher, entropy) = (Arc::clone(&self.hasher), Arc::clone(&self.entropy));
                work.spawn(async move { (whose, hasher.wrap(NOBODY, hash, &*entropy).await) });
            }
            let Some(done) = work.join_next().await else {
                return Ok(wrapped);
            };
            let (whose, hash) = done.map_err(|error| Failure::Internal(error.into()))?;
            wrapped.push((whose, hash?));
        }
    }
}

/// Some people whose hash is another system's and wrapped in none of ours.
async fn unwrapped(store: &Store, after: Option<UserId>) -> Result<Vec<UserId>, Failure> {
    let kinds = KINDS.iter().copied();
    let kinds: Vec<_> = kinds.filter(|kind| !kind.starts_with("wrapped-")).collect();
    let hashes = store.foreign_hashes();
    Ok(hashes.of_kinds(&kinds, after, BATCH).await?)
}
