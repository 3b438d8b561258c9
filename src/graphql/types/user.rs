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

/// A registered person.
pub struct User(pub user::User);

/// A registered person.
#[Object]
impl User {
    /// Names the person for ever; the same in tokens and headers that services receive.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The name as its owner typed it.
    async fn username(&self) -> &str {
        &self.0.username
    }

    /// When they registered.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Their roles in order: plain words, of which `admin` alone means something to the gateway.
    async fn roles(&self) -> Vec<&str> {
        self.0.roles.iter().collect()
    }

    /// Since when they may not log in; null when they may, and for all but administrators' eyes.
    async fn disabled_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>, ResolverError> {
        let who = RequestContext::of(ctx)?.authenticated().await?;
        let is_admin = who.is_some_and(|who| who.user.roles.is_admin());
        Ok(self.0.disabled_at.filter(|_| is_admin))
    }

    /// Where they are logged in, newest first. For the signed-in person's own eyes.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 100; 20 when it is not said.")] first: Option<u32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Session>, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let own = self.own(context).await?;
        page(
            first,
            after,
            async |after, most| context.auth.own_sessions(own.user.id, after, most).await,
            |session| (session.id, context.see(session, &own.user)),
        )
        .await
    }

    /// What happened to their account, newest first. For the signed-in person's own eyes.
    async fn security_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 100; 20 when it is not said.")] first: Option<u32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<SecurityEvent>, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let own = self.own(context).await?;
        page(
            first,
            after,
            async |after, most| context.auth.own_events(own.user.id, after, most).await,
            |event| (event.id, SecurityEvent(event)),
        )
        .await
    }
}

impl User {
    /// The signed-in person, if it is this one.
    async fn own<'v>(&self, context: &'v RequestContext) -> Result<&'v Authenticated, Failure> {
        let who = context.required().await?;
        if who.user.id == self.0.id {
            Ok(who)
        } else {
            Err(Failure::Forbidden)
        }
    }
}
