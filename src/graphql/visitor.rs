//! Who sent a request, found out when a resolver asks, and what its answer tells the browser to remember.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use tokio::sync::OnceCell;

use super::fault::Fault;
use crate::{
    auth::{Auth, Failure, authenticate::Authenticated},
    domain::token::{SessionToken, SessionTokenHash},
};

/// One request's sender.
pub struct Visitor {
    /// The product's rules.
    pub auth: Arc<Auth>,
    token: Option<SessionTokenHash>,
    authenticated: OnceCell<Option<Authenticated>>,
    cookie: Mutex<Option<CookieChange>>,
}

/// What happens to the session cookie.
#[derive(Clone, Debug)]
pub enum CookieChange {
    /// It is set to a new token.
    Set(SessionToken),
    /// It is cleared.
    Clear,
}

impl Visitor {
    /// The sender of a request with this token in its cookie.
    pub fn new(auth: Arc<Auth>, token: Option<&SessionToken>) -> Self {
        Self {
            auth,
            token: token.map(SessionToken::hash),
            authenticated: OnceCell::new(),
            cookie: Mutex::new(None),
        }
    }

    /// The visitor of the request that is being resolved.
    pub(super) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Arc<Self>, Fault> {
        ctx.data::<Arc<Self>>()
            .map_err(|error| Failure::Internal(error.message.into()).into())
    }

    /// The token that the request carries, live or not.
    pub fn token(&self) -> Option<&SessionTokenHash> {
        self.token.as_ref()
    }

    /// The signed-in person; the database is asked once a request at most.
    pub async fn authenticated(&self) -> Result<Option<&Authenticated>, Failure> {
        let Some(token) = &self.token else {
            return Ok(None);
        };
        self.authenticated
            .get_or_try_init(|| self.auth.authenticate(token))
            .await
            .map(Option::as_ref)
    }

    /// Tells the browser to change its cookie. The guard admits one credential field, so this is said once.
    pub fn change_cookie(&self, change: CookieChange) {
        *self.cookie.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
    }

    /// What the answer tells the browser.
    pub fn cookie_change(&self) -> Option<CookieChange> {
        self.cookie
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}
