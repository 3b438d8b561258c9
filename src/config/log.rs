//! What is logged, and how.

use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use super::ConfigError;

/// The log.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Log")]
pub struct LogConfig {
    /// What is logged: levels, also per module
    #[arg(long = "log", env = "RUST_LOG", default_value = "info")]
    pub filter: String,

    /// Lines for people or for programs [default: text on a terminal, else json]
    #[arg(long, env = "GATELODGE_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Words that are levels.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

impl LogConfig {
    /// Returns the filter. A word that is no level is refused: the library would take it for a module's name, and log
    /// nothing else.
    pub fn filter(&self) -> Result<EnvFilter, ConfigError> {
        let wrong = |problem: String| ConfigError {
            setting: "RUST_LOG",
            problem: format!("{problem}; write it like info or info,gatelodge=debug"),
        };
        let is_level = |word: &str| LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level));
        for word in self.filter.split(',').map(str::trim) {
            if !word.is_empty() && !word.contains(['=', '[', ']', '{', '}']) && !is_level(word) {
                return Err(wrong(format!(
                    "{word:?} is no level ({})",
                    LEVELS.join(", ")
                )));
            }
        }
        EnvFilter::try_new(&self.filter).map_err(|error| wrong(error.to_string()))
    }

    /// The wanted format, or the one that fits who reads.
    pub fn format(&self) -> LogFormat {
        self.log_format.unwrap_or_else(|| {
            if io::stderr().is_terminal() {
                LogFormat::Text
            } else {
                LogFormat::Json
            }
        })
    }
}
