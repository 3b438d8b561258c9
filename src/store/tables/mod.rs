//! The tables' reads and writes. Each file holds one table.

pub(crate) mod client;
pub(crate) mod foreign_hashes;
pub(crate) mod imported_users;
pub(crate) mod secrets;
pub(crate) mod security_events;
pub(crate) mod sessions;
pub(crate) mod signing_keys;
pub(crate) mod throttles;
pub(crate) mod user_search;
pub(crate) mod users;
