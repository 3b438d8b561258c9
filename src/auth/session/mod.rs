//! Sessions from their start to their end.

pub mod authenticate;
pub mod expire;
pub(crate) mod list;
pub(crate) mod open;
pub(crate) mod recheck;
pub mod revoke;
pub mod watch;
