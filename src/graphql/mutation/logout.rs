//! `logout`.

use async_graphql::{Context, Object, SimpleObject};

use crate::graphql::{context::RequestContext, error::ResolverError};

/// The field `logout`.
#[derive(Default)]
pub struct Logout;

/// Payload of `logout`.
#[derive(SimpleObject)]
pub struct LogoutPayload {
    /// Whether the request had a session, which has now ended.
    logged_out: bool,
}

#[Object]
impl Logout {
    /// Ends the session of this request and clears its cookie. Without a session it changes nothing.
    async fn logout(&self, ctx: &Context<'_>) -> Result<LogoutPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let logged_out = context.auth.logout(&context.caller()).await?;
        context.signed_out();
        Ok(LogoutPayload { logged_out })
    }
}
