//! How documents were found, counted for operators.

use metrics::{Counter, counter, describe_counter};

/// The counts of documents.
#[derive(Clone)]
pub struct DocumentMetrics {
    /// Read anew.
    pub read: Counter,
    /// Known by their text.
    pub kept: Counter,
    /// Known by their hash.
    pub persisted: Counter,
    /// Of a trusted manifest.
    pub trusted: Counter,
    /// Not admitted.
    pub refused: Counter,
}

impl DocumentMetrics {
    /// Names the counts to the recorder of this thread; all are there from the start, at zero.
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
    /// Counts nothing.
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
