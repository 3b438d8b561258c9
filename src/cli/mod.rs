//! The command line: one command a file. Exit status: 0 fine, 2 wrong usage or settings, 1 anything else.

use std::{ffi::OsString, process::ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind};

use crate::{
    auth,
    config::{Config, ConfigError, database::DatabaseConfig, environment, log::LogConfig},
    telemetry::log::LogError,
};

mod healthcheck;
mod migrate;
mod open_files;
mod print;
mod schema;
mod serve;
mod user;
mod wrong_settings;

/// The command line, as typed.
#[derive(Debug, Parser)]
#[command(
    name = "gatelodge",
    version,
    about = "A GraphQL authentication gateway: register, log in, log out and me, over cookie sessions",
    after_help = "Every setting is also an environment variable. Without a command, Gatelodge serves.",
    args_conflicts_with_subcommands = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    config: Config,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve (the default)
    Serve(Box<Config>),
    /// Bring the database to the shape that this version needs, or back
    Migrate {
        /// Which way [default: up]
        #[arg(value_enum)]
        direction: Option<migrate::Direction>,

        /// With down: how many migrations to take back
        #[arg(long, default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,

        #[command(flatten)]
        database: DatabaseConfig,

        #[command(flatten)]
        log: LogConfig,
    },
    /// People: add, list, disable, delete them, move them in and out, and more
    #[command(subcommand)]
    User(user::UserCommand),
    /// Print the published GraphQL schema
    Schema,
    /// Ask a running Gatelodge whether it is ready, for containers
    Healthcheck {
        /// Where it listens
        #[arg(long, env = "GATELODGE_LISTEN", default_value = "127.0.0.1:8000")]
        listen: std::net::SocketAddr,
    },
}

/// How a command failed.
#[derive(Debug)]
enum CliError {
    /// Wrong settings: the person who started it can mend them.
    Settings(Vec<ConfigError>),
    /// Anything else.
    Other(String),
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::Settings(vec![error])
    }
}

impl From<Vec<ConfigError>> for CliError {
    fn from(errors: Vec<ConfigError>) -> Self {
        Self::Settings(errors)
    }
}

impl From<LogError> for CliError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Setting(error) => error.into(),
            LogError::Other(error) => other(error),
        }
    }
}

/// Wraps any error as "anything else".
fn other(error: impl std::fmt::Display) -> CliError {
    CliError::Other(error.to_string())
}

/// Words an error of a rule for the operator. `word` words one reason to refuse.
fn refused<R>(error: auth::Error<R>, word: impl Fn(R) -> String) -> CliError {
    match error {
        auth::Error::Refused(reasons) => {
            let words: Vec<_> = reasons.into_iter().map(word).collect();
            other(words.join("; "))
        }
        auth::Error::Failed(failure) => other(failure),
    }
}

/// Reads the settings as `gatelodge serve` would.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Config, clap::Error> {
    let matches = Cli::command().try_get_matches_from(arguments)?;
    Ok(Cli::from_arg_matches(&matches)?.config)
}

/// Runs the command line.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Clap's own status for help and version is 0, else 2.
            wrong_settings::print_all(&error, &arguments);
            let asked = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            return ExitCode::from(if asked { 0 } else { 2 });
        }
    };
    let result = match cli.command {
        None => serve::run(cli.config, &without_effect()),
        Some(Command::Serve(config)) => serve::run(*config, &without_effect()),
        Some(Command::Migrate {
            direction,
            steps,
            database,
            log,
        }) => migrate::run(direction.unwrap_or_default(), steps, database, &log),
        Some(Command::User(command)) => user::run(command),
        Some(Command::Schema) => {
            schema::run();
            Ok(())
        }
        Some(Command::Healthcheck { listen }) => healthcheck::run(listen),
    };
    match result.and_then(|()| print::check()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(CliError::Settings(errors)) => {
            for error in errors {
                print::error(&error.to_string());
            }
            ExitCode::from(2)
        }
        Err(CliError::Other(error)) => {
            print::error(&error);
            ExitCode::FAILURE
        }
    }
}

/// Variables of ours that nothing reads.
fn without_effect() -> Vec<String> {
    let given: Vec<_> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .collect();
    environment::without_effect(&Cli::command(), given.iter().map(String::as_str))
}

/// Bytes of a worker thread's stack. The guard bounds the nesting of documents; an unoptimised build needs about 1 MiB
/// for the deepest that it admits.
const STACK: usize = 8 * 1024 * 1024;

/// A runtime for a command.
fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .build()
        .map_err(other)
}
