//! Prints all wrong settings at once, so that an operator can correct them together. Clap stops at the first one.

use std::ffi::OsString;

use clap::{
    Command, Error, FromArgMatches,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{Cli, Command as OurCommand, print, setting_sources::SettingSources};
use crate::config::{
    Config, ConfigError,
    setting::{self, SettingSource, take_any_value},
    values::redacted::without_password,
};

/// Prints the errors of the settings file, the first error of the command line if there is one, and all other errors of
/// the settings.
pub fn print_all(first: Option<Error>, sources: &mut SettingSources, arguments: &[OsString]) {
    let mut wrong = WrongSettings::default();
    if let Some(file) = &sources.file {
        for error in file.errors() {
            print::error(&error.to_string());
        }
        wrong.from_file = file.wrong_keys().map(str::to_owned).collect();
        wrong.is_incomplete = file.is_unusable();
    }
    let mut next = first;
    loop {
        if let Some(error) = next.take() {
            let can_go_on = wrong.ignore(&error, sources);
            print_one(error, sources);
            if !can_go_on {
                return;
            }
        }
        match wrong.command(sources).try_get_matches_from(arguments) {
            Ok(_) if wrong.is_incomplete => return,
            Ok(matches) => {
                if let Ok(cli) = Cli::from_arg_matches(&matches) {
                    wrong.print_combinations(cli, sources);
                }
                return;
            }
            // Its value cannot be ignored, and it was printed.
            Err(error) if wrong.has(&error) => return,
            Err(error) => next = Some(error),
        }
    }
}

/// The settings that were found to be wrong, by key.
#[derive(Default)]
struct WrongSettings {
    /// Wrong values, and keys that are not in the file because they are misspelt there.
    from_file: Vec<String>,
    from_environment: Vec<String>,
    from_flag: Vec<String>,
    /// Whether settings are missing from what was read, so that their combinations cannot be checked.
    is_incomplete: bool,
}

impl WrongSettings {
    /// Makes the command ignore the wrong value of an error, and returns whether that is possible.
    fn ignore(&mut self, error: &Error, sources: &SettingSources) -> bool {
        let Some(flag) = flag(error) else {
            return false;
        };
        let is_value = matches!(
            error.kind(),
            ErrorKind::ValueValidation | ErrorKind::InvalidValue
        );
        if !is_value {
            return false;
        }
        match sources.source(&flag) {
            SettingSource::File => self.from_file.push(flag),
            SettingSource::Environment => self.from_environment.push(flag),
            // No variable and no value of the file replaces a flag. So every value of it is taken, and the settings
            // cannot be read from the matches.
            _ => {
                self.from_flag.push(flag);
                self.is_incomplete = true;
            }
        }
        true
    }

    fn has(&self, error: &Error) -> bool {
        flag(error).is_some_and(|flag| self.all().any(|wrong| *wrong == flag))
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        let from_file = self.from_file.iter();
        from_file
            .chain(&self.from_environment)
            .chain(&self.from_flag)
    }

    /// Returns the command without the wrong values.
    fn command(&self, sources: &SettingSources) -> Command {
        let ignored: Vec<_> = self
            .from_file
            .iter()
            .chain(&self.from_environment)
            .cloned()
            .collect();
        setting::map(sources.command(&ignored), &|argument, key| {
            if self.from_flag.iter().any(|flag| flag == key) {
                take_any_value(argument)
            } else {
                argument
            }
        })
    }

    /// Prints settings that contradict each other. Skips errors that name a wrong setting, since its value was replaced
    /// by the default.
    fn print_combinations(&self, mut cli: Cli, sources: &mut SettingSources) {
        sources.complete(&mut cli);
        let config: Config = match cli.command {
            None => cli.config,
            Some(OurCommand::Serve(config)) => *config,
            Some(OurCommand::Config(arguments)) => *arguments.config,
            Some(OurCommand::Doctor(arguments)) => *arguments.config,
            Some(OurCommand::Schema(arguments)) => *arguments.config,
            Some(_) => return,
        };
        let wrong = sources
            .settings
            .iter()
            .filter(|setting| self.all().any(|key| *key == setting.key));
        let variables: Vec<_> = wrong.map(|setting| setting.variable.as_str()).collect();
        let names_wrong = |error: &ConfigError| {
            let message = error.to_string();
            let mut words =
                message.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
            words.any(|word| variables.contains(&word))
        };
        for error in config.resolve().err().unwrap_or_default() {
            if !names_wrong(&error) {
                print::error(&sources.describe(&error));
            }
        }
    }
}

/// Prints an error, and where the value is.
fn print_one(error: Error, sources: &SettingSources) {
    let flag = flag(&error);
    let _ = without_password_in_url(error).print();
    let Some(setting) = sources
        .settings
        .iter()
        .find(|setting| Some(&setting.key) == flag.as_ref())
    else {
        return;
    };
    let location = sources
        .file
        .as_ref()
        .and_then(|file| file.location(&setting.key));
    match location {
        Some(location) if sources.source(&setting.key) == SettingSource::File => {
            print::hint(&format!("the value is in {location}"));
        }
        _ => print::hint(&format!("its environment variable is {}", setting.variable)),
    }
}

/// Removes the password from a URL that clap would repeat as a wrong value.
fn without_password_in_url(mut error: Error) -> Error {
    if let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) {
        let value = ContextValue::String(without_password(value));
        error.insert(ContextKind::InvalidValue, value);
    }
    error
}

/// Returns the name of an error's flag, without dashes.
fn flag(error: &Error) -> Option<String> {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let flag = argument.strip_prefix("--")?.split([' ', '=', '[']).next()?;
    Some(flag.to_owned())
}
