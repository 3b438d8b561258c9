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

/// Whose sessions to end.
#[derive(InputObject)]
pub struct RevokeUserSessionsInput {
    /// Their id.
    id: ID,
}

/// What came of it.
#[derive(Default, SimpleObject)]
pub struct RevokeUserSessionsPayload {
    /// How many sessions are ended; null when there are errors.
    revoked_count: Option<u64>,
    /// Whose they were; null when there are errors.
    user: Option<User>,
    /// What the administrator must mend first; empty when the sessions are ended.
    user_errors: Vec<RevokeUserSessionsUserError>,
}

/// What can be wrong.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum RevokeUserSessionsErrorCode {
    /// There is no such person.
    NotFound,
    /// Too long ago that they proved who they are: `reauthenticate` first.
    ReauthenticationRequired,
}

user_error!(
    RevokeUserSessionsUserError,
    RevokeUserSessionsErrorCode,
    RevokeUserSessionsPayload
);

#[Object]
impl RevokeUserSessions {
    /// For administrators: ends all sessions of a person. Needs a recent proof of who one is.
    async fn revoke_user_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose sessions to end.")] input: RevokeUserSessionsInput,
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
