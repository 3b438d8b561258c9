//! The bounds of sockets: how many may be open, in all and for one session. Closes all of them at a shutdown.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use crate::{config::socket::SocketConfig, domain::id::SessionId};

/// All open sockets and streams.
pub struct Sockets {
    config: SocketConfig,
    free: Arc<Semaphore>,
    by_session: Mutex<HashMap<SessionId, u32>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Permission for one socket. A shutdown waits until it is dropped.
pub struct SocketPermit {
    _free: OwnedSemaphorePermit,
    _task: TaskTrackerToken,
}

/// Permission for one socket of a session.
pub struct SessionPermit {
    sockets: Arc<Sockets>,
    session: SessionId,
}

impl Sockets {
    /// Creates the bounds.
    pub fn new(config: SocketConfig) -> Self {
        Self {
            free: Arc::new(Semaphore::new(config.max_sockets as usize)),
            config,
            by_session: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// Returns the settings.
    pub fn config(&self) -> &SocketConfig {
        &self.config
    }

    /// Returns what ends all sockets and streams at a shutdown.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Admits a socket, unless there are too many.
    pub fn admit(&self) -> Option<SocketPermit> {
        Some(SocketPermit {
            _free: Arc::clone(&self.free).try_acquire_owned().ok()?,
            _task: self.tasks.token(),
        })
    }

    /// Admits a socket of a session, unless the session has too many.
    pub fn admit_session(self: &Arc<Self>, session: SessionId) -> Option<SessionPermit> {
        let mut by_session = self.lock();
        let open = by_session.entry(session).or_default();
        if *open >= self.config.socket_per_session {
            return None;
        }
        *open += 1;
        Some(SessionPermit {
            sockets: Arc::clone(self),
            session,
        })
    }

    /// Closes all sockets and streams, and waits until the sockets are closed, at most `grace`.
    pub async fn shut_down(&self, grace: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("the grace period is over: the open sockets are cut off");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, u32>> {
        self.by_session
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for SessionPermit {
    fn drop(&mut self) {
        let mut by_session = self.sockets.lock();
        if let Some(open) = by_session.get_mut(&self.session) {
            *open -= 1;
            if *open == 0 {
                by_session.remove(&self.session);
            }
        }
    }
}
