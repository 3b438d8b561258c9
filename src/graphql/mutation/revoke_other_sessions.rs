//! `revokeOtherSessions`.

use async_graphql::{Context, Enum, Object, SimpleObject};

use crate::{
    auth::{Outcome, session::revoke::RevokeOtherSessionsRefusal},
    graphql::{
        context::RequestContext,
        error::ResolverError,
        types::{
            user::User,
            user_error::{ErrorOf, errors},
        },
    },
};

/// The field `revokeOtherSessions`.
#[derive(Default)]
pub struct RevokeOtherSessions;

/// What came of it.
#[derive(Default, SimpleObject)]
pub struct RevokeOtherSessionsPayload {
    /// How many sessions are ended; null when there are errors.
    revoked_count: Option<u64>,
    /// Whose they were; null when there are errors.
    user: Option<User>,
    /// What the person must mend first; empty when the sessions are ended.
    user_errors: Vec<ErrorOf<RevokeOtherSessionsErrorCode>>,
}

/// What can be wrong.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum RevokeOtherSessionsErrorCode {
    /// Too long ago that they proved who they are: `reauthenticate` first.
    ReauthenticationRequired,
}

#[Object]
impl RevokeOtherSessions {
    /// Ends all of the signed-in person's sessions but this one. Needs a recent proof of who they are.
    async fn revoke_other_sessions(
        &self,
        ctx: &Context<'_>,
    ) -> Result<RevokeOtherSessionsPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let who = context.required().await?;
        let caller = context.caller();
        let revoked = context.auth.revoke_other_sessions(who, &caller);
        Ok(match revoked.await? {
            Outcome::Done(count) => RevokeOtherSessionsPayload {
                revoked_count: Some(count),
                user: Some(User(who.user.clone())),
                user_errors: vec![],
            },
            Outcome::Refused(refusals) => RevokeOtherSessionsPayload {
                user_errors: errors(refusals),
                ..Default::default()
            },
        })
    }
}

impl From<RevokeOtherSessionsRefusal> for ErrorOf<RevokeOtherSessionsErrorCode> {
    fn from(refusal: RevokeOtherSessionsRefusal) -> Self {
        match refusal {
            RevokeOtherSessionsRefusal::ReauthenticationRequired => {
                Self::reauthentication_required(
                    RevokeOtherSessionsErrorCode::ReauthenticationRequired,
                )
            }
        }
    }
}
