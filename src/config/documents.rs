//! The cache of parsed documents, and the documents that may run.

use std::path::PathBuf;

use clap::Args;

use super::values::byte_size;

/// The settings of cached and trusted documents.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Documents")]
pub struct DocumentsConfig {
    /// Memory for the cache of parsed documents and persisted queries. 0 turns both off
    #[arg(
        long = "document-cache",
        env = "GATELODGE_DOCUMENT_CACHE",
        default_value = "16MiB",
        value_parser = byte_size::parse
    )]
    pub document_cache: u64,

    /// Files with trusted documents, comma-separated. Only these documents may run. Formats: Relay, Apollo's
    /// `generate-persisted-query-manifest` and graphql-codegen
    #[arg(
        long = "trusted-documents",
        env = "GATELODGE_TRUSTED_DOCUMENTS",
        value_delimiter = ','
    )]
    pub trusted_documents: Vec<PathBuf>,
}
