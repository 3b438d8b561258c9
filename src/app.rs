//! Builds and serves the whole gateway, for `main` and for tests.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    auth::{Auth, AuthParts, BreachedPasswords, Hasher, PasswordPolicy, ThrottleRules},
    config::Config,
    domain::{clock::Clock, entropy::Entropy, throttle::Rule},
    graphql::{
        Executor,
        execute::ExecutorError,
        guard::UpstreamRules,
        schema_view::CurrentView,
        upstream_schema::{ReadError, first_view},
    },
    http::{self, graphql::socket::Sockets},
    identity::{Issuer, keys::KeysError},
    store::{SharedSecret, Store, StoreError},
    telemetry::metrics::{self, DroppedLines, Exposition, Metrics},
    upstream::UpstreamSetupError,
};

mod upstream;

pub use self::upstream::read_merged_schema;
use self::upstream::{UpstreamParts, connect_upstream, keep_reading};

/// The gateway, ready to serve.
pub struct App {
    config: Config,
    auth: Arc<Auth>,
    issuer: Arc<Issuer>,
    health: Arc<http::Health>,
    router: axum::Router,
    sockets: Arc<Sockets>,
    exposition: Exposition,
    upstream: Option<UpstreamParts>,
}

/// Why the gateway cannot start.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The database did not answer, or could not be migrated.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys of identity tokens cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The hash workers did not start.
    #[error("the hash workers did not start: {0}")]
    Hasher(Box<dyn std::error::Error + Send + Sync>),
    /// The breached passwords cannot be used.
    #[error("GATELODGE_BREACHED_PASSWORDS: {0}")]
    Breached(std::io::Error),
    /// The schema, or a manifest of trusted documents, cannot be used.
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    /// The client toward the upstream cannot be used.
    #[error(transparent)]
    Upstream(#[from] UpstreamSetupError),
    /// The upstream's schema cannot be used.
    #[error(transparent)]
    UpstreamSchema(#[from] ReadError),
    /// A bug in Gatelodge, for example an invalid origin that the settings accepted.
    #[error("{0}")]
    Internal(String),
}

/// The listeners of an app.
pub struct Listeners {
    /// For browsers and services.
    pub public: TcpListener,
    /// For operators.
    pub admin: Option<TcpListener>,
}

/// Builds the app: connects to the database, migrates it unless the settings forbid it, and starts the hash workers.
pub async fn build(
    config: Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<App, BuildError> {
    let store = Store::connect(&config.database)
        .await?
        .with_session_cache(config.session.cache, Arc::clone(&clock));
    let mut has_tables = true;
    if config.server.no_migrate {
        if let Err(error) = store.check_schema().await {
            return Err(store.explain(error).await.into());
        }
        let pending = store.schema().await?.pending();
        has_tables = pending.is_empty();
        if !has_tables {
            tracing::warn!(
                pending = pending.join(" "),
                "migrations are pending, and GATELODGE_NO_MIGRATE is set: the node is not ready until you run \
                 `gatelodge migrate up`"
            );
        }
    } else if let Err(error) = store.migrate_up().await {
        return Err(store.explain(error).await.into());
    }
    store.check_rights().await?;
    let secret = Arc::new(obtain_secret(&config, &store, &*entropy).await?);
    let issuer = Arc::new(Issuer::new(
        &config,
        store.clone(),
        Arc::clone(&secret),
        Arc::clone(&clock),
        Arc::clone(&entropy),
    ));
    if has_tables {
        issuer.start().await?;
    }
    let (metrics, documents, exposition) = metrics::new();
    let forward_auth = metrics.forward_auth.clone();
    let auth = Arc::new(rules(&config, store, secret, metrics, clock, entropy)?);
    let internal = |error: &dyn std::fmt::Display| BuildError::Internal(error.to_string());
    let (upstream, one_endpoint) = match connect_upstream(&config, &issuer)? {
        Some((parts, one_endpoint)) => (Some(parts), Some(one_endpoint)),
        None => (None, None),
    };
    let executor = Executor::new(
        config.limits.clone(),
        &config.documents,
        config.introspection(),
        documents,
        one_endpoint,
    )?;
    let view = upstream.as_ref().map(|upstream| Arc::clone(&upstream.view));
    let health = http::Health::new(Arc::clone(&auth), Arc::clone(&issuer), view);
    let sockets = Arc::new(Sockets::new(config.socket.clone()));
    let router = http::router(
        Arc::clone(&auth),
        Arc::clone(&health),
        executor,
        Arc::clone(&issuer),
        forward_auth,
        Arc::clone(&sockets),
        &config,
    )
    .map_err(|error| internal(&error))?;
    Ok(App {
        config,
        auth,
        issuer,
        health,
        router,
        sockets,
        exposition,
        upstream,
    })
}

/// Checks the files that the settings name, as [`build`] does. It needs neither the database nor a port.
pub fn check_files(config: &Config) -> Vec<BuildError> {
    let (metrics, _, _) = metrics::new();
    let breached = BreachedPasswords::open(&config.password, metrics.breached_failed_open);
    let breached = breached.err().map(BuildError::Breached);
    let view = config.upstream.as_ref().map(first_view).transpose();
    let (view, upstream) = match view {
        Ok(view) => (view, None),
        Err(error) => (None, Some(BuildError::UpstreamSchema(error))),
    };
    let rules = config.upstream.as_ref().zip(view).map(|(upstream, view)| {
        UpstreamRules::new(
            Arc::new(CurrentView::new(view)),
            &config.limits,
            config.introspection(),
            upstream.max_depth,
            upstream.max_complexity,
        )
    });
    let documents = Executor::check_documents(
        config.limits.clone(),
        &config.documents,
        config.introspection(),
        rules,
    );
    let documents = documents.err().map(BuildError::Executor);
    breached
        .into_iter()
        .chain(documents)
        .chain(upstream)
        .collect()
}

/// Builds `auth` from the settings and a database, for the gateway and for commands about users.
pub fn rules(
    config: &Config,
    store: Store,
    secret: Arc<SharedSecret>,
    metrics: Metrics,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Auth, BuildError> {
    let failed_open = metrics.breached_failed_open.clone();
    let breached =
        BreachedPasswords::open(&config.password, failed_open).map_err(BuildError::Breached)?;
    Ok(Auth::new(AuthParts {
        secret,
        throttle_rules: ThrottleRules {
            account: Rule::GrowingWaits {
                free: config.throttle.account,
            },
            source: config.throttle.source.rule(),
            register: config.throttle.register.rule(),
            logins: config.throttle.logins.rule(),
        },
        store,
        hasher: start_hasher(config, &*entropy).map_err(BuildError::Hasher)?,
        password_policy: PasswordPolicy::new(&config.password.context_words, breached),
        metrics,
        clock,
        entropy,
        session_policy: config.session.policy(),
        event_retention: config.session.keep_events(),
        registration: config.feature.registration,
    }))
}

/// Starts the hash workers with the peppers of the settings.
fn start_hasher(
    config: &Config,
    entropy: &dyn Entropy,
) -> Result<Hasher, Box<dyn std::error::Error + Send + Sync>> {
    Hasher::start(&config.password, config.pepper.list()?, entropy)
}

/// Returns the secret of the settings, or the one that the deployment creates at its first start.
async fn obtain_secret(
    config: &Config,
    store: &Store,
    entropy: &dyn Entropy,
) -> Result<SharedSecret, BuildError> {
    let mut random = [0; 32];
    entropy
        .fill(&mut random)
        .map_err(|error| BuildError::Internal(error.to_string()))?;
    let fresh = BASE64_STANDARD.encode(random).into();
    let secret = SharedSecret::new(config.secret.secret.as_ref(), fresh, store.clone());
    match secret.get().await.map(|_| ()) {
        // Without its tables, the node starts but is not ready, and /readyz reports it.
        Err(StoreError::Refused(_)) if config.server.no_migrate => {}
        result => result?,
    }
    Ok(secret)
}

impl App {
    /// Returns `auth`, for work outside of requests: deleting expired data, and tests.
    pub fn auth(&self) -> &Arc<Auth> {
        &self.auth
    }

    /// Returns the issuer of identity tokens.
    pub fn issuer(&self) -> &Arc<Issuer> {
        &self.issuer
    }

    /// Adds the log's counters of dropped lines to the metrics.
    #[must_use]
    pub fn with_dropped_lines(mut self, dropped: Arc<DroppedLines>) -> Self {
        self.exposition.dropped_lines = dropped;
        self
    }

    /// Serves until `stop`, then finishes accepted requests and closes the database.
    pub async fn serve(self, listeners: Listeners, stop: CancellationToken) {
        // This must happen before the first response: otherwise response times would reveal imported hashes.
        if let Err(error) = self.auth.update_refusal_floor().await {
            tracing::warn!(%error, "the time of imported hashes could not be measured");
        }
        let background = {
            let (auth, issuer) = (Arc::clone(&self.auth), Arc::clone(&self.issuer));
            let upstream = self.upstream;
            let stop = stop.clone();
            let work = async move {
                tokio::join!(
                    auth.keep_expiring(),
                    auth.keep_updating_refusal_floor(),
                    issuer.keep_refreshing(),
                    keep_reading(upstream)
                )
            };
            tokio::spawn(async move { stop.run_until_cancelled(work).await })
        };
        // Sessions still end while sockets are open.
        let after_sockets = CancellationToken::new();
        let watching = {
            let (auth, after_sockets) = (Arc::clone(&self.auth), after_sockets.clone());
            let work = async move {
                tokio::join!(auth.keep_watching(), auth.store().keep_listening());
            };
            tokio::spawn(async move { after_sockets.run_until_cancelled(work).await })
        };
        let public = http::server::serve(
            listeners.public,
            self.router,
            &self.config.server,
            Arc::clone(self.auth.clock()),
            stop.clone(),
        );
        let admin = async {
            if let Some(listener) = listeners.admin {
                let router = http::admin_router(
                    Arc::clone(&self.auth),
                    self.health,
                    self.issuer,
                    self.exposition,
                    self.config.server.admin_hosts.clone(),
                );
                let config = self.config.server.for_admin();
                let clock = Arc::clone(self.auth.clock());
                http::server::serve(listener, router, &config, clock, stop.clone()).await;
            }
        };
        let sockets = async {
            stop.cancelled().await;
            tokio::time::sleep(self.config.server.shutdown_linger).await;
            let grace = self.config.server.shutdown_grace;
            self.sockets.shut_down(grace).await;
            after_sockets.cancel();
        };
        tokio::join!(public, admin, sockets);

        // Both tasks have been stopped. A panic in them is in the log.
        let _ = tokio::join!(background, watching);
        self.auth.background().close();
        let background = self.auth.background().wait();
        if tokio::time::timeout(self.config.server.shutdown_grace, background)
            .await
            .is_err()
        {
            tracing::warn!("background work did not end within the grace period");
        }
        self.auth.store().clone().close().await;
    }
}
