//! `User`.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use super::{
    connection::{Connection, page},
    security_event::SecurityEvent,
    session::Session,
};
use crate::{
    auth::{Failure, session::authenticate::Authenticated},
    domain::user,
    graphql::{context::RequestContext, error::ResolverError},
};

/// A registered user.
pub struct User(pub user::User);

/// A registered user.
#[Object]
impl User {
    /// The user's permanent id. Services store it instead of the username, which can change.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The username as the user typed it.
    async fn username(&self) -> &str {
        self.0.username.as_typed()
    }

    /// When the user registered or was added.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// The user's roles, sorted. Only `admin` has a meaning in the gateway.
    async fn roles(&self) -> Vec<&str> {
        self.0.roles.iter().collect()
    }

    /// When the user was disabled. Null when the user is not disabled. Only administrators see it: it is null for all others.
    async fn disabled_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>, ResolverError> {
        let authenticated = RequestContext::of(ctx)?.authenticated().await?;
        let is_admin =
            authenticated.is_some_and(|authenticated| authenticated.user.roles.is_admin());
        Ok(self.0.disabled_at.filter(|_| is_admin))
    }

    /// The user's sessions, newest first. Users can read only their own: otherwise the error is `FORBIDDEN`.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page size, at most 100. The default is 20.")] first: Option<u32>,
        #[graphql(desc = "The cursor of the last item of the previous page.")] after: Option<
            String,
        >,
    ) -> Result<Connection<Session>, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let own = self.own(context).await?;
        page(
            first,
            after,
            async |after, max| context.auth.own_sessions(own.user.id, after, max).await,
            |session| (session.id, context.session_view(session, &own.user)),
        )
        .await
    }

    /// The security events of the user's account, newest first. Users can read only their own: otherwise the error is `FORBIDDEN`.
    async fn security_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page size, at most 100. The default is 20.")] first: Option<u32>,
        #[graphql(desc = "The cursor of the last item of the previous page.")] after: Option<
            String,
        >,
    ) -> Result<Connection<SecurityEvent>, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let own = self.own(context).await?;
        page(
            first,
            after,
            async |after, max| context.auth.own_events(own.user.id, after, max).await,
            |event| (event.id, SecurityEvent(event)),
        )
        .await
    }
}

impl User {
    /// Returns the signed-in user if it is this one, else `Forbidden`.
    async fn own<'v>(&self, context: &'v RequestContext) -> Result<&'v Authenticated, Failure> {
        let authenticated = context.required().await?;
        if authenticated.user.id == self.0.id {
            Ok(authenticated)
        } else {
            Err(Failure::Forbidden)
        }
    }
}
