//! Properties that must hold for any bytes. Each file holds one property.
//!
//! The fuzzer searches for bytes that violate a property. The ordinary tests replay its corpus.

pub mod cookie;
pub mod guard;
pub mod split;
pub mod stored_hash;
pub mod strict_json;
pub mod token;
pub mod username;
