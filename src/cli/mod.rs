//! The command line: one command per file. Exit status: 0 success, 2 wrong usage or settings, 1 any other failure.

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand, error::ErrorKind};

use crate::{
    auth,
    config::{
        Config, ConfigError,
        database::DatabaseConfig,
        file::{FileArgument, SettingsFile},
        log::LogConfig,
    },
    telemetry::log::LogError,
};

mod config;
mod database;
mod doctor;
mod healthcheck;
mod keys;
mod migrate;
mod open_files;
mod print;
mod schema;
mod serve;
mod setting_sources;
pub(crate) mod settings;
mod user;
mod wrong_settings;

pub use self::config::reference::page as settings_page;
use self::setting_sources::SettingSources;

/// The arguments of the command line.
#[derive(Debug, Parser)]
#[command(
    name = "gatelodge",
    version,
    about = "A GraphQL authentication gateway: register, log in, log out and me, over cookie sessions",
    after_help = "Every setting is also an environment variable, and a key of the settings file: the flag without dashes. \
                  Without a command, Gatelodge starts the server.",
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
    /// Start the server (the default)
    Serve(Box<Config>),
    /// Migrate the database to the schema of this version, or back
    Migrate {
        /// The direction [default: up]
        #[arg(value_enum)]
        direction: Option<migrate::Direction>,

        /// With down: the number of migrations to revert
        #[arg(long, default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,

        #[command(flatten)]
        database: DatabaseConfig,

        #[command(flatten)]
        log: LogConfig,

        #[command(flatten)]
        file: FileArgument,
    },
    /// Manage users: add, list, disable, delete, import, export and more
    #[command(subcommand)]
    User(user::UserCommand),
    /// List and rotate the keys that sign identity tokens
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Print all settings and where each value comes from, or check them
    Config(config::ConfigArguments),
    /// Check a deployment: browsers, database, files and, with --forward-auth, the proxy
    Doctor(doctor::DoctorArguments),
    /// Print the published GraphQL schema, or with --merged the one that clients see with the upstream's
    Schema(schema::SchemaArguments),
    /// Check whether a running server is ready, for containers
    Healthcheck {
        /// The address where the server listens
        #[arg(long, env = "GATELODGE_LISTEN", default_value = "127.0.0.1:8000")]
        listen: std::net::SocketAddr,

        #[command(flatten)]
        file: FileArgument,
    },
}

/// The error of a command.
#[derive(Debug)]
enum CliError {
    /// Wrong settings, which the operator can correct.
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

/// Converts any error to [`CliError::Other`].
fn other(error: impl std::fmt::Display) -> CliError {
    CliError::Other(error.to_string())
}

/// Converts an error of `auth` to a message for the operator. `message` returns the message of one refusal.
fn refused<R>(error: auth::Error<R>, message: impl Fn(R) -> String) -> CliError {
    match error {
        auth::Error::Refused(reasons) => {
            let messages: Vec<_> = reasons.into_iter().map(message).collect();
            other(messages.join("; "))
        }
        auth::Error::Failed(failure) => other(failure),
    }
}

/// Reads the settings as `gatelodge serve` does.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Config, clap::Error> {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let mut sources = SettingSources::read(&arguments);
    let mut cli = sources.parse(&arguments)?;
    if let Some(error) = sources.file.iter().flat_map(SettingsFile::errors).next() {
        return Err(clap::Error::raw(ErrorKind::ValueValidation, error));
    }
    sources.complete(&mut cli);
    Ok(cli.config)
}

/// Runs the command line.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let mut sources = SettingSources::read(&arguments);
    let parsed = sources.parse(&arguments);
    let has_wrong_file = sources
        .file
        .as_ref()
        .is_some_and(|file| !file.errors().is_empty());
    let mut cli = match parsed {
        Ok(cli) if !has_wrong_file => cli,
        Ok(_) => {
            wrong_settings::print_all(None, &mut sources, &arguments);
            return ExitCode::from(2);
        }
        Err(error) => {
            // Help and version are no errors.
            let is_success = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            wrong_settings::print_all(Some(error), &mut sources, &arguments);
            return ExitCode::from(if is_success { 0 } else { 2 });
        }
    };
    sources.complete(&mut cli);
    let result = match cli.command {
        None => serve::run(cli.config, &sources),
        Some(Command::Serve(config)) => serve::run(*config, &sources),
        Some(Command::Migrate {
            direction,
            steps,
            database,
            log,
            file: _,
        }) => migrate::run(direction.unwrap_or_default(), steps, database, &log),
        Some(Command::User(command)) => user::run(command),
        Some(Command::Keys(command)) => keys::run(command),
        Some(Command::Config(arguments)) => config::run(arguments, &sources),
        Some(Command::Doctor(arguments)) => doctor::run(arguments, &sources),
        Some(Command::Schema(arguments)) => schema::run(arguments),
        Some(Command::Healthcheck { listen, file: _ }) => healthcheck::run(listen),
    };
    match result.and_then(|()| print::check()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(CliError::Settings(errors)) => {
            for error in errors {
                print::error(&sources.describe(&error));
            }
            ExitCode::from(2)
        }
        Err(CliError::Other(error)) => {
            print::error(&error);
            ExitCode::FAILURE
        }
    }
}

/// The stack size of a worker thread in bytes. The guard limits the nesting of documents: the deepest that it admits
/// needs about 1 MiB in an unoptimised build.
const STACK: usize = 8 * 1024 * 1024;

/// Creates the runtime of a command.
fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .build()
        .map_err(other)
}
