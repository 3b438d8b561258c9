//! The life of a socket or stream: it ends with its session, with its token, and with this process.

use std::{pin::Pin, time::Duration};

use tokio::time::{Sleep, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    auth::{Auth, session::authenticate::Authenticated},
    config::{upstream::UpstreamConfig, values::requirement::Requirements},
    domain::token::SessionTokenHash,
    store::{SessionState, SessionWatch},
};

/// What happened to a socket's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifeEvent {
    /// The session has ended.
    SessionEnded,
    /// It is unknown whether the session has ended.
    SessionUnknown,
    /// The user has lost a role that is required. This happens once each time.
    RoleLost,
    /// The token is over, or this process stops.
    Restart,
}

/// The life of a socket or stream.
pub struct Life {
    /// The user as last read, and the session. A stranger has none.
    authenticated: Option<Authenticated>,
    watch: Option<SessionWatch>,
    require: Requirements,
    is_met: bool,
    stop: CancellationToken,
    lease: Pin<Box<Sleep>>,
}

impl Life {
    /// Begins the life of a socket or stream whose session meets the requirements.
    pub fn new(
        auth: &Auth,
        authenticated: Option<&Authenticated>,
        token: Option<SessionTokenHash>,
        upstream: &UpstreamConfig,
        stop: CancellationToken,
    ) -> Self {
        Self {
            watch: authenticated
                .zip(token)
                .map(|(authenticated, token)| auth.watch_session(authenticated, token)),
            authenticated: authenticated.cloned(),
            require: upstream.require.clone(),
            is_met: true,
            stop,
            lease: Box::pin(sleep(upstream.socket_token_lifetime)),
        }
    }

    /// Whether the requirements are met now.
    pub fn is_met(&self) -> bool {
        self.is_met
    }

    /// Returns the user as last read, and the session. A stranger has none.
    pub fn authenticated(&self) -> Option<&Authenticated> {
        self.authenticated.as_ref()
    }

    /// Begins the time of the token, which is made now.
    pub fn begin_lease(&mut self, lifetime: Duration) {
        self.lease = Box::pin(sleep(lifetime));
    }

    /// Waits for the next event. Nothing is lost if this is dropped.
    pub async fn event(&mut self) -> LifeEvent {
        loop {
            let state = tokio::select! {
                state = next_state(&mut self.watch) => state,
                () = self.stop.cancelled() => return LifeEvent::Restart,
                () = self.lease.as_mut() => return LifeEvent::Restart,
            };
            match state {
                SessionState::Ended => return LifeEvent::SessionEnded,
                SessionState::Unknown => return LifeEvent::SessionUnknown,
                SessionState::Live(user) => {
                    let is_met = self.require.are_met_by(&user);
                    if let Some(authenticated) = &mut self.authenticated {
                        authenticated.user = (*user).clone();
                    }
                    if std::mem::replace(&mut self.is_met, is_met) && !is_met {
                        return LifeEvent::RoleLost;
                    }
                }
            }
        }
    }
}

async fn next_state(watch: &mut Option<SessionWatch>) -> SessionState {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}
