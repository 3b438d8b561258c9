//! `gatelodge schema`: prints the published schema, as in `schema.graphql`, or the one that clients see.

use std::sync::Arc;

use clap::Args;

use super::{CliError, other, print, runtime};
use crate::{
    app::{self, BuildError},
    config::{Config, ConfigError, upstream},
    domain::{clock::SystemClock, entropy::OsEntropy},
    graphql,
};

/// The arguments of `gatelodge schema`.
#[derive(Args, Debug)]
pub struct SchemaArguments {
    /// Print one schema of Gatelodge's and the upstream's, as clients see it
    #[arg(long)]
    merged: bool,

    /// The settings of the server. Without `--merged` they are not read.
    #[command(flatten)]
    pub config: Box<Config>,
}

/// Prints the schema.
pub fn run(arguments: SchemaArguments) -> Result<(), CliError> {
    if !arguments.merged {
        print::line(graphql::sdl().trim_end());
        return Ok(());
    }
    let config = (*arguments.config).resolve()?;
    let Some(upstream) = &config.upstream else {
        return Err(wrong(
            "`--merged` needs an upstream. Set GATELODGE_UPSTREAM or [graphql-upstream]",
        )
        .into());
    };
    let is_file = upstream.schema.is_some();
    let read = app::read_merged_schema(&config, Arc::new(SystemClock), Arc::new(OsEntropy));
    let merged = runtime()?.block_on(read).map_err(|error| match error {
        // A wrong file is a wrong setting. An upstream or a database that does not answer is not.
        BuildError::UpstreamSchema(error) if is_file => CliError::from(wrong(error)),
        error => other(error),
    })?;
    if let Some(merged) = merged {
        for note in merged.notes() {
            print::warning(note);
        }
        print::line(merged.sdl().trim_end());
    }
    Ok(())
}

fn wrong(problem: impl std::fmt::Display) -> ConfigError {
    ConfigError {
        setting: upstream::TABLE,
        problem: problem.to_string(),
    }
}
