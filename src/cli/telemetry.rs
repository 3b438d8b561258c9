//! Starting the log: on standard error, so that standard output is a command's own.

use std::io;

use tracing_subscriber::{EnvFilter, fmt, util::SubscriberInitExt};

use super::CliError;
use crate::{
    config::{
        ConfigError,
        log::{LogConfig, LogFormat},
    },
    store,
};

/// Starts the log for the whole process.
pub fn start(config: &LogConfig) -> Result<(), CliError> {
    let filter = EnvFilter::try_new(&config.filter).map_err(|error| ConfigError {
        setting: "RUST_LOG",
        mend: format!("{error}; write it like info or info,gatelodge=debug"),
    })?;
    // However much is asked for: the database's drivers show its URL, and with it the password.
    let filter = store::DRIVERS.iter().fold(filter, |filter, driver| {
        match format!("{driver}=error").parse() {
            Ok(directive) => filter.add_directive(directive),
            Err(_) => filter,
        }
    });
    let log = fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match config.format() {
        LogFormat::Text => log.with_target(false).finish().try_init(),
        LogFormat::Json => log
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .finish()
            .try_init(),
    };
    started.map_err(super::other)
}
