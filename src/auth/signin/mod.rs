//! Proving who one is, and ending that.

pub(crate) mod attempt_log;
pub mod login;
pub mod logout;
pub(crate) mod password;
pub mod reauthenticate;
