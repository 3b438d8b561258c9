//! Sign-in and sign-out.

pub(crate) mod attempt_log;
pub mod login;
pub mod logout;
pub(crate) mod password;
pub mod reauthenticate;
