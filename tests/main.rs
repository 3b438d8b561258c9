//! Gatelodge's tests: a real server, a real database, one behaviour a file.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that fails says where"
)]
#![expect(
    clippy::format_collect,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::cloned_ref_to_slice_refs,
    reason = "plain beats fast in a test"
)]

mod harness;

mod abandoned_requests;
mod admin;
mod admin_changes;
mod breached;
mod change_password;
mod change_username;
mod cli;
mod connections;
mod cookie;
mod cors;
mod cors_of_failures;
mod csv_cells;
mod current_password;
mod database_ownership;
mod database_urls;
mod delete_user;
mod document_cache;
mod documents;
mod execution;
mod exhaustion;
mod failures;
mod foreign_hashes;
mod fuzz_corpora;
mod graphiql;
mod graphql_cop;
mod guard;
mod guard_introspection;
mod guard_nesting;
mod guard_roots;
mod hash_work;
mod headers;
mod health;
mod identity;
mod last_admin;
mod layering;
mod log;
mod log_logins;
mod log_requests;
mod log_unwritable;
mod log_warnings;
mod login;
mod logout;
mod me;
mod metrics;
mod migrations;
mod moving_in;
mod moving_in_again;
mod moving_in_broken_rows;
mod names_like_ids;
mod nodes;
mod origin;
mod pepper;
mod persisted_queries;
mod pgbouncer;
mod public_url;
mod read_only_database;
mod reauthenticate;
mod refusal_floor;
mod register;
mod remember_me;
mod request;
mod revoke_session;
mod schema;
mod schema_levels;
mod search_path;
mod secret_files;
mod security_events;
mod security_events_limit;
mod session_cache;
mod session_expires;
mod session_model;
mod sessions;
mod shutdown;
mod statements;
mod throttle;
mod throttle_gone;
mod throttle_killed;
mod throttle_logins;
mod throttle_model;
mod throttle_races;
mod throttle_source;
mod trusted_documents;
mod user_command;
mod user_events_command;
mod wrong_settings;
