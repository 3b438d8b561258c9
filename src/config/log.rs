//! The log's filter and format.

use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use super::ConfigError;

/// The settings of the log.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Log")]
pub struct LogConfig {
    /// Log level (off, error, warn, info, debug or trace), also for each module: info,gatelodge=debug
    #[arg(long = "log", env = "RUST_LOG", default_value = DEFAULT)]
    pub filter: String,

    /// Format of the log [default: text on a terminal, otherwise json]
    #[arg(long, env = "GATELODGE_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
}

/// The format of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text for humans.
    Text,
    /// JSON for programs.
    Json,
}

/// The default filter, also of an empty setting.
const DEFAULT: &str = "info";
/// The names of the levels.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

impl LogConfig {
    /// Returns the filter. Refuses a word that is not a level: the library would read it as a module's name, and log
    /// only that module.
    pub fn filter(&self) -> Result<EnvFilter, ConfigError> {
        let wrong = |problem: String| ConfigError {
            setting: "RUST_LOG",
            problem: format!("{problem}. Write it like info or info,gatelodge=debug"),
        };
        let words = self.filter.split(',').map(str::trim);
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        for word in &words {
            if let Some(problem) = problem(word) {
                return Err(wrong(problem));
            }
        }
        if words.is_empty() {
            return Ok(EnvFilter::new(DEFAULT));
        }
        EnvFilter::try_new(words.join(",")).map_err(|error| wrong(error.to_string()))
    }

    /// Returns the set format, or text on a terminal and JSON otherwise.
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

/// Says what is wrong with a part of the filter, if it is plain: the library reads those with brackets.
fn problem(word: &str) -> Option<String> {
    if word.contains(['[', ']', '{', '}']) {
        return None;
    }
    let is_level = |word: &str| LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level));
    let by_number = |word: &str| LEVELS.get(word.parse::<usize>().ok()?);
    if let Some((module, _)) = word.split_once('=') {
        let has_space = module.contains(char::is_whitespace);
        return has_space.then(|| format!("{module:?} is no module: separate the parts by commas"));
    }
    if is_level(word) {
        return None;
    }
    Some(match by_number(word) {
        Some(level) => format!("{word:?} is no level: write {level}"),
        None => format!("{word:?} is no level ({})", LEVELS.join(", ")),
    })
}
