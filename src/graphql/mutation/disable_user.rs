//! `disableUser`.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::{
    auth::admin::disable_user::DisableUserRefusal,
    graphql::{
        context::RequestContext,
        error::ResolverError,
        types::{
            user::User,
            user_error::{UserErrorContent, payload, user_error},
        },
    },
};

/// The field `disableUser`.
#[derive(Default)]
pub struct DisableUser;

/// Input of `disableUser`.
#[derive(InputObject)]
pub struct DisableUserInput {
    /// The user's id.
    id: ID,
}

/// Payload of `disableUser`.
#[derive(Default, SimpleObject)]
pub struct DisableUserPayload {
    /// The disabled user. Null when there are errors.
    user: Option<User>,
    /// What the user must correct first. Empty on success.
    user_errors: Vec<DisableUserUserError>,
}

/// Error codes of `disableUser`.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum DisableUserErrorCode {
    /// No user has this id.
    NotFound,
    /// The change would leave no administrator.
    LastAdmin,
    /// The last password check is too old. Call `reauthenticate` first.
    ReauthenticationRequired,
}

user_error!(
    DisableUserUserError,
    DisableUserErrorCode,
    DisableUserPayload
);

#[Object]
impl DisableUser {
    /// For administrators: blocks a user's logins and ends all their sessions. Requires a recent password check.
    async fn disable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user to disable.")] input: DisableUserInput,
    ) -> Result<DisableUserPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let actor = context.administrator().await?;
        let disabled = context.auth.disable_user(&actor, input.id.parse().ok());
        let disabled = disabled.await;
        if let Ok(user) = &disabled {
            context.signed_out_if(user.id).await?;
        }
        payload(disabled, |user| DisableUserPayload {
            user: Some(User(user)),
            ..Default::default()
        })
    }
}

impl From<DisableUserRefusal> for UserErrorContent<DisableUserErrorCode> {
    fn from(refusal: DisableUserRefusal) -> Self {
        use DisableUserErrorCode as Code;
        match refusal {
            DisableUserRefusal::Admin(refusal) => {
                Self::admin(refusal, Code::NotFound, Code::ReauthenticationRequired)
            }
            DisableUserRefusal::LastAdmin => Self::last_admin(Code::LastAdmin),
        }
    }
}
