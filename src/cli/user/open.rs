//! Opening a deployment's database for a command on its people, beside a gateway that may be running.

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

/// Runs a command's work on a deployment's people.
pub fn open(
    settings: Settings,
    work: impl AsyncFnOnce(&Auth) -> Result<(), CliError>,
) -> Result<(), CliError> {
    run(settings, false, work)
}

/// The same, for work that needs the deployment's own secret.
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
                    problem: "must be set as the gateway has it".to_owned(),
                }
                .into());
            }
            // What is made with it is good for nothing, and nothing is.
            None => passing_secret()?,
        };
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
        let secret = SharedSecret::new(Some(&secret), secret.clone(), store.clone());
        let metrics = metrics::new().0;
        let auth = app::rules(&config, store, secret, metrics, clock, entropy).map_err(other)?;
        let result = work(&auth).await;
        auth.store.close().await;
        result
    })
}

/// The database, in the shape that this version needs: no command on people is a reason to change it under a running
/// gateway.
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
        "the database {at} lacks migrations: run `gatelodge migrate up`, or start the gateway"
    )))
}

/// The secret as set, or the one that the gateway made for itself.
async fn find_secret(config: &Config, store: &Store) -> Result<Option<SecretString>, CliError> {
    if let Some(secret) = &config.secret.secret {
        return Ok(Some(secret.clone()));
    }
    let made = store.find_secret().await.map_err(other)?;
    Ok(made.map(Into::into))
}

fn passing_secret() -> Result<SecretString, CliError> {
    let mut random = [0; 32];
    OsEntropy.fill(&mut random).map_err(other)?;
    Ok(BASE64_STANDARD.encode(random).into())
}
