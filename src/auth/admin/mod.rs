//! What administrators and operators do with other users' accounts.

pub mod actor;
pub mod add_user;
pub mod disable_user;
pub mod enable_user;
pub mod find_users;
pub(crate) mod probe_session;
pub mod revoke_user_sessions;
pub mod set_password;
pub mod set_user_roles;
pub(crate) mod suggest_names;
pub(crate) mod unlock_user;
