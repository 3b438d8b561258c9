//! Hashing and checking passwords.

mod breached;
mod foreign_hashes;
mod hash_work;
mod pepper;
mod refusal_floor;
