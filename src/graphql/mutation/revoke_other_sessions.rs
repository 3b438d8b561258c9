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

/// Payload of `revokeOtherSessions`.
#[derive(Default, SimpleObject)]
pub struct RevokeOtherSessionsPayload {
    /// The number of sessions that ended. Null when there are errors.
    revoked_count: Option<u64>,
    /// The signed-in user. Null when there are errors.
    user: Option<User>,
    /// What the user must correct first. Empty on success.
    user_errors: Vec<RevokeOtherSessionsUserError>,
}

/// Error codes of `revokeOtherSessions`.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum RevokeOtherSessionsErrorCode {
    /// The last password check is too old. Call `reauthenticate` first.
    ReauthenticationRequired,
}

user_error!(
    RevokeOtherSessionsUserError,
    RevokeOtherSessionsErrorCode,
    RevokeOtherSessionsPayload
);

#[Object]
impl RevokeOtherSessions {
    /// Ends all sessions of the signed-in user except this one. Requires a recent password check.
    async fn revoke_other_sessions(
        &self,
        ctx: &Context<'_>,
    ) -> Result<RevokeOtherSessionsPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let authenticated = context.required().await?;
        let caller = context.caller();
        let revoked = context.auth.revoke_other_sessions(authenticated, &caller);
        payload(revoked.await, |count| RevokeOtherSessionsPayload {
            revoked_count: Some(count),
            user: Some(User(authenticated.user.clone())),
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
