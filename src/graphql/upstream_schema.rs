//! Reads the upstream's schema, from a file or from the upstream itself, and keeps the view of it up to date.

use std::{sync::Arc, time::Duration};

use hyper::{HeaderMap, body::Bytes, header::HeaderValue};
use serde_json::{Value, json};
use thiserror::Error;
use tokio::{sync::Notify, task::spawn_blocking, time::timeout};

use super::{
    merged::{
        Clash, INTROSPECTION_QUERY, MAX_SDL_BYTES, MergedSchema, SERVICE_QUERY, SERVICE_SDL_QUERY,
        UpstreamSchema, UpstreamSchemaError, has_service,
    },
    published::{InvalidSchema, published_schema},
    schema_view::{CurrentView, SchemaView},
};
use crate::{
    config::upstream::UpstreamConfig,
    identity::{IssueError, Issuer},
    upstream::{Upstream, UpstreamError, UpstreamRequest},
};

/// The time until the upstream is asked again after it did not answer.
const RETRY_DELAY: Duration = Duration::from_secs(15);
/// The time until the upstream is asked whether its schema has changed.
const INTERVAL: Duration = Duration::from_mins(5);
/// Maximum bytes of an answer with a schema: introspection is more verbose than the schema's text.
const MAX_ANSWER: usize = 4 * MAX_SDL_BYTES;

