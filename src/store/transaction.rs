//! Transactions: several changes that are committed together, and the cache entries that they invalidate.

use std::sync::Arc;

use tracing::Instrument;

use super::{
    DetachedTransaction, ForeignHashes, ImportedUsers, Invalidation, SecurityEvents, Sessions,
    SigningKeys, Store, StoreError, Throttles, Users,
    error::bounded,
    session::{cache::SessionCache, pg_notify, watched::WatchedSessions},
};

/// Several changes that are committed together. Without [`Transaction::commit`] they are rolled back.
pub struct Transaction {
    pub(super) txn: DetachedTransaction,
    cache: Option<Arc<SessionCache>>,
    watched: Arc<WatchedSessions>,
    invalidations: Vec<Invalidation>,
}

impl Store {
    /// Begins a transaction.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        Ok(Transaction {
            txn: bounded(self.write.begin()).await?,
            cache: self.cache.clone(),
            watched: Arc::clone(&self.watched),
            invalidations: vec![],
        })
    }
}

impl Transaction {
    /// Returns the table of users.
    pub fn users(&self) -> Users<'_, DetachedTransaction> {
        Users::on(&self.txn)
    }

    /// Returns the table of sessions.
    pub fn sessions(&self) -> Sessions<'_, DetachedTransaction> {
        Sessions::on(&self.txn)
    }

    /// Returns the table of security events.
    pub fn security_events(&self) -> SecurityEvents<'_, DetachedTransaction> {
        SecurityEvents::on(&self.txn)
    }

    /// Returns the table of throttles.
    pub fn throttles(&self) -> Throttles<'_, DetachedTransaction> {
        Throttles::on(&self.txn)
    }

    /// Returns the table of other systems' hashes.
    pub fn foreign_hashes(&self) -> ForeignHashes<'_, DetachedTransaction> {
        ForeignHashes::on(&self.txn)
    }

    /// Returns the table of imported users' data.
    pub fn imported_users(&self) -> ImportedUsers<'_, DetachedTransaction> {
        ImportedUsers::on(&self.txn)
    }

    /// Returns the table of signing keys.
    pub fn signing_keys(&self) -> SigningKeys<'_, DetachedTransaction> {
        SigningKeys::on(&self.txn)
    }

    /// Adds cache entries to invalidate when the transaction is committed.
    pub(super) fn invalidate(&mut self, entries: impl IntoIterator<Item = Invalidation>) {
        self.invalidations.extend(entries);
    }

    /// Commits the changes and invalidates cache entries: on this node before it returns, on other nodes as soon as they
    /// receive the notification.
    ///
    /// The notification is part of the transaction, so both happen or neither. Once the commit is sent, the invalidation
    /// always follows, even if the client disconnects or the commit gets no answer.
    pub async fn commit(self) -> Result<(), StoreError> {
        let Self {
            txn,
            cache,
            watched,
            invalidations,
        } = self;
        if invalidations.is_empty() {
            return bounded(txn.commit()).await;
        }
        pg_notify::notify(&txn, &invalidations).await?;
        let finish = async move {
            let result = bounded(txn.commit()).await;
            if let Some(cache) = cache {
                cache.invalidate(&invalidations);
            }
            watched.invalidate(&invalidations);
            result
        };
        tokio::spawn(finish.in_current_span())
            .await
            .unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
    }
}
