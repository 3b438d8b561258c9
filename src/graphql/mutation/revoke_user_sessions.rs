//! `revokeUserSessions`.

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

/// The field `revokeUserSessions`.
#[derive(Default)]
pub struct RevokeUserSessions;

/// Input of `revokeUserSessions`.
#[derive(InputObject)]
pub struct RevokeUserSessionsInput {
    /// The user's id.
    id: ID,
}

/// Payload of `revokeUserSessions`.
#[derive(Default, SimpleObject)]
pub struct RevokeUserSessionsPayload {
    /// The number of sessions that ended. Null when there are errors.
    revoked_count: Option<u64>,
    /// The user whose sessions ended. Null when there are errors.
    user: Option<User>,
    /// What the user must correct first. Empty on success.
    user_errors: Vec<RevokeUserSessionsUserError>,
}

/// Error codes of `revokeUserSessions`.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum RevokeUserSessionsErrorCode {
    /// No user has this id.
    NotFound,
    /// The last password check is too old. Call `reauthenticate` first.
    ReauthenticationRequired,
}

user_error!(
    RevokeUserSessionsUserError,
    RevokeUserSessionsErrorCode,
    RevokeUserSessionsPayload
);

#[Object]
impl RevokeUserSessions {
    /// For administrators: ends all sessions of a user. Requires a recent password check.
    async fn revoke_user_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user whose sessions end.")] input: RevokeUserSessionsInput,
    ) -> Result<RevokeUserSessionsPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let actor = context.administrator().await?;
        let id = input.id.parse().ok();
        let revoked = context.auth.revoke_user_sessions(&actor, id);
        let revoked = revoked.await;
        if let Ok(revoked) = &revoked {
            context.signed_out_if(revoked.user.id).await?;
        }
        payload(revoked, |revoked| RevokeUserSessionsPayload {
            revoked_count: Some(revoked.count),
            user: Some(User(revoked.user)),
            ..Default::default()
        })
    }
}

impl From<AdminRefusal> for UserErrorContent<RevokeUserSessionsErrorCode> {
    fn from(refusal: AdminRefusal) -> Self {
        use RevokeUserSessionsErrorCode as Code;
        Self::admin(refusal, Code::NotFound, Code::ReauthenticationRequired)
    }
}
