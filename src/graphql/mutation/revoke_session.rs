//! `revokeSession`.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::{
    auth::session::revoke::RevokeSessionRefusal,
    graphql::{
        context::RequestContext,
        error::ResolverError,
        types::{
            user::User,
            user_error::{UserErrorContent, payload, user_error},
        },
    },
};

/// The field `revokeSession`.
#[derive(Default)]
pub struct RevokeSession;

/// Input of `revokeSession`.
#[derive(InputObject)]
pub struct RevokeSessionInput {
    /// The session's id, from `User.sessions`.
    id: ID,
}

/// Payload of `revokeSession`.
#[derive(Default, SimpleObject)]
pub struct RevokeSessionPayload {
    /// The id of the session that ended. Null when there are errors.
    revoked_session_id: Option<ID>,
    /// The signed-in user. Null when there are errors.
    user: Option<User>,
    /// What the user must correct first. Empty on success.
    user_errors: Vec<RevokeSessionUserError>,
}

/// Error codes of `revokeSession`.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum RevokeSessionErrorCode {
    /// The signed-in user has no session with this id.
    NotFound,
    /// The last password check is too old. Call `reauthenticate` first.
    ReauthenticationRequired,
}

user_error!(
    RevokeSessionUserError,
    RevokeSessionErrorCode,
    RevokeSessionPayload
);

#[Object]
impl RevokeSession {
    /// Ends one session of the signed-in user. Ending another session than the current one requires a recent password check.
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session to end.")] input: RevokeSessionInput,
    ) -> Result<RevokeSessionPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let authenticated = context.required().await?;
        let caller = context.caller();
        let id = input.id.parse().ok();
        let revoked = context.auth.revoke_session(authenticated, id, &caller);
        payload(revoked.await, |id| {
            if id == authenticated.session.id {
                context.signed_out();
            }
            RevokeSessionPayload {
                revoked_session_id: Some(input.id),
                user: Some(User(authenticated.user.clone())),
                ..Default::default()
            }
        })
    }
}

impl From<RevokeSessionRefusal> for UserErrorContent<RevokeSessionErrorCode> {
    fn from(refusal: RevokeSessionRefusal) -> Self {
        use RevokeSessionErrorCode as Code;
        match refusal {
            RevokeSessionRefusal::NotFound => {
                Self::at("id", Code::NotFound, "There is no such session")
            }
            RevokeSessionRefusal::ReauthenticationRequired => {
                Self::reauthentication_required(Code::ReauthenticationRequired)
            }
        }
    }
}
