//! `deleteUser`.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::{
    auth::account::delete_user::DeleteUserRefusal,
    graphql::{
        context::RequestContext,
        error::ResolverError,
        types::user_error::{UserErrorContent, payload, user_error},
    },
};

/// The field `deleteUser`.
#[derive(Default)]
pub struct DeleteUser;

/// Input of `deleteUser`.
#[derive(InputObject)]
pub struct DeleteUserInput {
    /// The current password.
    current_password: String,
}

/// Payload of `deleteUser`.
#[derive(Default, SimpleObject)]
pub struct DeleteUserPayload {
    /// The id of the deleted user. Null when there are errors.
    deleted_user_id: Option<ID>,
    /// What the user must correct first. Empty on success.
    user_errors: Vec<DeleteUserUserError>,
}

/// Error codes of `deleteUser`.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum DeleteUserErrorCode {
    /// The field is empty.
    Required,
    /// The current password is wrong.
    InvalidCredentials,
    /// The last password check is too old. Call `reauthenticate` first.
    ReauthenticationRequired,
    /// The change would leave no administrator.
    LastAdmin,
    /// Too many attempts. Wait `retryAfter` seconds.
    Throttled,
}

user_error!(DeleteUserUserError, DeleteUserErrorCode, DeleteUserPayload);

#[Object]
impl DeleteUser {
    /// Permanently deletes the signed-in user and all their data. Requires a recent password check, and the current password.
    async fn delete_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The form's values.")] input: DeleteUserInput,
    ) -> Result<DeleteUserPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let authenticated = context.required().await?;
        let password = input.current_password.into();
        let caller = context.caller();
        payload(
            context
                .auth
                .delete_user(authenticated, password, &caller)
                .await,
            |()| {
                context.signed_out();
                DeleteUserPayload {
                    deleted_user_id: Some(authenticated.user.id.to_string().into()),
                    ..Default::default()
                }
            },
        )
    }
}

impl From<DeleteUserRefusal> for UserErrorContent<DeleteUserErrorCode> {
    fn from(refusal: DeleteUserRefusal) -> Self {
        use DeleteUserErrorCode as Code;
        match refusal {
            DeleteUserRefusal::PasswordRequired => {
                Self::at("currentPassword", Code::Required, "Password required")
            }
            DeleteUserRefusal::ReauthenticationRequired => {
                Self::reauthentication_required(Code::ReauthenticationRequired)
            }
            DeleteUserRefusal::LastAdmin => Self::last_admin(Code::LastAdmin),
            DeleteUserRefusal::Password(refusal) => Self::password(
                refusal,
                "currentPassword",
                Code::InvalidCredentials,
                Code::Throttled,
            ),
        }
    }
}
