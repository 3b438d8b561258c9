//! Whether the process is alive, and whether it can serve. Strangers learn no more than that.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use crate::auth::Auth;

/// For everybody.
pub fn public(auth: Arc<Auth>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .with_state(auth)
}

/// For those who run Gatelodge: with what is missing.
pub fn admin(auth: Arc<Auth>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready_in_detail))
        .with_state(auth)
}

async fn alive() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

async fn ready(State(auth): State<Arc<Auth>>) -> Response {
    let readiness = Readiness::of(&auth).await;
    (
        readiness.status(),
        Json(json!({ "status": readiness.word() })),
    )
        .into_response()
}

async fn ready_in_detail(State(auth): State<Arc<Auth>>) -> Response {
    let readiness = Readiness::of(&auth).await;
    let (database, pending) = match &readiness {
        Readiness::Ready => ("ok".to_owned(), Some(vec![])),
        Readiness::Pending(names) => ("ok".to_owned(), Some(names.clone())),
        Readiness::NoDatabase(error) => (error.clone(), None),
    };
    let body = json!({
        "status": readiness.word(),
        "database": database,
        "pendingMigrations": pending,
    });
    (readiness.status(), Json(body)).into_response()
}

enum Readiness {
    Ready,
    Pending(Vec<String>),
    NoDatabase(String),
}

impl Readiness {
    /// The database is asked each time: a node must come back as soon as its database does.
    async fn of(auth: &Auth) -> Self {
        match auth.store.migration_status().await {
            Err(error) => Self::NoDatabase(error.to_string()),
            Ok(steps) => {
                let pending: Vec<_> = steps
                    .into_iter()
                    .filter_map(|(name, applied)| (!applied).then_some(name))
                    .collect();
                if !pending.is_empty() {
                    return Self::Pending(pending);
                }
                // A node that started before its tables has no secret to count by until now.
                match auth.secret.get().await {
                    Ok(_) => Self::Ready,
                    Err(error) => Self::NoDatabase(error.to_string()),
                }
            }
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Ready => "ok",
            Self::Pending(_) | Self::NoDatabase(_) => "unavailable",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Ready => StatusCode::OK,
            Self::Pending(_) | Self::NoDatabase(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
