//! Opens the gateway's database for a command on users. The gateway may be running.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::SecretString;

use super::args::settings::Settings;
use crate::{
    app,
    auth::{Auth, SharedSecret},
    cli::{CliError, other, runtime},
    config::{Config, ConfigError, database::DatabaseConfig},
    domain::{
        clock::SystemClock,
        entropy::{Entropy, OsEntropy},
    },
    store::Store,
    telemetry::{log, metrics},
};

/// Opens the database and runs a command's work.
pub fn open(
    settings: Settings,
    work: impl AsyncFnOnce(&Auth) -> Result<(), CliError>,
) -> Result<(), CliError> {
    run(settings, false, work)
}

/// Opens the database and runs work that needs the gateway's secret.
pub fn open_with_secret(
    settings: Settings,
    work: impl AsyncFnOnce(&Auth) -> Result<(), CliError>,
) -> Result<(), CliError> {
    run(settings, true, work)
}

fn run(
    settings: Settings,
    needs_secret: bool,
    work: impl AsyncFnOnce(&Auth) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let config = settings.resolve()?;
    log::start(&config.log)?;
    runtime()?.block_on(async {
        let store = ready(&config.database).await?;
        let secret = match find_secret(&config, &store).await? {
            Some(secret) => secret,
            None if needs_secret => {
                return Err(ConfigError {
                    setting: "GATELODGE_SECRET",
                    problem: "must have the same value as for the gateway".to_owned(),
                }
                .into());
            }
            // The work does not use it.
            None => random_secret()?,
        };
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
        let secret = SharedSecret::new(Some(&secret), secret.clone(), store.clone());
        let metrics = metrics::new().0;
        let auth = app::rules(&config, store, secret, metrics, clock, entropy).map_err(other)?;
        let result = work(&auth).await;
        auth.store().clone().close().await;
        result
    })
}

/// Opens the database, and checks that its schema is that of this version. A command on users must not migrate the
/// database of a running gateway.
pub async fn ready(config: &DatabaseConfig) -> Result<Store, CliError> {
    let at = &config.url;
    let store = Store::connect(config)
        .await
        .map_err(|error| other(format!("cannot open the database {at}: {error}")))?;
    let unusable = |error: &dyn std::fmt::Display| other(format!("the database {at}: {error}"));
    let schema = match store.schema().await {
        Ok(schema) => schema,
        Err(error) => return Err(unusable(&store.explain(error).await)),
    };
    schema.check().map_err(|error| unusable(&error))?;
    if schema.pending().is_empty() {
        return Ok(store);
    }
    Err(other(format!(
        "the database {at} has pending migrations: run `gatelodge migrate up`, or start the gateway"
    )))
}

/// Returns the configured secret, or the secret that the gateway generated.
async fn find_secret(config: &Config, store: &Store) -> Result<Option<SecretString>, CliError> {
    if let Some(secret) = &config.secret.secret {
        return Ok(Some(secret.clone()));
    }
    let generated = store.find_secret().await.map_err(other)?;
    Ok(generated.map(Into::into))
}

fn random_secret() -> Result<SecretString, CliError> {
    let mut random = [0; 32];
    OsEntropy.fill(&mut random).map_err(other)?;
    Ok(BASE64_STANDARD.encode(random).into())
}
