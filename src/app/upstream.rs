//! The service behind the same endpoint: prepared at start, and its schema read while serving.

use std::sync::Arc;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Notify,
};

use super::{BuildError, obtain_secret};
use crate::{
    config::Config,
    domain::{clock::Clock, entropy::Entropy},
    graphql::{
        execute::OneEndpoint,
        merged::MergedSchema,
        schema_view::CurrentView,
        upstream_schema::{SchemaReader, first_view, merged_from_file},
    },
    identity::Issuer,
    store::Store,
    upstream::Upstream,
};

/// The service behind the same endpoint, and the view of its schema.
pub(super) struct UpstreamParts {
    pub view: Arc<CurrentView>,
    reader: SchemaReader,
}

/// Prepares the service behind the same endpoint, if the settings name one. Nothing is sent to it: it may be down.
pub(super) fn connect_upstream(
    config: &Config,
    issuer: &Arc<Issuer>,
) -> Result<Option<(UpstreamParts, OneEndpoint)>, BuildError> {
    let Some(upstream) = &config.upstream else {
        return Ok(None);
    };
    let client = Upstream::new(upstream)?;
    let audience = upstream.audience(&config.token).to_owned();
    let view = Arc::new(CurrentView::new(first_view(upstream)?));
    let reader = SchemaReader::new(
        client.clone(),
        Arc::clone(issuer),
        upstream.clone(),
        audience.clone(),
    );
    let one_endpoint = OneEndpoint::new(
        client,
        Arc::clone(issuer),
        Arc::clone(&view),
        upstream.clone(),
        audience,
    );
    Ok(Some((UpstreamParts { view, reader }, one_endpoint)))
}

/// Reads the upstream's schema and merges it with ours: from its file, or from the upstream, which is asked with a token of
/// this deployment. Neither the database nor the upstream is changed.
pub async fn read_merged_schema(
    config: &Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Option<MergedSchema>, BuildError> {
    let Some(upstream) = &config.upstream else {
        return Ok(None);
    };
    if upstream.schema.is_some() {
        return Ok(merged_from_file(upstream)?);
    }
    let store = Store::connect(&config.database).await?;
    store.check_schema().await?;
    let secret = Arc::new(obtain_secret(config, &store, &*entropy).await?);
    let issuer = Arc::new(Issuer::new(config, store, secret, clock, entropy));
    issuer.keys().read().await?;
    let client = Upstream::new(upstream)?;
    let audience = upstream.audience(&config.token).to_owned();
    let reader = SchemaReader::new(client, issuer, upstream.clone(), audience);
    Ok(Some(reader.read().await?))
}

/// Keeps the upstream's schema up to date. SIGHUP reads it at once.
pub(super) async fn keep_reading(upstream: Option<UpstreamParts>) {
    let Some(UpstreamParts { view, reader }) = upstream else {
        return;
    };
    let again = Notify::new();
    let listen = async {
        match signal(SignalKind::hangup()) {
            Ok(mut hangups) => {
                while hangups.recv().await.is_some() {
                    again.notify_one();
                }
            }
            Err(error) => tracing::warn!(%error, "SIGHUP cannot be received"),
        }
    };
    tokio::join!(reader.keep_reading(&view, &again), listen);
}
