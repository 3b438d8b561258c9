//! Documents, the schema, and how operations run.

mod document_cache;
mod execution;
mod fuzz_corpora;
mod graphql_cop;
mod guard;
mod guard_introspection;
mod guard_nesting;
mod guard_roots;
mod persisted_queries;
mod schema;
mod trusted_documents;
