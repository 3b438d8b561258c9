//! The context of one request: its user, looked up when a resolver asks, and the cookie change of its response.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use async_graphql::{Context, ServerError};
use chrono::TimeDelta;
use hyper::{HeaderMap, header::HeaderValue};
use tokio::sync::OnceCell;

use super::{
    error::ResolverError,
    error_code::ErrorCode,
    execute::code_of,
    types::{session::Session, user::User},
};
use crate::{
    auth::{
        Auth, Failure, SignIn, admin::actor::Actor, caller::Caller,
        session::authenticate::Authenticated,
    },
    domain::{
        client::UserAgent,
        device::Device,
        id::{SessionId, UserId},
        session,
        token::{SessionToken, SessionTokenHash},
        user,
    },
};

/// The identity of all clients that are not signed in.
const ANONYMOUS: &str = "anonymous";

/// The context of one request.
pub struct RequestContext {
    /// The features of `auth`.
    pub auth: Arc<Auth>,
    token: Option<SessionTokenHash>,
    device: Option<Device>,
    source: IpAddr,
    user_agent: Option<UserAgent>,
    authenticated: OnceCell<Option<Authenticated>>,
    /// The user who has signed in by this request.
    signed_in: OnceLock<Authenticated>,
    change: Mutex<Option<CookieChange>>,
    client: ClientRequest,
}

/// The request as it came from the client, as far as an upstream or the log needs it.
#[derive(Default)]
pub struct ClientRequest {
    /// Its id in the log.
    pub id: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// The protocol and host under which clients reach the gate.
    pub public_url: Option<(String, String)>,
    /// The media types of a stream that the client accepts.
    pub streams: Option<HeaderValue>,
}

/// A change of the session cookie.
#[derive(Clone, Debug)]
pub enum CookieChange {
    /// Sets the session cookie to a new token, and sets the device cookie too.
    Set {
        /// The token.
        token: SessionToken,
        /// The session of the token.
        session: SessionId,
        /// How long the browser keeps the cookie; `None` until the browser closes.
        max_age: Option<TimeDelta>,
        /// The device cookie.
        device: Device,
    },
    /// Clears the session cookie.
    Clear,
}

impl RequestContext {
    /// Creates the context of a request from `source` with these cookies.
    pub fn new(
        auth: Arc<Auth>,
        token: Option<&SessionToken>,
        device: Option<Device>,
        source: IpAddr,
        user_agent: Option<UserAgent>,
        client: ClientRequest,
    ) -> Self {
        Self {
            auth,
            token: token.map(SessionToken::hash),
            device,
            source,
            user_agent,
            authenticated: OnceCell::new(),
            signed_in: OnceLock::new(),
            change: Mutex::new(None),
            client,
        }
    }

    /// Returns the client's request.
    pub fn client(&self) -> &ClientRequest {
        &self.client
    }

    /// Returns the hash of the session token that came with the request.
    pub fn token(&self) -> Option<SessionTokenHash> {
        self.token
    }

    /// Returns the address of the client.
    pub fn source(&self) -> IpAddr {
        self.source
    }

    /// Adds the request's id to an internal error, so that users can quote it.
    pub fn add_request_id(&self, error: &mut ServerError) {
        if code_of(error) == Some(ErrorCode::InternalServerError.as_str()) {
            let extensions = error.extensions.get_or_insert_default();
            extensions.set("requestId", self.client.id.as_str());
        }
    }

    /// Returns the context of the request that is being resolved.
    pub(super) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Arc<Self>, ResolverError> {
        ctx.data::<Arc<Self>>()
            .map_err(|error| Failure::Internal(error.message.into()).into())
    }

    /// Returns the caller, for features that check a password or open a session.
    pub fn caller(&self) -> Caller<'_> {
        Caller {
            session: self.token.as_ref(),
            device: self.device.as_ref(),
            source: self.source,
            user_agent: self.user_agent.as_ref(),
        }
    }

    /// Returns the signed-in user. Queries the database at most once per request.
    pub async fn authenticated(&self) -> Result<Option<&Authenticated>, Failure> {
        if let Some(signed_in) = self.signed_in.get() {
            return Ok(Some(signed_in));
        }
        let Some(token) = &self.token else {
            return Ok(None);
        };
        self.authenticated
            .get_or_try_init(|| self.auth.authenticate(token))
            .await
            .map(Option::as_ref)
    }

    /// Returns the signed-in user, or `Unauthenticated`.
    pub async fn required(&self) -> Result<&Authenticated, Failure> {
        self.authenticated().await?.ok_or(Failure::Unauthenticated)
    }

    /// Returns the signed-in administrator, for fields that need one.
    pub async fn administrator(&self) -> Result<Actor<'_>, Failure> {
        Actor::admin(self.required().await?, self.caller())
    }

    /// Converts a session to its GraphQL type, and marks it if it is the session of this request.
    pub(super) fn session_view(&self, session: session::Session, user: &user::User) -> Session {
        let own = self.authenticated.get().and_then(Option::as_ref);
        let own = self.signed_in.get().or(own);
        let is_current = own.is_some_and(|own| own.session.id == session.id);
        Session::new(
            session,
            user.clone(),
            self.auth.session_policy(),
            is_current,
        )
    }

    /// Sets the cookies of a new session. Returns its user and session for the payload.
    pub(super) fn signed_in(&self, signed_in: SignIn) -> (User, Session) {
        let SignIn {
            user,
            session,
            token,
            max_age,
            device,
        } = signed_in;
        self.change_cookie(CookieChange::Set {
            token,
            session: session.id,
            max_age,
            device,
        });
        // The guard admits one credential field, so nobody has signed in by this request before.
        let _ = self.signed_in.set(Authenticated {
            user: user.clone(),
            session: session.clone(),
        });
        let shown = Session::new(session, user.clone(), self.auth.session_policy(), true);
        (User(user), shown)
    }

    /// Clears the session cookie.
    pub(super) fn signed_out(&self) {
        self.change_cookie(CookieChange::Clear);
    }

    /// Clears the session cookie if this user is the signed-in one.
    pub(super) async fn signed_out_if(&self, id: UserId) -> Result<(), Failure> {
        if self.required().await?.user.id == id {
            self.signed_out();
        }
        Ok(())
    }

    /// Sets the change. The guard admits one credential field, so this happens once per request.
    fn change_cookie(&self, change: CookieChange) {
        *self.change.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
    }

    /// Returns the cookie change of the response.
    pub fn cookie_change(&self) -> Option<CookieChange> {
        self.change
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the identity after this request: a keyed hash of the session's id. Clients clear their caches when it
    /// changes. It reveals nothing about the session's id, and does not link two sessions.
    ///
    /// Returns `None` when the database is not available.
    pub async fn identity(&self) -> Option<String> {
        let session = match self.cookie_change() {
            Some(CookieChange::Set { session, .. }) => Some(session),
            Some(CookieChange::Clear) => None,
            None => {
                let authenticated = self.authenticated().await.ok()?;
                authenticated.map(|authenticated| authenticated.session.id)
            }
        };
        match session {
            None => Some(ANONYMOUS.to_owned()),
            Some(session) => self.auth.identity(session).await.ok(),
        }
    }
}