/// Why the upstream's schema cannot be used.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It cannot be read, or is not a schema.
    #[error("[graphql-upstream] schema: {0}")]
    Schema(#[from] UpstreamSchemaError),
    /// It clashes with ours.
    #[error("[graphql-upstream] schema: {}", list(.0))]
    Clashes(Vec<Clash>),
    /// Our own schema is not valid, which is a bug.
    #[error(transparent)]
    Own(#[from] InvalidSchema),
    /// The upstream did not answer.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// The upstream answered with errors.
    #[error("the upstream refused the introspection: {0}")]
    Refused(String),
    /// The program is stopping, or the work panicked.
    #[error("the work on the upstream's schema was stopped")]
    Stopped,
    /// The gate's own token could not be made.
    #[error(transparent)]
    Token(#[from] IssueError),
}

fn list(clashes: &[Clash]) -> String {
    let all: Vec<_> = clashes.iter().map(ToString::to_string).collect();
    all.join("\n  ")
}

/// Reads the schema's file and merges it, if the settings name one.
pub fn merged_from_file(config: &UpstreamConfig) -> Result<Option<MergedSchema>, ReadError> {
    let Some(path) = &config.schema else {
        return Ok(None);
    };
    merge(UpstreamSchema::from_file(path)?, config).map(Some)
}

fn merge(theirs: UpstreamSchema, config: &UpstreamConfig) -> Result<MergedSchema, ReadError> {
    let ours = published_schema()?;
    MergedSchema::merge(&ours, theirs, &config.type_prefix).map_err(ReadError::Clashes)
}

/// Returns the first view: of the file, or of our schema alone until the upstream is asked. Fails if the file cannot be used.
pub fn first_view(config: &UpstreamConfig) -> Result<SchemaView, ReadError> {
    if let Some(merged) = merged_from_file(config)? {
        return Ok(SchemaView::of(&merged));
    }
    let problem = "the upstream has not been asked for its schema yet".to_owned();
    let ours = Arc::new(published_schema()?);
    Ok(SchemaView::alone(ours, Some(problem)))
}

/// Runs work that takes long for a large schema: other requests must not wait for it.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    spawn_blocking(work)
        .await
        .unwrap_or(Err(ReadError::Stopped))
}

/// Reads the upstream's schema while serving.
pub struct SchemaReader {
    client: Upstream,
    issuer: Arc<Issuer>,
    config: UpstreamConfig,
    audience: String,
}

impl SchemaReader {
    /// Reads the schema of an upstream.
    pub fn new(
        client: Upstream,
        issuer: Arc<Issuer>,
        config: UpstreamConfig,
        audience: String,
    ) -> Self {
        Self {
            client,
            issuer,
            config,
            audience,
        }
    }

    /// Keeps a view up to date: asks until the upstream answers, then at intervals, and when `again` says so. A file is
    /// read only then. Never returns.
    pub async fn keep_reading(&self, view: &CurrentView, again: &Notify) {
        let mut last = None;
        if self.config.schema.is_some() {
            again.notified().await;
        }
        loop {
            let read = self.read().await;
            // A clash stays until a schema changes.
            let delay = match &read {
                Ok(_) | Err(ReadError::Clashes(_)) => INTERVAL,
                Err(_) => RETRY_DELAY,
            };
            Self::show(read, view, &mut last);
            if self.config.schema.is_some() {
                again.notified().await;
            } else {
                // Whichever comes first.
                let _ = timeout(delay, again.notified()).await;
            }
        }
    }

    /// Shows what was read. An upstream that does not answer changes nothing; a clash hides its schema.
    fn show(read: Result<MergedSchema, ReadError>, view: &CurrentView, last: &mut Option<String>) {
        match read {
            Ok(merged) => {
                let (sdl, new) = (merged.sdl(), SchemaView::of(&merged));
                let now = view.get();
                let is_new =
                    now.problem.is_some() || now.facts != new.facts || last.as_ref() != Some(&sdl);
                *last = Some(sdl);
                if is_new {
                    for note in merged.notes() {
                        tracing::warn!(note, "the upstream's schema");
                    }
                    tracing::info!("the upstream's schema was read");
                    view.set(new);
                }
            }
            Err(error @ ReadError::Clashes(_)) => {
                let problem = error.to_string();
                tracing::error!(
                    problem,
                    "the upstream's schema is not shown, because it cannot be merged"
                );
                *last = None;
                match published_schema() {
                    Ok(ours) => view.set(SchemaView::alone(Arc::new(ours), Some(problem))),
                    Err(error) => tracing::error!(%error, "internal error"),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the upstream's schema could not be read. What is known of it stays");
                let now = view.get();
                let problem = Some(error.to_string());
                // A new view makes all plans outdated.
                if now.problem.is_some() && now.problem != problem {
                    view.set(SchemaView {
                        merged: Arc::clone(&now.merged),
                        facts: now.facts.clone(),
                        problem,
                    });
                }
            }
        }
    }

    /// Reads the schema, from the file if there is one.
    pub async fn read(&self) -> Result<MergedSchema, ReadError> {
        let config = self.config.clone();
        if config.schema.is_some() {
            let read = move || merged_from_file(&config);
            return in_background(read).await?.ok_or(ReadError::Stopped);
        }
        // A service without introspection may still answer for its text.
        let has_service = match self.ask(SERVICE_QUERY).await {
            Err(ReadError::Refused(_)) => true,
            answer => has_service(&answer?),
        };
        if has_service {
            let data = self.ask(SERVICE_SDL_QUERY).await?;
            let merge_sdl = move || {
                let sdl = data.pointer("/_service/sdl").and_then(Value::as_str);
                let sdl = sdl.ok_or_else(|| ReadError::Refused("it has no SDL".to_owned()))?;
                let theirs = UpstreamSchema::from_sdl(sdl, "_service { sdl }")?;
                merge(theirs, &config)
            };
            in_background(merge_sdl).await
        } else {
            let data = self.ask(INTROSPECTION_QUERY).await?;
            in_background(move || merge(UpstreamSchema::from_introspection(&data)?, &config)).await
        }
    }

    /// Asks the upstream in the gate's own name, and returns the data.
    async fn ask(&self, query: &str) -> Result<Value, ReadError> {
        let token = self.issuer.own_token(&self.audience)?;
        let response = self
            .client
            .send(UpstreamRequest {
                body: Bytes::from(json!({ "query": query }).to_string()),
                token: Some(&token),
                headers: &HeaderMap::new(),
                accept: HeaderValue::from_static(
                    "application/graphql-response+json, application/json;q=0.9",
                ),
                may_retry: true,
                request_id: "schema",
                forwarded: None,
            })
            .await?;
        let bytes = response.collect(MAX_ANSWER).await?;
        let mut answer: Value = serde_json::from_slice(&bytes)
            .map_err(|_| UpstreamError::NotGraphql("it is not JSON"))?;
        match answer["data"].take() {
            Value::Null => {
                let message = answer.pointer("/errors/0/message").and_then(Value::as_str);
                let message = message.unwrap_or("it gave no reason").chars().take(200);
                Err(ReadError::Refused(message.collect()))
            }
            data => Ok(data),
        }
    }
}
