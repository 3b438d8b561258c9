//! Wrap: puts one of our hashes over the hashes of other systems at once, so that no weak hash remains.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use tokio::{task::JoinSet, time::sleep};

use super::{
    import::{INTERVAL, MAX_ATTEMPTS},
    validate::Candidate,
};
use crate::{
    auth::{
        Failure, Hasher,
        password::{
            foreign::ForeignHash,
            stored_hash::{KINDS, StoredHash},
        },
    },
    domain::{entropy::Entropy, id::UserId},
    store::{ForeignHashRow, Store},
};

/// The source address of wrapping in the hash queue: no client's.
const NO_CLIENT: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
/// Users of one transaction.
const BATCH: u64 = 100;

/// Wraps hashes.
pub struct Wrap {
    /// The workers.
    pub hasher: Arc<Hasher>,
    /// How many workers there are. So many hashes run at once, and none has to wait.
    pub workers: usize,
    /// The cost of a hash that needs no wrapping.
    pub todays_cost: u32,
    /// Randomness for salts.
    pub entropy: Arc<dyn Entropy>,
}

impl Wrap {
    /// Wraps the hashes of candidates that need it, and updates what is stored.
    pub async fn wrap_candidates(&self, candidates: &mut [&mut Candidate]) -> Result<(), Failure> {
        let hashes = candidates.iter().enumerate();
        let weak = hashes.filter_map(|(index, one)| Some((index, self.weak(one.hash.as_ref()?)?)));
        for (index, wrapped) in self.wrap(weak.collect()).await? {
            if let Some(one) = candidates.get_mut(index) {
                one.hash = StoredHash::parse(&wrapped).ok();
                one.stored = wrapped;
            }
        }
        Ok(())
    }

    /// Wraps the hashes of earlier imports. Reports the count after each batch, and returns it.
    pub async fn wrap_existing(
        &self,
        store: &Store,
        mut report: impl FnMut(u64),
    ) -> Result<u64, Failure> {
        let (mut after, mut count) = (None, 0);
        while let Some((last, wrapped)) =
            with_retries(async || self.wrap_batch(store, after).await).await?
        {
            after = Some(last);
            count += wrapped;
            report(count);
        }
        Ok(count)
    }

    /// Wraps the hashes of one batch of users after an id. Returns the last id and the count; `None` if there are no
    /// more users.
    async fn wrap_batch(
        &self,
        store: &Store,
        after: Option<UserId>,
    ) -> Result<Option<(UserId, u64)>, Failure> {
        let Some((last, weak)) = find_weak(store, after, self.todays_cost).await? else {
            return Ok(None);
        };
        let mut wrapped = self.wrap(weak).await?;
        // In a fixed order: two concurrent runs would otherwise deadlock.
        wrapped.sort_by_key(|((id, _), _)| id.uuid());
        let (transaction, mut count) = (store.begin().await?, 0);
        for ((id, old), new) in wrapped {
            // A user who has logged in since has one of our hashes.
            if !transaction.users().replace_hash(id, &old, &new).await? {
                continue;
            }
            count += 1;
            transaction.foreign_hashes().delete(id).await?;
            let weight = StoredHash::parse(&new).ok().and_then(|hash| hash.weight());
            let row = weight.map(|weight| ForeignHashRow {
                user: id,
                kind: weight.kind.to_owned(),
                cost: weight.cost.into(),
            });
            transaction.foreign_hashes().insert(row.as_slice()).await?;
        }
        transaction.commit().await?;
        Ok(Some((last, count)))
    }

    fn weak(&self, hash: &StoredHash) -> Option<ForeignHash> {
        hash.to_wrap(self.todays_cost)
    }

    /// Wraps hashes, as many at once as there are workers. Each result keeps its owner.
    async fn wrap<W: Send + 'static>(
        &self,
        weak: Vec<(W, ForeignHash)>,
    ) -> Result<Vec<(W, String)>, Failure> {
        let (mut wrapped, mut tasks) = (Vec::with_capacity(weak.len()), JoinSet::new());
        let mut weak = weak.into_iter();
        loop {
            while tasks.len() < self.workers
                && let Some((owner, hash)) = weak.next()
            {
                let (hasher, entropy) = (Arc::clone(&self.hasher), Arc::clone(&self.entropy));
                tasks.spawn(async move { (owner, hasher.wrap(NO_CLIENT, hash, &*entropy).await) });
            }
            let Some(done) = tasks.join_next().await else {
                return Ok(wrapped);
            };
            let (owner, hash) = done.map_err(|error| Failure::Internal(error.into()))?;
            wrapped.push((owner, hash?));
        }
    }
}

/// Returns how many hashes of earlier imports need wrapping.
pub async fn count_weak_existing(store: &Store, todays_cost: u32) -> Result<u64, Failure> {
    let (mut after, mut count) = (None, 0);
    while let Some((last, weak)) = find_weak(store, after, todays_cost).await? {
        after = Some(last);
        count += weak.len() as u64;
    }
    Ok(count)
}

/// A user, and the hash that is stored for them.
type UserHash = (UserId, String);

/// Returns the last user of a batch, and the hashes that need wrapping.
async fn find_weak(
    store: &Store,
    after: Option<UserId>,
    todays_cost: u32,
) -> Result<Option<(UserId, Vec<(UserHash, ForeignHash)>)>, Failure> {
    let kinds = KINDS.iter().copied();
    let kinds: Vec<_> = kinds.filter(|kind| !kind.starts_with("wrapped-")).collect();
    let ids = store
        .foreign_hashes()
        .of_kinds(&kinds, after, BATCH)
        .await?;
    let Some(last) = ids.last().copied() else {
        return Ok(None);
    };
    let mut weak = vec![];
    for id in ids {
        let Some(stored) = store.users().find(id).await? else {
            continue;
        };
        let hash = StoredHash::parse(&stored.hash).ok();
        if let Some(hash) = hash.and_then(|hash| hash.to_wrap(todays_cost)) {
            weak.push(((id, stored.hash), hash));
        }
    }
    Ok(Some((last, weak)))
}

/// Retries an operation while the database is busy: it may serve a gateway.
async fn with_retries<T>(operation: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Failure> {
    for _ in 1..MAX_ATTEMPTS {
        match operation().await {
            Err(Failure::Unavailable(_) | Failure::Busy) => sleep(INTERVAL).await,
            done => return done,
        }
    }
    operation().await
}
