//! Work: several changes that are made together or not at all, and what they make stale.

use std::sync::Arc;

use tracing::Instrument;

use super::{
    DetachedTransaction, ForeignHashes, ImportedUsers, Invalidation, SecurityEvents, Sessions,
    Store, StoreError, Throttles, Users,
    error::bounded,
    session::{cache::SessionCache, pg_notify},
};

/// Several changes that are made together or not at all; dropped without [`Transaction::commit`], none is.
pub struct Transaction {
    pub(super) txn: DetachedTransaction,
    cache: Option<Arc<SessionCache>>,
    stale: Vec<Invalidation>,
}

impl Store {
    /// Begins several changes.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        Ok(Transaction {
            txn: bounded(self.write.begin()).await?,
            cache: self.cache.clone(),
            stale: vec![],
        })
    }
}

impl Transaction {
    /// The people.
    pub fn users(&self) -> Users<'_, DetachedTransaction> {
        Users::on(&self.txn)
    }

    /// The sessions.
    pub fn sessions(&self) -> Sessions<'_, DetachedTransaction> {
        Sessions::on(&self.txn)
    }

    /// The security events.
    pub fn security_events(&self) -> SecurityEvents<'_, DetachedTransaction> {
        SecurityEvents::on(&self.txn)
    }

    /// The throttles.
    pub fn throttles(&self) -> Throttles<'_, DetachedTransaction> {
        Throttles::on(&self.txn)
    }

    /// The hashes of other systems.
    pub fn foreign_hashes(&self) -> ForeignHashes<'_, DetachedTransaction> {
        ForeignHashes::on(&self.txn)
    }

    /// What people brought from elsewhere.
    pub fn imported_users(&self) -> ImportedUsers<'_, DetachedTransaction> {
        ImportedUsers::on(&self.txn)
    }

    /// Notes what the caches must forget when the changes are made.
    pub(super) fn forget(&mut self, stale: impl IntoIterator<Item = Invalidation>) {
        self.stale.extend(stale);
    }

    /// Makes the changes last, and what they made stale forgotten: on this node when it returns, on the others as soon
    /// as they hear.
    ///
    /// The announcement belongs to the transaction, so both happen or neither. Once the commit is on its way, nothing
    /// keeps what follows from happening: no client that leaves, and no commit of which no answer comes.
    pub async fn commit(self) -> Result<(), StoreError> {
        let Self { txn, cache, stale } = self;
        if stale.is_empty() {
            return bounded(txn.commit()).await;
        }
        pg_notify::announce(&txn, &stale).await?;
        let finish = async move {
            let result = bounded(txn.commit()).await;
            if let Some(cache) = cache {
                cache.forget(&stale);
            }
            result
        };
        tokio::spawn(finish.in_current_span())
            .await
            .unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
    }
}
