//! Starts the log. It writes to standard error, so that standard output contains only a command's output.

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
    /// `RUST_LOG` is invalid.
    #[error(transparent)]
    Setting(#[from] ConfigError),
    /// Standard error cannot be used, or a log has already been started.
    #[error("the log cannot start: {0}")]
    Other(#[from] io::Error),
}

/// Starts the log of a command. The command waits until each line is written.
pub fn start(config: &LogConfig) -> Result<(), LogError> {
    start_on(config, io::stderr)
}

/// Starts the log of the gateway. Requests never wait for a line to be written. Dropping the result writes the remaining
/// lines.
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
    // This applies to every filter: the database drivers log the URL, with the password in it.
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
        // Otherwise an error when writing to standard error would panic.
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

/// Returns whether a text log has colours: only on a terminal, and not if `NO_COLOR` is set (no-color.org). In a file,
/// colour codes would make searching harder.
fn wants_colours() -> bool {
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !no_color && io::stderr().is_terminal()
}
