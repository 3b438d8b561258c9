//! Passwords: hashing, checking, and which ones are allowed.

pub mod argon2id;
pub(crate) mod breached;
pub(crate) mod fair_queue;
pub mod foreign;
pub mod hasher;
pub mod pepper;
pub(crate) mod policy;
pub(crate) mod quota;
pub(crate) mod spelling;
pub mod stored_hash;
pub mod timing;
pub(crate) mod worker_pool;
