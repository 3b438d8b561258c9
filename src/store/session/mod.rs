//! Live sessions in memory, and what makes every node drop them.

pub mod cache;
pub(crate) mod changes;
pub(crate) mod invalidation;
pub(crate) mod pg_notify;
