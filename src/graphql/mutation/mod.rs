//! The root of mutations: one feature a file.

use async_graphql::MergedObject;

pub mod change_password;
pub mod change_username;
pub mod delete_user;
pub mod disable_user;
pub mod enable_user;
pub mod login;
pub mod logout;
pub mod reauthenticate;
pub mod register;
pub mod revoke_other_sessions;
pub mod revoke_session;
pub mod revoke_user_sessions;
pub mod set_user_roles;

/// Root fields that check a password, set the session cookie, or tell whether a name is free.
///
/// An operation may have one of them: thousands of aliased logins in one request are a way round every throttle.
pub const CREDENTIAL_FIELDS: &[&str] = &[
    "register",
    "login",
    "logout",
    "reauthenticate",
    "changePassword",
    "changeUsername",
    "deleteUser",
    "revokeSession",
    // An administrator may end their own sessions by these.
    "disableUser",
    "revokeUserSessions",
];

/// What can be done.
#[derive(Default, MergedObject)]
pub struct Mutation(
    register::Register,
    login::Login,
    logout::Logout,
    reauthenticate::Reauthenticate,
    change_password::ChangePassword,
    change_username::ChangeUsername,
    delete_user::DeleteUser,
    revoke_session::RevokeSession,
    revoke_other_sessions::RevokeOtherSessions,
    disable_user::DisableUser,
    enable_user::EnableUser,
    set_user_roles::SetUserRoles,
    revoke_user_sessions::RevokeUserSessions,
);
