//! `gatelodge migrate up|down|status`.

use clap::ValueEnum;

use super::{CliError, other, print, runtime, telemetry};
use crate::{
    config::{database::DatabaseConfig, log::LogConfig},
    store::Store,
};

/// Which way to migrate.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Direction {
    /// Apply what is pending
    #[default]
    Up,
    /// Take the last migrations back, with what they hold
    Down,
    /// Tell what is applied and what is pending
    Status,
}

/// Migrates, and tells how things stand.
pub fn run(
    direction: Direction,
    steps: u32,
    mut database: DatabaseConfig,
    log: &LogConfig,
) -> Result<(), CliError> {
    database.resolve()?;
    telemetry::start(log)?;
    runtime()?.block_on(async {
        let store = Store::connect(&database).await.map_err(other)?;
        match direction {
            Direction::Up => store.migrate_up().await.map_err(other)?,
            Direction::Down => store.migrate_down(steps).await.map_err(other)?,
            Direction::Status => {}
        }
        for (name, applied) in store.migration_status().await.map_err(other)? {
            print::line(&format!(
                "{} {name}",
                if applied { "applied" } else { "pending" }
            ));
        }
        store.close().await;
        Ok(())
    })
}
