//! Prevents the time of a refused login from revealing which kind of hash was checked.

pub mod refusal_floor;
pub(crate) mod slowest_hash;
