//! What is logged, and how.

use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};

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

impl LogConfig {
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
