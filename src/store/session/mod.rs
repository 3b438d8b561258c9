//! The session cache, and its invalidation on every node.

pub mod cache;
pub(crate) mod changes;
pub(crate) mod invalidation;
pub(crate) mod pg_notify;
