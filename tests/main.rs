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

mod cli;
mod cookie;
mod cors;
mod documents;
mod failures;
mod graphiql;
mod guard;
mod headers;
mod health;
mod layering;
mod login;
mod logout;
mod me;
mod migrations;
mod origin;
mod register;
mod request;
mod schema;
mod session_expires;
mod shutdown;
mod throttle;
