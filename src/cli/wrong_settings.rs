//! Prints all wrong settings at once, so that an operator can correct them together. Clap stops at the first one.

use std::ffi::OsString;

use clap::{
    Command, CommandFactory, Error, FromArgMatches,
    builder::ValueParser,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{Cli, Command as OurCommand, print};
use crate::config::{Config, ConfigError};

/// Prints an error of the command line, and all other errors of the settings.
pub fn print_all(first: &Error, arguments: &[OsString]) {
    print_one(first);
    let mut command = Cli::command();
    let mut wrong = WrongSettings::default();
    if !wrong.ignore(first, &mut command) {
        return;
    }
    loop {
        match command.clone().try_get_matches_from(arguments) {
            Ok(_) if !wrong.on_command_line.is_empty() => return,
            Ok(matches) => {
                if let Ok(cli) = Cli::from_arg_matches(&matches) {
                    wrong.print_combinations(cli);
                }
                return;
            }
            Err(next) => {
                if !wrong.has_flag_of(&next) {
                    print_one(&next);
                }
                if !wrong.ignore(&next, &mut command) {
                    return;
                }
            }
        }
    }
}

/// The settings that were found to be wrong.
#[derive(Default)]
struct WrongSettings {
    flags: Vec<String>,
    /// Flags that are still wrong when their environment variable is ignored.
    on_command_line: Vec<String>,
}

impl WrongSettings {
    fn has_flag_of(&self, error: &Error) -> bool {
        flag(error).is_some_and(|flag| self.flags.contains(&flag))
    }

    /// Makes the command ignore the wrong value of an error, and returns whether that is possible. First it ignores the
    /// environment variable. If the error remains, the value is on the command line, and any value is accepted.
    fn ignore(&mut self, error: &Error, command: &mut Command) -> bool {
        let Some(flag) = flag(error) else {
            return false;
        };
        if !matches!(
            error.kind(),
            ErrorKind::ValueValidation | ErrorKind::InvalidValue
        ) || self.on_command_line.contains(&flag)
        {
            return false;
        }
        let from_command_line = self.flags.contains(&flag);
        *command = change(command.clone(), &flag, from_command_line);
        if from_command_line {
            self.on_command_line.push(flag);
        } else {
            self.flags.push(flag);
        }
        true
    }

    /// Prints settings that contradict each other. Skips errors that name a wrong setting, since its value was replaced
    /// by the default.
    fn print_combinations(&self, cli: Cli) {
        let config: Config = match cli.command {
            None => cli.config,
            Some(OurCommand::Serve(config)) => *config,
            Some(_) => return,
        };
        let variables: Vec<_> = self
            .flags
            .iter()
            .filter_map(|flag| variable(flag))
            .collect();
        let names_wrong = |error: &ConfigError| {
            let message = error.to_string();
            let mut words =
                message.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
            words.any(|word| variables.iter().any(|variable| variable == word))
        };
        for error in config.resolve().err().unwrap_or_default() {
            if !names_wrong(&error) {
                print::error(&error.to_string());
            }
        }
    }
}

fn print_one(error: &Error) {
    let _ = error.print();
    if let Some(variable) = flag(error).and_then(|flag| variable(&flag)) {
        print::hint(&format!("its environment variable is {variable}"));
    }
}

/// Returns the name of an error's flag, without dashes.
fn flag(error: &Error) -> Option<String> {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let flag = argument.strip_prefix("--")?.split([' ', '=', '[']).next()?;
    Some(flag.to_owned())
}

/// Returns the environment variable of a flag. Operators who set the variable may not know the flag.
fn variable(flag: &str) -> Option<String> {
    let command = Cli::command();
    let argument = command
        .get_arguments()
        .find(|argument| argument.get_long() == Some(flag))?;
    Some(argument.get_env()?.to_str()?.to_owned())
}

/// Ignores a flag's environment variable, or accepts any value of the flag, in a command and its subcommands.
fn change(command: Command, flag: &str, accepts_any: bool) -> Command {
    command
        .mut_args(|argument| {
            if argument.get_long() != Some(flag) {
                argument
            } else if accepts_any {
                argument.value_parser(ValueParser::os_string())
            } else {
                argument.env(None::<&'static str>)
            }
        })
        .mut_subcommands(|subcommand| change(subcommand, flag, accepts_any))
}
