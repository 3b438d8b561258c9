//! `changePassword`.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};

use crate::{
    auth::account::change_password::{ChangePasswordForm, ChangePasswordRefusal},
    domain::password::PasswordError,
    graphql::{
        context::RequestContext,
        error::ResolverError,
        types::{
            session::Session,
            user::User,
            user_error::{UserErrorContent, payload, user_error},
        },
    },
};

/// The field `changePassword`.
#[derive(Default)]
pub struct ChangePassword;

/// Input of `changePassword`.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The current password.
    current_password: String,
    /// The new password: 8 to 256 characters of any kind.
    new_password: String,
    /// The new password a second time.
    confirm_password: String,
}

/// Payload of `changePassword`.
#[derive(Default, SimpleObject)]
pub struct ChangePasswordPayload {
    /// The user whose password was changed. Null when there are errors.
    user: Option<User>,
    /// The session of this request. All other sessions have ended. Null when there are errors.
    session: Option<Session>,
    /// What the user must correct first. Empty on success.
    user_errors: Vec<ChangePasswordUserError>,
}

/// Error codes of `changePassword`.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum ChangePasswordErrorCode {
    /// The field is empty.
    Required,
    /// `newPassword` and `confirmPassword` differ.
    PasswordsDoNotMatch,
    /// The current password is wrong.
    InvalidCredentials,
    /// The new password is too short.
    PasswordTooShort,
    /// The new password is too long.
    PasswordTooLong,
    /// The new password is easy to guess, for example a common or breached one.
    PasswordTooCommon,
    /// Too many attempts. Wait `retryAfter` seconds.
    Throttled,
}

user_error!(
    ChangePasswordUserError,
    ChangePasswordErrorCode,
    ChangePasswordPayload
);

#[Object]
impl ChangePassword {
    /// Changes the signed-in user's password, renews this browser's cookie and ends all other sessions.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The form's values.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let authenticated = context.required().await?;
        let form = ChangePasswordForm {
            current_password: input.current_password.into(),
            new_password: input.new_password.into(),
            confirm_password: input.confirm_password.into(),
        };
        let caller = context.caller();
        payload(
            context
                .auth
                .change_password(authenticated, form, &caller)
                .await,
            |signed_in| {
                let (user, session) = context.signed_in(*signed_in);
                ChangePasswordPayload {
                    user: Some(user),
                    session: Some(session),
                    ..Default::default()
                }
            },
        )
    }
}

impl From<ChangePasswordRefusal> for UserErrorContent<ChangePasswordErrorCode> {
    fn from(refusal: ChangePasswordRefusal) -> Self {
        use ChangePasswordErrorCode as Code;
        const REQUIRED: &str = "Current and new password required";
        match refusal {
            ChangePasswordRefusal::CurrentRequired => {
                Self::at("currentPassword", Code::Required, REQUIRED)
            }
            ChangePasswordRefusal::NewRequired => Self::at("newPassword", Code::Required, REQUIRED),
            ChangePasswordRefusal::PasswordsDoNotMatch => Self::at(
                "confirmPassword",
                Code::PasswordsDoNotMatch,
                "Passwords don't match",
            ),
            ChangePasswordRefusal::PasswordInvalid(error) => {
                let code = match error {
                    PasswordError::TooShort => Code::PasswordTooShort,
                    PasswordError::TooLong => Code::PasswordTooLong,
                    PasswordError::TooCommon => Code::PasswordTooCommon,
                };
                Self::at("newPassword", code, error.to_string())
            }
            ChangePasswordRefusal::Password(refusal) => Self::password(
                refusal,
                "currentPassword",
                Code::InvalidCredentials,
                Code::Throttled,
            ),
        }
    }
}
