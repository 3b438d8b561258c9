//! Wrap: a hash of ours is put over the hashes of other systems at once, so that no weak one remains.

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

    /// Wraps what earlier imports left as it was; tells how many, after each batch and in the end.
    pub async fn those_here(
        &self,
        store: &Store,
        mut tell: impl FnMut(u64),
    ) -> Result<u64, Failure> {
        let (mut after, mut count) = (None, 0);
        while let Some((last, wrapped)) =
            patiently(async || self.some_here(store, after).await).await?
        {
            after = Some(last);
            count += wrapped;
            tell(count);
        }
        Ok(count)
    }

    /// Wraps the hashes of a batch of people, if there are any after this one; tells who is the last, and how many it were.
    async fn some_here(
        &self,
        store: &Store,
        after: Option<UserId>,
    ) -> Result<Option<(UserId, u64)>, Failure> {
        let Some((last, weak)) = weak_here(store, after, self.todays_cost).await? else {
            return Ok(None);
        };
        let mut wrapped = self.wrap(weak).await?;
        // In one order: two that did so at once would else wait for each other.
        wrapped.sort_by_key(|((id, _), _)| id.uuid());
        let (transaction, mut count) = (store.begin().await?, 0);
        for ((id, old), new) in wrapped {
            // Whoever logged in meanwhile has one of ours.
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

    /// Wraps hashes, as many at once as there are workers; whose they are goes with them.
    async fn wrap<W: Send + 'static>(
        &self,
        weak: Vec<(W, ForeignHash)>,
    ) -> Result<Vec<(W, String)>, Failure> {
        let (mut wrapped, mut transaction) = (Vec::with_capacity(weak.len()), JoinSet::new());
        let mut weak = weak.into_iter();
        loop {
            while transaction.len() < self.workers
                && let Some((whose, hash)) = weak.next()
            {
                let (hasher, entropy) = (Arc::clone(&self.hasher), Arc::clone(&self.entropy));
                transaction
                    .spawn(async move { (whose, hasher.wrap(NOBODY, hash, &*entropy).await) });
            }
            let Some(done) = transaction.join_next().await else {
                return Ok(wrapped);
            };
            let (whose, hash) = done.map_err(|error| Failure::Internal(error.into()))?;
            wrapped.push((whose, hash?));
        }
    }
}

/// How many hashes of earlier imports there are to wrap.
pub async fn count_weak_here(store: &Store, todays_cost: u32) -> Result<u64, Failure> {
    let (mut after, mut count) = (None, 0);
    while let Some((last, weak)) = weak_here(store, after, todays_cost).await? {
        after = Some(last);
        count += weak.len() as u64;
    }
    Ok(count)
}

/// Whose hash is to be wrapped, and as what it is stored.
type Whose = (UserId, String);

/// Of a batch of people, the last one, and the hashes that are another system's and wrapped in none of ours.
async fn weak_here(
    store: &Store,
    after: Option<UserId>,
    todays_cost: u32,
) -> Result<Option<(UserId, Vec<(Whose, ForeignHash)>)>, Failure> {
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

/// Tries a few times while the database is busy: it may serve a gateway.
async fn patiently<T>(transaction: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Failure> {
    for _ in 1..MAX_ATTEMPTS {
        match transaction().await {
            Err(Failure::Unavailable(_) | Failure::Busy) => sleep(INTERVAL).await,
            done => return done,
        }
    }
    transaction().await
}
