//! The schema's types, each written by hand: one new column of a table must never be one new field here.

pub mod auth_settings;
pub mod connection;
pub mod node;
pub mod security_event;
pub mod session;
pub mod user;
pub mod user_error;
