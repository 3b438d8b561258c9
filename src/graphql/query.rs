//! The root of queries.

use async_graphql::{Context, ID, Object};

use super::{
    context::RequestContext,
    error::ResolverError,
    types::{
        auth_settings::AuthSettings,
        connection::{Connection, page},
        node::Node,
        session::Session,
        user::User,
    },
};
use crate::{
    auth::{
        admin::find_users::{UserFilter, UserKey},
        session::authenticate::Authenticated,
    },
    domain::{
        id::{SessionId, UserId},
        username::Username,
    },
};

/// What can be asked.
pub struct Query;

/// What can be asked.
#[Object]
impl Query {
    /// The signed-in user; null when the request carries no live session.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<User>, ResolverError> {
        let authenticated = RequestContext::of(ctx)?.authenticated().await?;
        Ok(authenticated.map(|authenticated| User(authenticated.user.clone())))
    }

    /// The session of this request; null when there is none.
    async fn session(&self, ctx: &Context<'_>) -> Result<Option<Session>, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let authenticated = context.authenticated().await?;
        Ok(authenticated.map(|Authenticated { user, session }| context.see(session.clone(), user)))
    }

    /// Anything that has an id, if the signed-in user may know it: oneself and one's own sessions.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id, as another field told it.")] id: ID,
    ) -> Result<Option<Node>, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let Some(Authenticated { user, .. }) = context.authenticated().await? else {
            return Ok(None);
        };
        if id.parse::<UserId>().is_ok_and(|id| id == user.id) {
            return Ok(Some(User(user.clone()).into()));
        }
        let session = match id.parse::<SessionId>() {
            Ok(id) => context.auth.own_session(user.id, id).await?,
            Err(_) => None,
        };
        if session.is_none() {
            // Somebody who tries ids out leaves a trail (ASVS 16.3.2).
            tracing::info!(user = %user.id, "node refused: it is not theirs, or not there");
        }
        Ok(session.map(|session| context.see(session, user).into()))
    }

    /// For administrators: people, newest first.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 100; 20 when it is not said.")] first: Option<u32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
        #[graphql(desc = "How their usernames begin, in any spelling.")] search: Option<String>,
    ) -> Result<Connection<User>, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let actor = context.administrator().await?;
        let search = search.filter(|search| !search.is_empty());
        let begins = search.as_deref().map(Username::parse).transpose();
        page(
            first,
            after,
            async |after, most| match begins {
                Ok(begins) => {
                    let filter = UserFilter {
                        begins,
                        ..Default::default()
                    };
                    context.auth.users(&actor, &filter, after, most).await
                }
                // No username begins like that.
                Err(_) => Ok(vec![]),
            },
            |user| (user.id, User(user)),
        )
        .await
    }

    /// For administrators: one person, by exactly one of the two; null when there is no such person.
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Their id.")] id: Option<ID>,
        #[graphql(desc = "Their username, in any spelling.")] username: Option<String>,
    ) -> Result<Option<User>, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let actor = context.administrator().await?;
        let key = match (id, username) {
            (Some(id), None) => id.parse().ok().map(UserKey::Id),
            (None, Some(name)) => Username::parse(&name).ok().map(UserKey::Name),
            _ => return Err(ResolverError::Input("Give either `id` or `username`")),
        };
        let Some(key) = key else {
            return Ok(None);
        };
        Ok(context.auth.user(&actor, &key).await?.map(User))
    }

    /// What this deployment asks of usernames and passwords: for building forms before anyone signs in.
    async fn auth_settings(&self, ctx: &Context<'_>) -> Result<AuthSettings, ResolverError> {
        Ok(AuthSettings::new(
            RequestContext::of(ctx)?.auth.registration,
        ))
    }
}
