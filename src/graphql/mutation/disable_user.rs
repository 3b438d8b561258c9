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

/// Whom to disable.
#[derive(InputObject)]
pub struct DisableUserInput {
    /// Their id.
    id: ID,
}

/// What came of it.
#[derive(Default, SimpleObject)]
pub struct DisableUserPayload {
    /// Who is disabled; null when there are errors.
    user: Option<User>,
    /// What the administrator must mend first; empty when the person is disabled.
    user_errors: Vec<DisableUserUserError>,
}

/// What can be wrong.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum DisableUserErrorCode {
    /// There is no such person.
    NotFound,
    /// Nobody would be left who may administer people.
    LastAdmin,
    /// Too long ago that they proved who they are: `reauthenticate` first.
    ReauthenticationRequired,
}

user_error!(
    DisableUserUserError,
    DisableUserErrorCode,
    DisableUserPayload
);

#[Object]
impl DisableUser {
    /// For administrators: keeps a person from logging in, and ends their sessions. Needs a recent proof of who one is.
    async fn disable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to disable.")] input: DisableUserInput,
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
