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

/// Which session to end.
#[derive(InputObject)]
pub struct RevokeSessionInput {
    /// Its id, as `User.sessions` told it.
    id: ID,
}

/// What came of it.
#[derive(Default, SimpleObject)]
pub struct RevokeSessionPayload {
    /// Which session is ended; null when there are errors.
    revoked_session_id: Option<ID>,
    /// Whose it was; null when there are errors.
    user: Option<User>,
    /// What the person must mend first; empty when the session is ended.
    user_errors: Vec<RevokeSessionUserError>,
}

/// What can be wrong.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum RevokeSessionErrorCode {
    /// The signed-in person has no such session.
    NotFound,
    /// Too long ago that they proved who they are: `reauthenticate` first.
    ReauthenticationRequired,
}

user_error!(
    RevokeSessionUserError,
    RevokeSessionErrorCode,
    RevokeSessionPayload
);

#[Object]
impl RevokeSession {
    /// Ends one of the signed-in person's sessions. Any but the present one needs a recent proof of who they are.
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session to end.")] input: RevokeSessionInput,
    ) -> Result<RevokeSessionPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let who = context.required().await?;
        let caller = context.caller();
        let id = input.id.parse().ok();
        let revoked = context.auth.revoke_session(who, id, &caller);
        payload(revoked.await, |id| {
            if id == who.session.id {
                context.signed_out();
            }
            RevokeSessionPayload {
                revoked_session_id: Some(input.id),
                user: Some(User(who.user.clone())),
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
