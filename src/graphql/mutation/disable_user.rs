//! `disableUser`.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::{
    auth::{Outcome, admin::disable_user::DisableUserRefusal},
    graphql::{
        context::RequestContext,
        error::ResolverError,
        types::{
            user::User,
            user_error::{ErrorOf, errors},
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
    user_errors: Vec<ErrorOf<DisableUserErrorCode>>,
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
        Ok(match disabled.await? {
            Outcome::Done(user) => {
                context.signed_out_if(user.id).await?;
                DisableUserPayload {
                    user: Some(User(user)),
                    user_errors: vec![],
                }
            }
            Outcome::Refused(refusals) => DisableUserPayload {
                user: None,
                user_errors: errors(refusals),
            },
        })
    }
}

impl From<DisableUserRefusal> for ErrorOf<DisableUserErrorCode> {
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
