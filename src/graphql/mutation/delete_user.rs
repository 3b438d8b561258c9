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

/// What a person typed to leave for good.
#[derive(InputObject)]
pub struct DeleteUserInput {
    /// The present password, exactly.
    current_password: String,
}

/// What came of it.
#[derive(Default, SimpleObject)]
pub struct DeleteUserPayload {
    /// Who is gone; null when there are errors.
    deleted_user_id: Option<ID>,
    /// What the person must mend first; empty when they are gone.
    user_errors: Vec<DeleteUserUserError>,
}

/// What can be wrong with a deletion.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum DeleteUserErrorCode {
    /// The field is empty.
    Required,
    /// The present password is another one.
    InvalidCredentials,
    /// Too long ago that they proved who they are: `reauthenticate` first.
    ReauthenticationRequired,
    /// Nobody would be left who may administer people.
    LastAdmin,
    /// Too many tries; wait.
    Throttled,
}

user_error!(DeleteUserUserError, DeleteUserErrorCode, DeleteUserPayload);

#[Object]
impl DeleteUser {
    /// Deletes the signed-in person and everything of theirs, for good. Needs a recent proof of who they are.
    async fn delete_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the person typed.")] input: DeleteUserInput,
    ) -> Result<DeleteUserPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let who = context.required().await?;
        let password = input.current_password.into();
        let caller = context.caller();
        payload(
            context.auth.delete_user(who, password, &caller).await,
            |()| {
                context.signed_out();
                DeleteUserPayload {
                    deleted_user_id: Some(who.user.id.to_string().into()),
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
