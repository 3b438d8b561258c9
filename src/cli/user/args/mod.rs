//! Arguments that several user commands share.

pub(crate) mod password;
pub(crate) mod user;
