//! What must hold for any bytes at all: one property a file.
//!
//! The fuzzer looks for bytes that break one; the ordinary tests replay what it kept.

pub mod cookie;
pub mod guard;
pub mod stored_hash;
pub mod strict_json;
pub mod token;
pub mod username;
