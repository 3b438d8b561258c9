//! Documents that were admitted before, kept within a bound of bytes.
//!
//! A flood of documents that come once must neither grow the memory nor push out those that come often. So a document is
//! kept when it comes for the second time, and the cache itself prefers what is asked for again. Documents that a client
//! sends with their hash are kept at once, in a part of their own: a flood of those pushes out other persisted queries,
//! which clients send again, and nothing else.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use quick_cache::{Weighter, sync::Cache};

use super::Document;

/// How many documents that came once are remembered, by their hashes.
const SEEN: usize = 4096;
/// What a document weighs beside its text and its tokens, in bytes.
const WEIGHT: usize = 2048;
/// What a token weighs, in bytes: measured as 300 for fields without arguments (`benches/guard.rs`).
const TOKEN_WEIGHT: usize = 320;
/// Bytes that a kept document has on average: for the cache's first size alone.
const AVERAGE: u64 = 16 * 1024;

/// Kept documents.
pub struct DocumentCache {
    /// By their whole text: a hash that an attacker can collide would run another document.
    frequent: Cache<Arc<str>, Arc<Document>, Weigh>,
    /// By the SHA-256 that the client sent with the text.
    persisted: Cache<String, Arc<Document>, Weigh>,
    /// Keyed hashes of texts that came once. A place is taken by the latest text for it.
    seen: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl DocumentCache {
    /// Keeps up to so many bytes of documents.
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

    /// Notes an admitted document; keeps it if it came before.
    pub fn note(&self, document: &Arc<Document>) {
        if document.holds_secret {
            return;
        }
        let hash = self.hasher.hash_one(&*document.text);
        let place = usize::try_from(hash % SEEN as u64).unwrap_or(0);
        if self.seen[place].swap(hash, Ordering::Relaxed) == hash {
            self.frequent
                .insert(Arc::clone(&document.text), Arc::clone(document));
        }
    }

    /// Keeps an admitted document under its SHA-256.
    pub fn keep(&self, hash: &str, document: &Arc<Document>) {
        if !document.holds_secret {
            self.persisted.insert(hash.to_owned(), Arc::clone(document));
        }
    }
}

/// Weighs documents by the memory that they take.
#[derive(Clone)]
struct Weigh;

impl<K> Weighter<K, Arc<Document>> for Weigh {
    fn weight(&self, _: &K, document: &Arc<Document>) -> u64 {
        // The text is there twice: as the key, and for the places of errors.
        let bytes = WEIGHT + 2 * document.text.len() + TOKEN_WEIGHT * document.tokens;
        bytes as u64
    }
}
