//! Documents, the schema, and how operations run.

mod document_cache;
mod error_messages;
mod error_positions;
mod execution;
pub mod fuzz_corpora;
mod grammar;
mod graphql_cop;
mod guard;
mod guard_introspection;
mod guard_nesting;
mod guard_roots;
mod merged;
mod persisted_queries;
mod schema;
mod trusted_documents;
