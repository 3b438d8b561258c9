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

/// Whom to enable.
#[derive(InputObject)]
pub struct EnableUserInput {
    /// Their id.
    id: ID,
}

/// What came of it.
#[derive(Default, SimpleObject)]
pub struct EnableUserPayload {
    /// Who may log in again; null when there are errors.
    user: Option<User>,
    /// What the administrator must mend first; empty when the person is enabled.
    user_errors: Vec<EnableUserUserError>,
}

/// What can be wrong.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum EnableUserErrorCode {
    /// There is no such person.
    NotFound,
    /// Too long ago that they proved who they are: `reauthenticate` first.
    ReauthenticationRequired,
}

user_error!(EnableUserUserError, EnableUserErrorCode, EnableUserPayload);

#[Object]
impl EnableUser {
    /// For administrators: lets a person who was disabled log in again. Needs a recent proof of who one is.
    async fn enable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to enable.")] input: EnableUserInput,
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
