//! Metrics of GraphQL documents.

use metrics::{Counter, counter, describe_counter};

/// Counters of documents, by how they were found.
#[derive(Clone)]
pub struct DocumentMetrics {
    /// Documents that were parsed.
    pub read: Counter,
    /// Documents that were found in the cache by their text.
    pub kept: Counter,
    /// Persisted queries that were found by their hash.
    pub persisted: Counter,
    /// Documents of a trusted manifest.
    pub trusted: Counter,
    /// Documents that were refused.
    pub refused: Counter,
}

impl DocumentMetrics {
    /// Registers the counters with this thread's recorder, each at zero.
    pub fn register() -> Self {
        let name = "gatelodge_documents_total";
        describe_counter!(name, "Documents of GraphQL requests by how they were found");
        let found = |source: &'static str| counter!(name, "source" => source);
        Self {
            read: found("read"),
            kept: found("kept"),
            persisted: found("persisted"),
            trusted: found("trusted"),
            refused: found("refused"),
        }
    }
}

impl Default for DocumentMetrics {
    /// Returns counters that count nothing.
    fn default() -> Self {
        Self {
            read: Counter::noop(),
            kept: Counter::noop(),
            persisted: Counter::noop(),
            trusted: Counter::noop(),
            refused: Counter::noop(),
        }
    }
}
