//! Failover: the reaction of a pool when its database refuses a write or is unreachable.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    DbErr,
    sqlx::{PgPool, postgres::PgConnectOptions},
};

use super::{
    postgres::Servers,
    retirement::{Retirement, refuses_to_write},
};
use crate::store::{StoreError, error::is_unavailable};

/// Minimum time between two searches for a writable server.
const INTERVAL: Duration = Duration::from_secs(1);

/// Observes the errors of a pool's statements.
#[derive(Clone, Debug)]
pub(crate) struct ErrorObserver {
    retirement: Retirement,
    search: Option<Arc<Search>>,
}

/// The search for a writable server among several.
#[derive(Debug)]
struct Search {
    servers: Servers,
    pool: PgPool,
    is_running: AtomicBool,
}

impl ErrorObserver {
    /// Creates an observer for one server. It retires connections.
    pub(crate) fn new(retirement: Retirement) -> Self {
        Self {
            retirement,
            search: None,
        }
    }

    /// Creates an observer for several servers. It retires connections and searches for a writable server.
    pub(crate) fn among(retirement: Retirement, servers: Servers, pool: PgPool) -> Self {
        let search = servers.are_several().then(|| {
            Arc::new(Search {
                servers,
                pool,
                is_running: AtomicBool::new(false),
            })
        });
        Self { retirement, search }
    }

    /// Retires connections, or searches for another server, if a statement's error requires it.
    pub(crate) fn observe(&self, error: &DbErr) {
        self.retirement.observe(error);
        let Some(search) = &self.search else {
            return;
        };
        if !(refuses_to_write(error) || is_unavailable(error))
            || search.is_running.swap(true, Ordering::AcqRel)
        {
            return;
        }
        let (running, retirement) = (Running(Arc::clone(search)), self.retirement.clone());
        tokio::spawn(async move {
            running.0.run(&retirement).await;
            tokio::time::sleep(INTERVAL).await;
        });
    }
}

/// A search that runs. The next one may start when this is dropped, also when the search panics or is cancelled.
struct Running(Arc<Search>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.is_running.store(false, Ordering::Release);
    }
}

impl Search {
    /// Sends new connections to the first writable server, and retires connections to other servers.
    async fn run(&self, retirement: &Retirement) {
        let found = match self.servers.find().await {
            Ok(found) if found.is_writable => found,
            Ok(_) => {
                tracing::warn!("no database server is writable");
                return;
            }
            Err(error @ StoreError::Unsuitable(_)) => {
                tracing::warn!(%error, "no database server that answers can be used");
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "no database server answers");
                return;
            }
        };
        let current = self.pool.connect_options();
        let address = |options: &PgConnectOptions| {
            (
                options.get_host().to_owned(),
                options.get_port(),
                options.get_socket().cloned(),
            )
        };
        let (old, new) = (address(&current), address(&found.options));
        if old != new {
            tracing::info!(from = ?old, to = ?new, "switched to another database server");
            self.pool.set_connect_options(found.options);
            retirement.retire_all();
        }
    }
}
