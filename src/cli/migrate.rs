//! `gatelodge migrate up|down|status`.

use clap::ValueEnum;

use super::{CliError, other, print, runtime};
use crate::{
    config::{database::DatabaseConfig, log::LogConfig},
    store::{LEVEL, Schema, Store, StoreError},
    telemetry::log,
};

/// The direction of the migration.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Direction {
    /// Apply the pending migrations
    #[default]
    Up,
    /// Revert the last migrations, and delete their data
    Down,
    /// Print the applied and pending migrations, and the schema level
    Status,
}

/// Migrates the database and prints its state.
pub fn run(
    direction: Direction,
    steps: u32,
    mut database: DatabaseConfig,
    log: &LogConfig,
) -> Result<(), CliError> {
    database.resolve()?;
    log::start(log)?;
    let at = database.url.clone();
    let failed = |error: StoreError| other(format!("cannot migrate the database {at}: {error}"));
    runtime()?.block_on(async {
        let store = Store::connect(&database).await.map_err(failed)?;
        let migrated = match direction {
            Direction::Up => store.migrate_up().await,
            Direction::Down => store.migrate_down(steps).await,
            Direction::Status => Ok(()),
        };
        let schema = match migrated {
            Ok(()) => store.schema().await,
            Err(error) => Err(error),
        };
        let schema = match schema {
            Ok(schema) => schema,
            Err(error) => return Err(failed(store.explain(error).await)),
        };
        store.close().await;
        print_schema(&schema);
        Ok(())
    })
}

fn print_schema(schema: &Schema) {
    for (name, applied) in &schema.steps {
        print::line(&format!(
            "{} {name}",
            if *applied { "applied" } else { "pending" }
        ));
    }
    for step in &schema.newer {
        print::line(&format!(
            "applied {} (schema level {}, by Gatelodge {}; this version does not have it)",
            step.name, step.level, step.version
        ));
    }
    print::line(&format!(
        "schema level {}; programs from level {} on may serve; this program has level {LEVEL}",
        schema.level(),
        schema.min_level(),
    ));
    if let Err(error) = schema.check() {
        print::line(&format!("this program cannot serve: {error}"));
    }
}
