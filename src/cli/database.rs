//! Opens the gateway's database for a command. The gateway may be running.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::SecretString;

use super::{CliError, other};
use crate::{
    config::{Config, ConfigError, database::DatabaseConfig},
    domain::entropy::{Entropy, OsEntropy},
    store::{SharedSecret, Store},
};

/// Opens the database, and checks that its schema is that of this version. A command must not migrate the
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

/// Returns the gateway's secret. A command that needs none gets a random one if there is none.
pub async fn secret(
    config: &Config,
    store: &Store,
    is_needed: bool,
) -> Result<Arc<SharedSecret>, CliError> {
    let secret = match find_secret(config, store).await? {
        Some(secret) => secret,
        None if is_needed => {
            return Err(ConfigError {
                setting: "GATELODGE_SECRET",
                problem: "must have the same value as for the gateway".to_owned(),
            }
            .into());
        }
        None => random_secret()?,
    };
    let fresh = secret.clone();
    Ok(Arc::new(SharedSecret::new(
        Some(&secret),
        fresh,
        store.clone(),
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
