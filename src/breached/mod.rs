//! Sources of breached passwords' hashes: a file on disk, or a service over HTTP. `auth` decides when to ask them.

mod file;
mod range;

pub(crate) use self::{file::BreachedFile, range::RangeClient};

/// Hexadecimal digits of a SHA-1 hash.
const HASH_DIGITS: usize = 40;
