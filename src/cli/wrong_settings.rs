//! Prints all settings that are wrong, where clap stops at the first one: a deployment is then put right in one go.

use std::ffi::OsString;

use clap::{
    Command, CommandFactory, Error, FromArgMatches,
    builder::ValueParser,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{Cli, Command as OurCommand, print};
use crate::config::{Config, ConfigError};

/// Prints an error of the command line, and what else is wrong with the settings.
pub fn print_all(first: &Error, arguments: &[OsString]) {
    print_one(first);
    let mut command = Cli::command();
    let mut wrong = Wrong::default();
    if !wrong.pass_over(first, &mut command) {
        return;
    }
    loop {
        match command.clone().try_get_matches_from(arguments) {
            Ok(_) if wrong.is_on_the_line => return,
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
                if !wrong.pass_over(&next, &mut command) {
                    return;
                }
            }
        }
    }
}

/// The settings that are known to be wrong.
#[derive(Default)]
struct Wrong {
    flags: Vec<String>,
    /// Flags whose environment variable is not read any more, and whose value was wrong all the same.
    on_the_line: Vec<String>,
    is_on_the_line: bool,
}

impl Wrong {
    fn has_flag_of(&self, error: &Error) -> bool {
        flag(error).is_some_and(|flag| self.flags.contains(&flag))
    }

    /// Makes the command pass over the wrong value of an error; returns whether it can. First its environment variable
    /// is left out; if the error stays, the value is on the command line, and any value is taken.
    fn pass_over(&mut self, error: &Error, command: &mut Command) -> bool {
        let Some(flag) = flag(error) else {
            return false;
        };
        if !matches!(
            error.kind(),
            ErrorKind::ValueValidation | ErrorKind::InvalidValue
        ) || self.on_the_line.contains(&flag)
        {
            return false;
        }
        let from_line = self.flags.contains(&flag);
        *command = change(command.clone(), &flag, from_line);
        if from_line {
            self.is_on_the_line = true;
            self.on_the_line.push(flag);
        } else {
            self.flags.push(flag);
        }
        true
    }

    /// Prints the settings of a gateway that do not go together. Those that name a wrong setting are left out: in its
    /// place stands a default.
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
            let words = error.to_string();
            let mut words =
                words.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
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
        print::hint(&format!("the environment variable of it is {variable}"));
    }
}

/// Returns the name of the flag that an error is about, without dashes.
fn flag(error: &Error) -> Option<String> {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let flag = argument.strip_prefix("--")?.split([' ', '=', '[']).next()?;
    Some(flag.to_owned())
}

/// Returns the environment variable of a flag: an operator who sets it by that does not know the flag.
fn variable(flag: &str) -> Option<String> {
    let command = Cli::command();
    let argument = command
        .get_arguments()
        .find(|argument| argument.get_long() == Some(flag))?;
    Some(argument.get_env()?.to_str()?.to_owned())
}

/// Leaves the environment variable of a flag out, or takes any value for it, in a command and all below it.
fn change(command: Command, flag: &str, takes_any: bool) -> Command {
    command
        .mut_args(|argument| {
            if argument.get_long() != Some(flag) {
                argument
            } else if takes_any {
                argument.value_parser(ValueParser::os_string())
            } else {
                argument.env(None::<&'static str>)
            }
        })
        .mut_subcommands(|below| change(below, flag, takes_any))
}
