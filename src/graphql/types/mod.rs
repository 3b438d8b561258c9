//! The schema's types, written by hand: a new column of a table must never add a field to the schema.

pub mod auth_settings;
pub mod connection;
pub mod node;
pub mod security_event;
pub mod session;
pub mod user;
pub mod user_error;
