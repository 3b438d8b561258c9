//! Who sent a request, found out when a resolver asks, and what its answer tells the browser to remember.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use async_graphql::Context;
use chrono::TimeDelta;
use tokio::sync::OnceCell;

use super::{
    error::ResolverError,
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

/// What stands for everybody who is not signed in.
const NOBODY: &str = "anonymous";

/// One request's sender.
pub struct RequestContext {
    /// The product's rules.
    pub auth: Arc<Auth>,
    token: Option<SessionTokenHash>,
    device: Option<Device>,
    source: IpAddr,
    user_agent: Option<UserAgent>,
    authenticated: OnceCell<Option<Authenticated>>,
    /// Who has signed in by this very request.
    signed_in: OnceLock<Authenticated>,
    change: Mutex<Option<CookieChange>>,
}

/// What happens to the session cookie.
#[derive(Clone, Debug)]
pub enum CookieChange {
    /// It is set to a new token, and the device cookie with it.
    Set {
        /// The token.
        token: SessionToken,
        /// Which session it opens.
        session: SessionId,
        /// How long it is kept; `None` for as long as the browser is open.
        max_age: Option<TimeDelta>,
        /// The device cookie.
        device: Device,
    },
    /// It is cleared.
    Clear,
}

impl RequestContext {
    /// The sender of a request from `source`, with these tokens in its cookies.
    pub fn new(
        auth: Arc<Auth>,
        token: Option<&SessionToken>,
        device: Option<Device>,
        source: IpAddr,
        user_agent: Option<UserAgent>,
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
        }
    }

    /// The visitor of the request that is being resolved.
    pub(super) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Arc<Self>, ResolverError> {
        ctx.data::<Arc<Self>>()
            .map_err(|error| Failure::Internal(error.message.into()).into())
    }

    /// Who calls, for features that check a password or open a session.
    pub fn caller(&self) -> Caller<'_> {
        Caller {
            session: self.token.as_ref(),
            device: self.device.as_ref(),
            source: self.source,
            user_agent: self.user_agent.as_ref(),
        }
    }

    /// The signed-in person; the database is asked once a request at most.
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

    /// The signed-in person, for fields that need one.
    pub async fn required(&self) -> Result<&Authenticated, Failure> {
        self.authenticated().await?.ok_or(Failure::Unauthenticated)
    }

    /// The signed-in administrator, for fields that are theirs alone.
    pub async fn administrator(&self) -> Result<Actor<'_>, Failure> {
        Actor::admin(self.required().await?, self.caller())
    }

    /// A session as its person sees it from here.
    pub(super) fn see(&self, session: session::Session, user: &user::User) -> Session {
        let own = self.authenticated.get().and_then(Option::as_ref);
        let own = self.signed_in.get().or(own);
        let is_current = own.is_some_and(|own| own.session.id == session.id);
        Session::new(session, user.clone(), &self.auth.sessions, is_current)
    }

    /// Tells the browser to keep a new token; what the answer says of who is signed in now.
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
        let shown = Session::new(session, user.clone(), &self.auth.sessions, true);
        (User(user), shown)
    }

    /// Tells the browser to forget its token.
    pub(super) fn signed_out(&self) {
        self.change_cookie(CookieChange::Clear);
    }

    /// The same, when it was this person whose sessions are ended.
    pub(super) async fn signed_out_if(&self, id: UserId) -> Result<(), Failure> {
        if self.required().await?.user.id == id {
            self.signed_out();
        }
        Ok(())
    }

    /// The guard admits one credential field, so this is said once.
    fn change_cookie(&self, change: CookieChange) {
        *self.change.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
    }

    /// What the answer tells the browser.
    pub fn cookie_change(&self) -> Option<CookieChange> {
        self.change
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What stands for who is signed in once this request is answered: clients forget what they have cached when it
    /// changes. It is a keyed hash of the session's id, tells nothing of it, and links no two sessions.
    ///
    /// `None` when it cannot be told: the database is gone.
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
            None => Some(NOBODY.to_owned()),
            Some(session) => self.auth.identity(session).await.ok(),
        }
    }
}
