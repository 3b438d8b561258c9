//! `UserError`: what a person can mend is data, at the field of the form where they can mend it.

use async_graphql::{Interface, OutputType, SimpleObject};

use crate::{
    auth::{admin::actor::AdminRefusal, throttle::reservation::Throttled},
    graphql::mutation::{
        change_password::ChangePasswordErrorCode, change_username::ChangeUsernameErrorCode,
        delete_user::DeleteUserErrorCode, disable_user::DisableUserErrorCode,
        enable_user::EnableUserErrorCode, login::LoginErrorCode,
        reauthenticate::ReauthenticateErrorCode, register::RegisterErrorCode,
        revoke_other_sessions::RevokeOtherSessionsErrorCode,
        revoke_session::RevokeSessionErrorCode, revoke_user_sessions::RevokeUserSessionsErrorCode,
        set_user_roles::SetUserRolesErrorCode,
    },
};

/// Something the person can mend. Each mutation's own type adds `code`.
#[derive(Interface)]
#[graphql(
    field(name = "message", ty = "&String", desc = "What is wrong, for people."),
    field(
        name = "field",
        ty = "&Option<Vec<String>>",
        desc = "The path in the input of what is wrong; null when it is no single field."
    )
)]
pub enum UserError {
    /// Of `register`.
    Register(ErrorOf<RegisterErrorCode>),
    /// Of `login`.
    Login(ErrorOf<LoginErrorCode>),
    /// Of `reauthenticate`.
    Reauthenticate(ErrorOf<ReauthenticateErrorCode>),
    /// Of `changePassword`.
    ChangePassword(ErrorOf<ChangePasswordErrorCode>),
    /// Of `changeUsername`.
    ChangeUsername(ErrorOf<ChangeUsernameErrorCode>),
    /// Of `deleteUser`.
    DeleteUser(ErrorOf<DeleteUserErrorCode>),
    /// Of `revokeSession`.
    RevokeSession(ErrorOf<RevokeSessionErrorCode>),
    /// Of `revokeOtherSessions`.
    RevokeOtherSessions(ErrorOf<RevokeOtherSessionsErrorCode>),
    /// Of `disableUser`.
    DisableUser(ErrorOf<DisableUserErrorCode>),
    /// Of `enableUser`.
    EnableUser(ErrorOf<EnableUserErrorCode>),
    /// Of `setUserRoles`.
    SetUserRoles(ErrorOf<SetUserRolesErrorCode>),
    /// Of `revokeUserSessions`.
    RevokeUserSessions(ErrorOf<RevokeUserSessionsErrorCode>),
}

/// Something to mend before the mutation succeeds.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "RegisterUserError", params(RegisterErrorCode)),
    concrete(name = "LoginUserError", params(LoginErrorCode)),
    concrete(name = "ReauthenticateUserError", params(ReauthenticateErrorCode)),
    concrete(name = "ChangePasswordUserError", params(ChangePasswordErrorCode)),
    concrete(name = "ChangeUsernameUserError", params(ChangeUsernameErrorCode)),
    concrete(name = "DeleteUserUserError", params(DeleteUserErrorCode)),
    concrete(name = "RevokeSessionUserError", params(RevokeSessionErrorCode)),
    concrete(
        name = "RevokeOtherSessionsUserError",
        params(RevokeOtherSessionsErrorCode)
    ),
    concrete(name = "DisableUserUserError", params(DisableUserErrorCode)),
    concrete(name = "EnableUserUserError", params(EnableUserErrorCode)),
    concrete(name = "SetUserRolesUserError", params(SetUserRolesErrorCode)),
    concrete(
        name = "RevokeUserSessionsUserError",
        params(RevokeUserSessionsErrorCode)
    )
)]
pub struct ErrorOf<C: OutputType> {
    /// What is wrong, for programs.
    pub code: C,
    /// What is wrong, for people.
    pub message: String,
    /// The path in the input of what is wrong; null when it is no single field.
    pub field: Option<Vec<String>>,
    /// Seconds until it makes sense to try again; null when waiting is no use.
    pub retry_after: Option<u32>,
}

impl<C: OutputType> ErrorOf<C> {
    /// Of the whole input.
    pub fn new(code: C, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            retry_after: None,
        }
    }

    /// Of one field of the input.
    pub fn at(field: &str, code: C, message: impl Into<String>) -> Self {
        Self {
            field: Some(vec![field.to_owned()]),
            ..Self::new(code, message)
        }
    }

    /// Of a proof of who they are that is too old.
    pub fn reauthentication_required(code: C) -> Self {
        Self::new(code, "Please confirm your password first")
    }

    /// Of a change of another person that did not begin.
    pub fn admin(refusal: AdminRefusal, not_found: C, reauthenticate: C) -> Self {
        match refusal {
            AdminRefusal::NotFound => Self::at("id", not_found, "There is no such person"),
            AdminRefusal::ReauthenticationRequired => {
                Self::reauthentication_required(reauthenticate)
            }
        }
    }

    /// Of a change that would leave nobody to administer people.
    pub fn last_admin(code: C) -> Self {
        Self::new(code, "Somebody must be left to administer people")
    }

    /// Of too many tries.
    pub fn throttled(code: C, throttled: Throttled) -> Self {
        Self {
            retry_after: Some(throttled.retry_after()),
            ..Self::new(code, "Too many tries, try again later")
        }
    }
}

/// What a refused form's errors become.
pub fn errors<R: Into<ErrorOf<C>>, C: OutputType>(refusals: Vec<R>) -> Vec<ErrorOf<C>> {
    refusals.into_iter().map(Into::into).collect()
}
