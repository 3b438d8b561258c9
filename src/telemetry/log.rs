//! Starting the log: on standard error, so that standard output is a command's own.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    env,
    io::{self, IsTerminal},
    panic,
    sync::Arc,
};

use thiserror::Error;
use tracing_subscriber::{fmt::MakeWriter, util::SubscriberInitExt};

use super::{
    log_queue::{self, Flush},
    metrics::DroppedLines,
};
use crate::{
    config::{
        ConfigError,
        log::{LogConfig, LogFormat},
    },
    store,
};

/// Why the log cannot start.
#[derive(Debug, Error)]
pub enum LogError {
    /// `RUST_LOG` is wrong.
    #[error(transparent)]
    Setting(#[from] ConfigError),
    /// Standard error cannot be used, or there is a log already.
    #[error("the log cannot start: {0}")]
    Other(#[from] io::Error),
}

/// Starts the log of a command, which writes each line before it goes on.
pub fn start(config: &LogConfig) -> Result<(), LogError> {
    start_on(config, io::stderr)
}

/// Starts the log of the gateway, which never waits for a line to be written; the lines left are written when the
/// result is dropped.
pub fn start_queued(config: &LogConfig) -> Result<(Flush, Arc<DroppedLines>), LogError> {
    let dropped = Arc::new(DroppedLines::default());
    let (queue, flush) = log_queue::start(Arc::clone(&dropped))?;
    start_on(config, queue)?;
    panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        let backtrace = Backtrace::capture();
        let backtrace = (backtrace.status() == BacktraceStatus::Captured)
            .then(|| tracing::field::display(backtrace));
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(panic = message, location, backtrace, "a thread panicked");
    }));
    Ok((flush, dropped))
}

fn start_on(
    config: &LogConfig,
    output: impl for<'a> MakeWriter<'a> + Send + Sync + 'static,
) -> Result<(), LogError> {
    let filter = config.filter()?;
    // However much is asked for: the database's drivers show its URL, and with it the password.
    let filter = store::DRIVERS.iter().fold(filter, |filter, driver| {
        match format!("{driver}=error").parse() {
            Ok(directive) => filter.add_directive(directive),
            Err(_) => filter,
        }
    });
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(output)
        .with_ansi(wants_colours())
        // It would be a panic when standard error cannot be written.
        .log_internal_errors(false);
    let started = match config.format() {
        LogFormat::Text => log.with_target(false).finish().try_init(),
        LogFormat::Json => log
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .finish()
            .try_init(),
    };
    started.map_err(|error| LogError::Other(io::Error::other(error)))
}

/// Whether a text log has colours: on a terminal alone, and not when `NO_COLOR` is set (no-color.org). In a file, their
/// codes would hide words from a search.
fn wants_colours() -> bool {
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !no_color && io::stderr().is_terminal()
}
