//! `enableUser`.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::{
    auth::admin::actor::AdminRefusal,
    graphql::{
        context::RequestContext,
        error::ResolverError,
        types::{
            user::User,
            user_error::{UserErrorContent, payload, user_error},
        },
    },
};

/// The field `enableUser`.
#[derive(Default)]
pub struct EnableUser;

/// Input of `enableUser`.
#[derive(InputObject)]
pub struct EnableUserInput {
    /// The user's id.
    id: ID,
}

/// Payload of `enableUser`.
#[derive(Default, SimpleObject)]
pub struct EnableUserPayload {
    /// The enabled user. Null when there are errors.
    user: Option<User>,
    /// What the user must correct first. Empty on success.
    user_errors: Vec<EnableUserUserError>,
}

/// Error codes of `enableUser`.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum EnableUserErrorCode {
    /// No user has this id.
    NotFound,
    /// The last password check is too old. Call `reauthenticate` first.
    ReauthenticationRequired,
}

user_error!(EnableUserUserError, EnableUserErrorCode, EnableUserPayload);

#[Object]
impl EnableUser {
    /// For administrators: lets a disabled user log in again. Requires a recent password check.
    async fn enable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user to enable.")] input: EnableUserInput,
    ) -> Result<EnableUserPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let actor = context.administrator().await?;
        let enabled = context.auth.enable_user(&actor, input.id.parse().ok());
        payload(enabled.await, |user| EnableUserPayload {
            user: Some(User(user)),
            ..Default::default()
        })
    }
}

impl From<AdminRefusal> for UserErrorContent<EnableUserErrorCode> {
    fn from(refusal: AdminRefusal) -> Self {
        use EnableUserErrorCode as Code;
        Self::admin(refusal, Code::NotFound, Code::ReauthenticationRequired)
    }
}
