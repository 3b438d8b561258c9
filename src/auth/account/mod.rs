//! What users do with their own account.

pub mod change_password;
pub mod change_username;
pub mod delete_user;
pub mod register;
pub(crate) mod security_events;
