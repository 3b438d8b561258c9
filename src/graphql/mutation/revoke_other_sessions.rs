//! `revokeOtherSessions`.

use async_graphql::{Context, Enum, Object, SimpleObject};

use crate::{
    auth::session::revoke::RevokeOtherSessionsRefusal,
    graphql::{
        context::RequestContext,
        error::ResolverError,
        types::{
            user::User,
            user_error::{UserErrorContent, payload, user_error},
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
    user_errors: Vec<RevokeOtherSessionsUserError>,
}

/// What can be wrong.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum RevokeOtherSessionsErrorCode {
    /// Too long ago that they proved who they are: `reauthenticate` first.
    ReauthenticationRequired,
}

user_error!(
    RevokeOtherSessionsUserError,
    RevokeOtherSessionsErrorCode,
    RevokeOtherSessionsPayload
);

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
        payload(revoked.await, |count| RevokeOtherSessionsPayload {
            revoked_count: Some(count),
            user: Some(User(who.user.clone())),
            ..Default::default()
        })
    }
}

impl From<RevokeOtherSessionsRefusal> for UserErrorContent<RevokeOtherSessionsErrorCode> {
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
