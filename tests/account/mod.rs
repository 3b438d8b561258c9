//! What users do with their own account.

mod change_password;
mod change_username;
mod current_password;
mod delete_user;
mod register;
mod security_events;
pub(crate) mod security_events_limit;
