//! The types of settings' values: durations, byte sizes, origins and the public URL.

pub mod byte_size;
pub mod duration;
pub mod named_secrets;
pub mod origin;
pub mod public_url;
pub mod redacted;
pub mod requirement;
