//! The root type of mutations, one mutation per file.

use async_graphql::{Interface, MergedObject};

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

/// Root fields that check a password, set the session cookie, or reveal whether a username is free.
///
/// An operation may have only one of them. Thousands of aliased logins in one request would bypass every throttle.
pub const CREDENTIAL_FIELDS: &[&str] = &[
    "register",
    "login",
    "logout",
    "reauthenticate",
    "changePassword",
    "changeUsername",
    "deleteUser",
    "revokeSession",
    // With these, administrators can end their own sessions.
    "disableUser",
    "revokeUserSessions",
];

/// Registers the mutations, each with the type of its user errors. Only `logout` has no user errors.
macro_rules! mutations {
    ($($module:ident: $field:ident, $error:ident;)+) => {
        /// The root type of mutations.
        #[derive(Default, MergedObject)]
        pub struct Mutation($($module::$field,)+ logout::Logout);

        /// A problem that the user can correct. Each mutation has its own type, which adds `code` and `retryAfter`.
        #[derive(Interface)]
        #[graphql(
            field(name = "message", ty = "&String", desc = "What is wrong, for users. Frontends can show it."),
            field(
                name = "field",
                ty = "&Option<Vec<String>>",
                desc = "The path of the wrong field in the input. Null when it is not a single field."
            )
        )]
        pub enum UserError {
            $(
                #[doc = concat!("A user error of `", stringify!($module), "`.")]
                $field($module::$error),
            )+
        }
    };
}

mutations! {
    register: Register, RegisterUserError;
    login: Login, LoginUserError;
    reauthenticate: Reauthenticate, ReauthenticateUserError;
    change_password: ChangePassword, ChangePasswordUserError;
    change_username: ChangeUsername, ChangeUsernameUserError;
    delete_user: DeleteUser, DeleteUserUserError;
    revoke_session: RevokeSession, RevokeSessionUserError;
    revoke_other_sessions: RevokeOtherSessions, RevokeOtherSessionsUserError;
    disable_user: DisableUser, DisableUserUserError;
    enable_user: EnableUser, EnableUserUserError;
    set_user_roles: SetUserRoles, SetUserRolesUserError;
    revoke_user_sessions: RevokeUserSessions, RevokeUserSessionsUserError;
}
