//! The schema's types, each written by hand: one new column of a table must never be one new field here.

pub mod auth_settings;
pub mod node;
pub mod session;
pub mod user;
pub mod user_error;
