//! Which documents are kept in memory, and which ones may run.

use std::path::PathBuf;

use clap::Args;

use super::values::byte_size;

/// Kept and trusted documents.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Documents")]
pub struct DocumentsConfig {
    /// Memory for documents that were read before, and for persisted queries; 0 turns both off
    #[arg(
        long = "document-cache",
        env = "GATELODGE_DOCUMENT_CACHE",
        default_value = "16MiB",
        value_parser = byte_size::parse
    )]
    pub document_cache: u64,

    /// Manifests of the only documents that may run, comma-separated files: as Relay, Apollo's
    /// `generate-persisted-query-manifest` or graphql-codegen write them
    #[arg(
        long = "trusted-documents",
        env = "GATELODGE_TRUSTED_DOCUMENTS",
        value_delimiter = ','
    )]
    pub trusted_documents: Vec<PathBuf>,
}
