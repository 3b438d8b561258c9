//! Importing and exporting users.

pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod progress;
