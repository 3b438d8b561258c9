//! Liveness and readiness. The public listener reveals only the status.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use tracing::Instrument;

use crate::{
    auth::Auth,
    graphql::schema_view::CurrentView,
    http::layers::trace::log_at_debug,
    identity::Issuer,
    store::{LEVEL, Schema},
};

/// How long a result is used for all requests. A check writes to the database, so a flood of probes must not check each time.
const RESULT_LIFETIME: Duration = Duration::from_secs(1);

/// When a check ended, and its result. `None` before the first check.
type LastCheck = Option<(Duration, Arc<Readiness>)>;

/// The state of the health handlers. Both listeners share it.
pub struct Health {
    auth: Arc<Auth>,
    issuer: Arc<Issuer>,
    /// What is known of the upstream's schema, if there is an upstream.
    view: Option<Arc<CurrentView>>,
    /// The problem that the last check found. Only changes are logged, not every check.
    last_problem: Mutex<Option<String>>,
    /// When the last check ended, and its result. It is locked while a check runs, so that all others wait for that one.
    checked: Arc<tokio::sync::Mutex<LastCheck>>,
}

impl Health {
    /// Creates the state. Nothing is checked yet.
    pub fn new(auth: Arc<Auth>, issuer: Arc<Issuer>, view: Option<Arc<CurrentView>>) -> Arc<Self> {
        Arc::new(Self {
            auth,
            issuer,
            view,
            last_problem: Mutex::default(),
            checked: Arc::default(),
        })
    }

    /// Returns the last result while it is fresh, and checks otherwise.
    async fn readiness(self: &Arc<Self>) -> Arc<Readiness> {
        let mut checked = Arc::clone(&self.checked).lock_owned().await;
        if let Some((at, readiness)) = &*checked
            && self.auth.clock().monotonic().saturating_sub(*at) < RESULT_LIFETIME
        {
            return Arc::clone(readiness);
        }
        let health = Arc::clone(self);
        let check = async move {
            let readiness = Arc::new(Readiness::of(&health).await);
            *checked = Some((health.auth.clock().monotonic(), Arc::clone(&readiness)));
            readiness
        };
        // In a separate task: a client that disconnects must not cancel the check that others wait for.
        tokio::spawn(check.in_current_span())
            .await
            .unwrap_or_else(|error| {
                tracing::error!(%error, "the readiness check failed");
                Arc::new(Readiness::NoDatabase("the check failed".to_owned()))
            })
    }
}

/// Returns the public routes, which report only the status.
pub fn public(health: Arc<Health>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route_layer(map_response(log_at_debug))
        .with_state(health)
}

/// Returns the admin listener's routes, which also report the reason and the schema.
pub fn admin(health: Arc<Health>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready_in_detail))
        .route_layer(map_response(log_at_debug))
        .with_state(health)
}

async fn alive() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    let readiness = health.readiness().await;
    (
        readiness.status(),
        Json(json!({ "status": readiness.word() })),
    )
        .into_response()
}

async fn ready_in_detail(State(health): State<Arc<Health>>) -> Response {
    let readiness = health.readiness().await;
    let (database, schema) = match &*readiness {
        Readiness::Ready(schema) | Readiness::Pending(schema) | Readiness::NoKey(schema, _) => {
            ("ok".to_owned(), Some(schema))
        }
        Readiness::TooNew(schema, error) => (error.clone(), Some(schema)),
        Readiness::NoDatabase(error) => (error.clone(), None),
    };
    let signing_key = match &*readiness {
        Readiness::NoKey(_, error) => error.as_str(),
        _ if health.issuer.keys().signer().is_some() => "ok",
        _ => "none",
    };
    let mut body = json!({
        "status": readiness.word(),
        "database": database,
        "signingKey": signing_key,
        "pendingMigrations": schema.map(Schema::pending),
        "schema": schema.map(|schema| json!({
            "programLevel": LEVEL,
            "level": schema.level(),
            "minLevel": schema.min_level(),
            "version": schema.version(),
        })),
    });
    // Only introspection needs the upstream's schema, so a node without it is ready.
    if let Some(view) = &health.view {
        let problem = view.get().problem.clone();
        body["upstreamSchema"] = problem.unwrap_or_else(|| "ok".to_owned()).into();
    }
    (readiness.status(), Json(body)).into_response()
}

enum Readiness {
    Ready(Schema),
    Pending(Schema),
    TooNew(Schema, String),
    NoKey(Schema, String),
    NoDatabase(String),
}

impl Readiness {
    /// Checks the readiness and logs a change. Each check queries the database: a node must be ready again soon after
    /// its database is, and must stop being ready soon after a newer program has migrated to a schema that this one
    /// cannot serve.
    async fn of(health: &Health) -> Self {
        let readiness = Self::check(health).await;
        let problem = readiness.problem();
        let mut last = health
            .last_problem
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *last != problem {
            match (&readiness, &problem) {
                (Self::TooNew(_, error), _) => {
                    tracing::error!(%error, "not ready: the database is too new for this program");
                }
                (_, Some(why)) => tracing::warn!(%why, "not ready"),
                (_, None) => tracing::info!("ready again"),
            }
            *last = problem;
        }
        drop(last);
        readiness
    }

    async fn check(health: &Health) -> Self {
        let schema = match health.auth.store().schema().await {
            Err(error) => return Self::NoDatabase(error.to_string()),
            Ok(schema) => schema,
        };
        if let Err(error) = schema.check() {
            return Self::TooNew(schema, error.to_string());
        }
        if !schema.pending().is_empty() {
            return Self::Pending(schema);
        }
        // A node that started before its tables existed reads its secret only now.
        if let Err(error) = health.auth.secret().get().await {
            return Self::NoDatabase(error.to_string());
        }
        if let Err(error) = health.auth.store().check_writable().await {
            return Self::NoDatabase(error.to_string());
        }
        // Without a key, forward-auth cannot answer for any user. A node that started before its tables existed reads it now.
        if health.issuer.keys().signer().is_none()
            && let Err(error) = health.issuer.start().await
        {
            return Self::NoKey(schema, error.to_string());
        }
        Self::Ready(schema)
    }

    /// Returns the problem, if any.
    fn problem(&self) -> Option<String> {
        match self {
            Self::Ready(_) => None,
            Self::Pending(_) => Some("the database lacks migrations".to_owned()),
            Self::NoKey(_, error) => Some(format!("there is no key for identity tokens: {error}")),
            Self::TooNew(_, error) | Self::NoDatabase(error) => Some(error.clone()),
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Ready(_) => "ok",
            Self::Pending(_) | Self::TooNew(..) | Self::NoKey(..) | Self::NoDatabase(_) => {
                "unavailable"
            }
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Ready(_) => StatusCode::OK,
            Self::Pending(_) | Self::TooNew(..) | Self::NoKey(..) | Self::NoDatabase(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}
