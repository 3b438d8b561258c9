//! `logout`.

use async_graphql::{Context, Object, SimpleObject};

use crate::graphql::{context::Visitor, error::Fault};

/// The field `logout`.
#[derive(Default)]
pub struct Logout;

/// What came of a logout.
#[derive(SimpleObject)]
pub struct LogoutPayload {
    /// Whether there was a live session to end.
    logged_out: bool,
}

#[Object]
impl Logout {
    /// Ends the session of this request and clears its cookie. Harmless when there is none.
    async fn logout(&self, ctx: &Context<'_>) -> Result<LogoutPayload, Fault> {
        let visitor = Visitor::of(ctx)?;
        let logged_out = visitor.auth.logout(&visitor.caller()).await?;
        visitor.signed_out();
        Ok(LogoutPayload { logged_out })
    }
}
