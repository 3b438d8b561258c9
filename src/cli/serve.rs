//! `gatelodge serve`: starts the server.

use std::sync::Arc;

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use super::{CliError, open_files, other, runtime, setting_sources::SettingSources};
use crate::{
    app::{self, BuildError, Listeners},
    config::{Config, ConfigError, server::AdminListen, values::origin::Origin},
    domain::{clock::SystemClock, entropy::OsEntropy},
    graphql::execute::ExecutorError,
    identity::keys::KeysError,
    telemetry::{log, metrics::DroppedLines},
};

/// Serves until SIGTERM or SIGINT.
pub fn run(config: Config, sources: &SettingSources) -> Result<(), CliError> {
    let mut config = config.resolve()?;
    let (_flush, dropped_lines) = log::start_queued(&config.log)?;
    open_files::fit(&mut config);
    for name in SettingSources::without_effect() {
        tracing::warn!(name, "a variable that looks like a setting has no effect");
    }
    if let Some(warning) = sources.exposed_secrets() {
        tracing::warn!("{warning}");
    }
    if config.limits.limit_introspection.is_some() {
        tracing::warn!(
            "GATELODGE_LIMIT_INTROSPECTION no longer has an effect: introspection has a fixed limit"
        );
    }
    runtime()?.block_on(serve(config, dropped_lines))
}

async fn serve(mut config: Config, dropped_lines: Arc<DroppedLines>) -> Result<(), CliError> {
    let stop = stop_on_signal()?;
    let listeners = bind_all(&mut config).await?;
    let app = app::build(config.clone(), Arc::new(SystemClock), Arc::new(OsEntropy))
        .await
        .map_err(build_error)?
        .with_dropped_lines(dropped_lines);
    log_ready(&config);
    app.serve(listeners, stop).await;
    tracing::info!("stopped");
    Ok(())
}

/// Converts an error in building the gateway. Some are wrong settings.
pub fn build_error(error: BuildError) -> CliError {
    let (setting, problem) = match error {
        BuildError::Executor(ExecutorError::Manifest(error)) => {
            ("GATELODGE_TRUSTED_DOCUMENTS", error.to_string())
        }
        BuildError::Keys(error @ (KeysError::Sealed { .. } | KeysError::EncryptionKeys(_))) => {
            ("GATELODGE_SECRET", error.to_string())
        }
        BuildError::Breached(error) => ("GATELODGE_BREACHED_PASSWORDS", error.to_string()),
        error => return other(error),
    };
    ConfigError { setting, problem }.into()
}

/// Binds the listeners and puts their real addresses into the settings: port 0 means any free port.
async fn bind_all(config: &mut Config) -> Result<Listeners, CliError> {
    let public = bind(config.server.listen).await?;
    config.server.listen = public.local_addr().map_err(other)?;
    config
        .browser
        .public_url
        .listen_on(config.server.listen.port());
    let admin = match config.server.admin_listen {
        AdminListen::Off => None,
        AdminListen::At(address) => Some(bind(address).await?),
    };
    if let Some(admin) = &admin {
        config.server.admin_listen = AdminListen::At(admin.local_addr().map_err(other)?);
    }
    Ok(Listeners { public, admin })
}

async fn bind(address: std::net::SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| other(format!("cannot listen on {address}: {error}")))
}

/// Logs the addresses of the server.
fn log_ready(config: &Config) {
    let origins = config.browser.allowed_origins();
    tracing::info!(
        graphql = config.browser.public_url.join("/graphql"),
        graphiql = config.graphiql(),
        listen = %config.server.listen,
        admin_listen = %config.server.admin_listen,
        database = %config.database.url,
        allowed_origins = joined(&origins),
        "ready"
    );
    if config.browser.public_url.is_loopback() {
        return;
    }
    let local: Vec<_> = origins.into_iter().filter(Origin::is_loopback).collect();
    if !local.is_empty() {
        tracing::warn!(
            origins = joined(&local),
            "GATELODGE_ALLOWED_ORIGINS contains loopback origins, which are on the users' own machines: list only your frontends"
        );
    }
}

fn joined(origins: &[Origin]) -> String {
    let origins: Vec<_> = origins.iter().map(Origin::as_str).collect();
    origins.join(" ")
}

/// Returns a token that SIGTERM and SIGINT cancel.
fn stop_on_signal() -> Result<CancellationToken, CliError> {
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).map_err(other)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(other)?;
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stopping.cancel();
        tracing::info!("stopping: running requests are answered first");
    });
    Ok(stop)
}
