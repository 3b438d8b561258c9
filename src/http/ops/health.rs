//! Whether the process is alive, and whether it can serve. Strangers learn no more than that.

use std::sync::{Arc, Mutex, PoisonError};

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
    http::layers::trace::Quiet,
    store::{LEVEL, Schema},
};

/// What the answers need.
struct Health {
    auth: Arc<Auth>,
    /// What was wrong at the last question: the log has a line about each change, and not one about each answer.
    last: Mutex<Option<String>>,
}

impl Health {
    fn new(auth: Arc<Auth>) -> Arc<Self> {
        let last = Mutex::default();
        Arc::new(Self { auth, last })
    }
}

/// For everybody.
pub fn public(auth: Arc<Auth>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route_layer(map_response(quiet))
        .with_state(Health::new(auth))
}

/// For those who run Gatelodge: with what is missing.
pub fn admin(auth: Arc<Auth>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready_in_detail))
        .route_layer(map_response(quiet))
        .with_state(Health::new(auth))
}

/// Keeps health checks out of the log.
async fn quiet(mut answer: Response) -> Response {
    answer.extensions_mut().insert(Quiet);
    answer
}

async fn alive() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    let readiness = Readiness::of(&health).await;
    (
        readiness.status(),
        Json(json!({ "status": readiness.word() })),
    )
        .into_response()
}

async fn ready_in_detail(State(health): State<Arc<Health>>) -> Response {
    let readiness = Readiness::of(&health).await;
    let (database, schema) = match &readiness {
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
    /// The database is asked each time: a node must come back as soon as its database does, and must leave as soon as a newer
    /// program has brought a schema that this one cannot serve.
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
