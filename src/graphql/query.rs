//! The root of queries.

use async_graphql::{Context, ID, Object};

use super::{
    fault::Fault,
    types::{auth_settings::AuthSettings, node::Node, session::Session, user::User},
    visitor::Visitor,
};
use crate::{
    auth::authenticate::Authenticated,
    domain::id::{SessionId, UserId},
};

/// What can be asked.
pub struct Query;

/// What can be asked.
#[Object]
impl Query {
    /// The signed-in user; null when the request carries no live session.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<User>, Fault> {
        let authenticated = Visitor::of(ctx)?.authenticated().await?;
        Ok(authenticated.map(|authenticated| User(authenticated.user.clone())))
    }

    /// The session of this request; null when there is none.
    async fn session(&self, ctx: &Context<'_>) -> Result<Option<Session>, Fault> {
        let visitor = Visitor::of(ctx)?;
        let authenticated = visitor.authenticated().await?;
        Ok(authenticated.map(|Authenticated { user, session }| visitor.see(session.clone(), user)))
    }

    /// Anything that has an id, if the signed-in user may know it: oneself and one's own sessions.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id, as another field told it.")] id: ID,
    ) -> Result<Option<Node>, Fault> {
        let visitor = Visitor::of(ctx)?;
        let Some(Authenticated { user, .. }) = visitor.authenticated().await? else {
            return Ok(None);
        };
        if id.parse::<UserId>().is_ok_and(|id| id == user.id) {
            return Ok(Some(User(user.clone()).into()));
        }
        let session = match id.parse::<SessionId>() {
            Ok(id) => visitor.auth.own_session(user.id, id).await?,
            Err(_) => None,
        };
        if session.is_none() {
            // Somebody who tries ids out leaves a trail (ASVS 16.3.2).
            tracing::info!(user = %user.id, "node refused: it is not theirs, or not there");
        }
        Ok(session.map(|session| visitor.see(session, user).into()))
    }

    /// What this deployment asks of usernames and passwords: for building forms before anyone signs in.
    async fn auth_settings(&self, ctx: &Context<'_>) -> Result<AuthSettings, Fault> {
        Ok(AuthSettings::new(Visitor::of(ctx)?.auth.registration))
    }
}
