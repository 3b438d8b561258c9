//! Opens the gateway's database for a command on users. The gateway may be running.

use std::sync::Arc;

use crate::{
    app,
    auth::Auth,
    cli::{CliError, database, other, runtime, settings::Settings},
    config::Config,
    domain::{clock::SystemClock, entropy::OsEntropy},
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
        let auth = auth(&config, needs_secret).await?;
        let result = work(&auth).await;
        auth.store().clone().close().await;
        result
    })
}

/// Opens the database, and builds `auth` on it. It must have the gateway's secret if it `needs_secret`.
pub async fn auth(config: &Config, needs_secret: bool) -> Result<Auth, CliError> {
    let store = database::ready(&config.database).await?;
    let secret = database::secret(config, &store, needs_secret).await?;
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    let metrics = metrics::new().0;
    app::rules(config, store, secret, metrics, clock, entropy).map_err(other)
}
