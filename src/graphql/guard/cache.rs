//! The cache of admitted documents, limited in bytes.
//!
//! A flood of documents that are each sent once must not fill the memory, and must not evict frequent documents. So a
//! document is cached when it is sent for the second time, and the cache prefers documents that are used again.
//! Documents that a client sends with their hash are cached at once, in a separate part. A flood of those can only
//! evict other persisted queries, which clients then send again.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use quick_cache::{Weighter, sync::Cache};

use super::Document;

/// The number of hashes that are remembered of documents that were sent once.
const SEEN: usize = 4096;
/// The size of a document without its text and tokens, in bytes.
const WEIGHT: usize = 2048;
/// The size of a token in bytes. Measured as 300 for fields without arguments (`benches/guard.rs`).
const TOKEN_WEIGHT: usize = 320;
/// The average size of a cached document in bytes. Used only for the cache's initial capacity.
const AVERAGE: u64 = 16 * 1024;

/// The cached documents.
pub struct DocumentCache {
    /// By their whole text: with a collision of a weak hash, an attacker could run another document.
    frequent: Cache<Arc<str>, Arc<Document>, Weigh>,
    /// By the SHA-256 that the client sent with the text.
    persisted: Cache<String, Arc<Document>, Weigh>,
    /// Keyed hashes of texts that were sent once. Each slot holds its latest text.
    seen: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl DocumentCache {
    /// Creates a cache of at most `bytes` bytes.
    pub fn new(bytes: u64) -> Self {
        let part = bytes / 2;
        let items = usize::try_from(part / AVERAGE).unwrap_or(usize::MAX).max(1);
        Self {
            frequent: Cache::with_weighter(items, part, Weigh),
            persisted: Cache::with_weighter(items, part, Weigh),
            seen: (0..SEEN).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Returns a document by its text.
    pub fn by_text(&self, text: &str) -> Option<Arc<Document>> {
        self.frequent.get(text)
    }

    /// Returns a document by the hash that was sent with it before.
    pub fn by_hash(&self, hash: &str) -> Option<Arc<Document>> {
        self.persisted.get(hash)
    }

    /// Records an admitted document, and caches it if it was sent before.
    pub fn record(&self, document: &Arc<Document>) {
        if document.holds_secret {
            return;
        }
        let hash = self.hasher.hash_one(&*document.text);
        let slot = usize::try_from(hash % SEEN as u64).unwrap_or(0);
        if self.seen[slot].swap(hash, Ordering::Relaxed) == hash {
            self.frequent
                .insert(Arc::clone(&document.text), Arc::clone(document));
        }
    }

    /// Caches an admitted document under its SHA-256.
    pub fn insert(&self, hash: &str, document: &Arc<Document>) {
        if !document.holds_secret {
            self.persisted.insert(hash.to_owned(), Arc::clone(document));
        }
    }
}

/// Weighs documents by their memory use.
#[derive(Clone)]
struct Weigh;

impl<K> Weighter<K, Arc<Document>> for Weigh {
    fn weight(&self, _: &K, document: &Arc<Document>) -> u64 {
        // The text is stored twice: as the key, and for the positions of errors.
        let bytes = WEIGHT + 2 * document.text.len() + TOKEN_WEIGHT * document.tokens;
        (bytes * document.parts()) as u64
    }
}
