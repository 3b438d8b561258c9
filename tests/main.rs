//! Gatelodge's tests: a real server, a real database, one behaviour per file.

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

mod account;
mod admin;
mod cli;
mod database;
mod documents;
mod gate;
mod graphql;
mod http;
mod identity;
mod layering;
mod log;
mod one_endpoint;
mod password;
mod session;
mod signin;
mod subscriptions;
mod throttle;
mod transfer;
mod upstream;
