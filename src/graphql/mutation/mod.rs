//! The root of mutations: one feature a file.

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

/// Registers the mutations: a line each, with the type of its user errors. Only `logout` has none.
macro_rules! mutations {
    ($($module:ident: $field:ident, $error:ident;)+) => {
        /// The root of mutations.
        #[derive(Default, MergedObject)]
        pub struct Mutation($($module::$field,)+ logout::Logout);

        /// Something that the user can correct. Each mutation's own type adds `code`.
        #[derive(Interface)]
        #[graphql(
            field(name = "message", ty = "&String", desc = "What is wrong, for users."),
            field(
                name = "field",
                ty = "&Option<Vec<String>>",
                desc = "The path of the wrong field in the input. Null when it is not a single field."
            )
        )]
        pub enum UserError {
            $(
                #[doc = concat!("Of `", stringify!($module), "`.")]
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
