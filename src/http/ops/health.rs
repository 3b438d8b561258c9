//! Whether the process is alive, and whether it can serve. Strangers learn no more than that.

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

use crate::{
    auth::Auth,
    http::layers::trace::quiet,
    store::{LEVEL, Schema},
};

/// How long an answer of the database is good for all who ask. Each check writes, so a flood of probes must not check each.
const INTERVAL: Duration = Duration::from_secs(1);

/// What the answers need. Both listeners share it.
pub struct Health {
    auth: Arc<Auth>,
    /// What was wrong at the last check: the log has a line about each change, and not one about each answer.
    last: Mutex<Option<String>>,
    /// The last check's end and its result. It is locked while a check runs, so that all others wait for that one.
    checked: tokio::sync::Mutex<Option<(Duration, Arc<Readiness>)>>,
}

impl Health {
    /// Nothing is checked yet.
    pub fn new(auth: Arc<Auth>) -> Arc<Self> {
        Arc::new(Self {
            auth,
            last: Mutex::default(),
            checked: tokio::sync::Mutex::default(),
        })
    }

    /// Returns the last result while it is fresh, and checks otherwise.
    async fn readiness(self: &Arc<Self>) -> Arc<Readiness> {
        let health = Arc::clone(self);
        // A task of its own: a client that disconnects must not end the check that others wait for.
        tokio::spawn(async move { health.fresh().await })
            .await
            .unwrap_or_else(|error| Arc::new(Readiness::NoDatabase(error.to_string())))
    }

    async fn fresh(&self) -> Arc<Readiness> {
        let mut checked = self.checked.lock().await;
        let now = || self.auth.clock.monotonic();
        if let Some((at, readiness)) = &*checked
            && now().saturating_sub(*at) < INTERVAL
        {
            return Arc::clone(readiness);
        }
        let readiness = Arc::new(Readiness::of(self).await);
        *checked = Some((now(), Arc::clone(&readiness)));
        readiness
    }
}

/// For everybody.
pub fn public(health: Arc<Health>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route_layer(map_response(quiet))
        .with_state(health)
}

/// For those who run Gatelodge: with what is missing.
pub fn admin(health: Arc<Health>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready_in_detail))
        .route_layer(map_response(quiet))
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
        Readiness::Ready(schema) | Readiness::Pending(schema) => ("ok".to_owned(), Some(schema)),
        Readiness::TooNew(schema, error) => (error.clone(), Some(schema)),
        Readiness::NoDatabase(error) => (error.clone(), None),
    };
    let body = json!({
        "status": readiness.word(),
        "database": database,
        "pendingMigrations": schema.map(Schema::pending),
        "schema": schema.map(|schema| json!({
            "programLevel": LEVEL,
            "level": schema.level(),
            "minLevel": schema.min_level(),
            "version": schema.version(),
        })),
    });
    (readiness.status(), Json(body)).into_response()
}

enum Readiness {
    Ready(Schema),
    Pending(Schema),
    TooNew(Schema, String),
    NoDatabase(String),
}

impl Readiness {
    /// The database is asked: a node must come back soon after its database does, and must leave soon after a newer program
    /// has brought a schema that this one cannot serve.
    async fn of(health: &Health) -> Self {
        let readiness = Self::ask(health).await;
        let problem = readiness.problem();
        let mut last = health.last.lock().unwrap_or_else(PoisonError::into_inner);
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

    async fn ask(health: &Health) -> Self {
        let schema = match health.auth.store.schema().await {
            Err(error) => return Self::NoDatabase(error.to_string()),
            Ok(schema) => schema,
        };
        if let Err(error) = schema.check() {
            return Self::TooNew(schema, error.to_string());
        }
        if !schema.pending().is_empty() {
            return Self::Pending(schema);
        }
        // A node that started before its tables has no secret to count by until now.
        if let Err(error) = health.auth.secret.get().await {
            return Self::NoDatabase(error.to_string());
        }
        match health.auth.store.check_writable().await {
            Ok(()) => Self::Ready(schema),
            Err(error) => Self::NoDatabase(error.to_string()),
        }
    }

    /// Returns what is wrong; `None` when nothing is.
    fn problem(&self) -> Option<String> {
        match self {
            Self::Ready(_) => None,
            Self::Pending(_) => Some("the database lacks migrations".to_owned()),
            Self::TooNew(_, error) | Self::NoDatabase(error) => Some(error.clone()),
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Ready(_) => "ok",
            Self::Pending(_) | Self::TooNew(..) | Self::NoDatabase(_) => "unavailable",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Ready(_) => StatusCode::OK,
            Self::Pending(_) | Self::TooNew(..) | Self::NoDatabase(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}
