//! The session cache and the sessions of open sockets, and their invalidation on every node.

pub mod cache;
pub(crate) mod changes;
pub(crate) mod invalidation;
pub(crate) mod pg_notify;
pub(crate) mod watched;
