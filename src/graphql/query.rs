//! The root type of queries.

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

/// The root type of queries.
pub struct Query;

/// The root type of queries.
#[Object]
impl Query {
    /// The signed-in user. Null when the request has no valid session.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<User>, ResolverError> {
        let authenticated = RequestContext::of(ctx)?.authenticated().await?;
        Ok(authenticated.map(|authenticated| User(authenticated.user.clone())))
    }

    /// The session of this request. Null when there is none.
    async fn session(&self, ctx: &Context<'_>) -> Result<Option<Session>, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let authenticated = context.authenticated().await?;
        Ok(authenticated
            .map(|Authenticated { user, session }| context.session_view(session.clone(), user)))
    }

    /// The signed-in user or one of their sessions, by its id. Null for every other id.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of a user or session.")] id: ID,
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
            // Leaves a trace of clients that guess ids (ASVS 16.3.2).
            tracing::info!(user = %user.id, "node refused: the id is unknown, or belongs to another user");
        }
        Ok(session.map(|session| context.session_view(session, user).into()))
    }

    /// For administrators: all users, newest first.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page size, at most 100. The default is 20.")] first: Option<u32>,
        #[graphql(desc = "The cursor of the last item of the previous page.")] after: Option<
            String,
        >,
        #[graphql(desc = "The beginning of the username. Upper and lower case are the same.")]
        search: Option<String>,
    ) -> Result<Connection<User>, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let actor = context.administrator().await?;
        let search = search.filter(|search| !search.is_empty());
        let begins = search.as_deref().map(Username::parse).transpose();
        page(
            first,
            after,
            async |after, max| match begins {
                Ok(begins) => {
                    let filter = UserFilter {
                        begins,
                        ..Default::default()
                    };
                    context.auth.users(&actor, &filter, after, max).await
                }
                // No valid username begins like this.
                Err(_) => Ok(vec![]),
            },
            |user| (user.id, User(user)),
        )
        .await
    }

    /// For administrators: one user, by either `id` or `username`. Null when there is no such user.
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user's id.")] id: Option<ID>,
        #[graphql(desc = "The username. Upper and lower case are the same.")] username: Option<
            String,
        >,
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

    /// The rules of this server for usernames and passwords. Needs no session, so that login and registration forms can use it.
    async fn auth_settings(&self, ctx: &Context<'_>) -> Result<AuthSettings, ResolverError> {
        Ok(AuthSettings::new(
            RequestContext::of(ctx)?.auth.registration(),
        ))
    }
}
