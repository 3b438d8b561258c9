//! Who sent a request, found out when a resolver asks, and what its answer tells the browser to remember.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::Context;
use tokio::sync::OnceCell;

use super::fault::Fault;
use crate::{
    auth::{Auth, Failure, authenticate::Authenticated, caller::Caller},
    domain::{
        device::Device,
        token::{SessionToken, SessionTokenHash},
    },
};

/// One request's sender.
pub struct Visitor {
    /// The product's rules.
    pub auth: Arc<Auth>,
    token: Option<SessionTokenHash>,
    device: Option<Device>,
    source: IpAddr,
    authenticated: OnceCell<Option<Authenticated>>,
    cookie: Mutex<Option<CookieChange>>,
}

/// What happens to the session cookie.
#[derive(Clone, Debug)]
pub enum CookieChange {
    /// It is set to a new token, and the device cookie with it.
    Set(SessionToken, Device),
    /// It is cleared.
    Clear,
}

impl Visitor {
    /// The sender of a request from `source`, with these tokens in its cookies.
    pub fn new(
        auth: Arc<Auth>,
        token: Option<&SessionToken>,
        device: Option<Device>,
        source: IpAddr,
    ) -> Self {
        Self {
            auth,
            token: token.map(SessionToken::hash),
            device,
            source,
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

    /// Who calls, for features that check a password or open a session.
    pub fn caller(&self) -> Caller<'_> {
        Caller {
            session: self.token.as_ref(),
            device: self.device.as_ref(),
            source: self.source,
        }
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
