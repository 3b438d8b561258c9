//! Reads the command line together with the environment and the settings file.

use std::{collections::BTreeMap, ffi::OsString, path::Path};

use clap::{ArgMatches, Command, CommandFactory, Error, FromArgMatches, parser::ValueSource};

use super::{Cli, Command as OurCommand};
use crate::config::{
    ConfigError,
    file::SettingsFile,
    setting::{self, FILE_FLAG, Setting, SettingSource, environment, take_any_value},
};

/// What the command line, the environment and the settings file say, before the values are checked.
pub struct SettingSources {
    /// All settings.
    pub settings: Vec<Setting>,
    /// The settings file, if there is one.
    pub file: Option<SettingsFile>,
    given: BTreeMap<String, Given>,
    /// Whether the command prints what is the same for all settings, so that wrong ones do not matter.
    ignores_all: bool,
}

/// A setting that is given on the command line or in the environment.
struct Given {
    source: SettingSource,
    values: Vec<String>,
}

impl SettingSources {
    /// Reads the settings file that the arguments or the environment name, and finds out where each setting comes from.
    pub fn read(arguments: &[OsString]) -> Self {
        let settings = setting::of_command(&Cli::command());
        let mut sources = Self {
            settings,
            file: None,
            given: BTreeMap::new(),
            ignores_all: false,
        };
        // Help and the version need no settings, and end here as errors.
        let command = setting::map(Cli::command(), &|argument, _| take_any_value(argument));
        let Ok(matches) = command.ignore_errors(true).try_get_matches_from(arguments) else {
            return sources;
        };
        if matches
            .subcommand_matches("schema")
            .is_some_and(|schema| !schema.get_flag("merged"))
        {
            sources.ignores_all = true;
            return sources;
        }
        let matches = of_subcommand(&matches);
        if let Some(path) = one(matches, FILE_FLAG) {
            sources.file = Some(SettingsFile::read(Path::new(&path), &sources.settings));
        }
        for setting in &sources.settings {
            let id = &setting.id;
            let found = matches
                .try_contains_id(id)
                .map(|_| matches.value_source(id));
            let (source, values) = match found {
                Ok(Some(ValueSource::CommandLine)) => (SettingSource::Flag, all(matches, id)),
                Ok(Some(ValueSource::EnvVariable)) => {
                    (SettingSource::Environment, all(matches, id))
                }
                Ok(_) => continue,
                // The command does not have this setting, but clap reads the variable nevertheless.
                Err(_) => match std::env::var(&setting.variable) {
                    Ok(value) => (SettingSource::Environment, vec![value]),
                    Err(_) => continue,
                },
            };
            sources
                .given
                .insert(setting.key.clone(), Given { source, values });
        }
        sources
    }

    /// Reads the arguments, with the settings of all sources.
    pub fn parse(&self, arguments: &[OsString]) -> Result<Cli, Error> {
        let matches = self.command(&[]).try_get_matches_from(arguments)?;
        Cli::from_arg_matches(&matches)
    }

    /// Returns the command line's definition, with the file's values as defaults. It has no environment variable and no
    /// value of the file for the keys that are `ignored`.
    pub fn command(&self, ignored: &[String]) -> Command {
        let mut ignored = ignored.to_vec();
        ignored.extend(self.superseded());
        let command = setting::map(Cli::command(), &|argument, key| {
            if self.ignores_all || ignored.iter().any(|ignored| ignored == key) {
                argument.env(None::<&'static str>)
            } else {
                argument
            }
        });
        match &self.file {
            Some(file) => file.set_defaults(command, &ignored),
            None => command,
        }
    }

    /// Puts what only the file can say into the settings of a command.
    pub fn complete(&mut self, cli: &mut Cli) {
        let config = match &mut cli.command {
            None => &mut cli.config,
            Some(OurCommand::Serve(config)) => config,
            Some(OurCommand::Config(arguments)) => &mut arguments.config,
            Some(OurCommand::Doctor(arguments)) => &mut arguments.config,
            Some(OurCommand::Schema(arguments)) => &mut arguments.config,
            Some(_) => return,
        };
        if let Some(file) = &mut self.file {
            file.complete(config);
        }
    }

    /// Returns where the value of a setting comes from.
    pub fn source(&self, key: &str) -> SettingSource {
        match self.given.get(key) {
            Some(given) => given.source,
            None if self.file_values(key).is_some() => SettingSource::File,
            None => SettingSource::Default,
        }
    }

    /// Returns the value of a setting as it was written, if it is set.
    pub fn values(&self, key: &str) -> Option<&[String]> {
        match self.given.get(key) {
            Some(given) => Some(&given.values),
            None => self.file_values(key),
        }
    }

    fn file_values(&self, key: &str) -> Option<&[String]> {
        self.file.as_ref()?.values(key)
    }

    /// Returns the keys that a later source replaces under another name: a secret may be given as a value, or as a file
    /// that contains it.
    pub fn superseded(&self) -> Vec<String> {
        let mut superseded = vec![];
        for setting in self.settings.iter().filter(|setting| setting.is_secret) {
            let (key, file) = (setting.key.clone(), setting.file_key());
            let (value_source, file_source) = (self.source(&key), self.source(&file));
            if value_source > file_source {
                superseded.push(file);
            } else if file_source > value_source {
                superseded.push(key);
            }
        }
        superseded
    }

    /// Describes a wrong setting by its name in the source where it was set.
    pub fn describe(&self, error: &ConfigError) -> String {
        let setting = self
            .settings
            .iter()
            .find(|setting| setting.variable == error.setting);
        let key = setting.map_or(error.setting, |setting| setting.key.as_str());
        let source = self.source(key);
        let location = self.file.as_ref().and_then(|file| file.location(key));
        match location {
            Some(location) if source <= SettingSource::File => {
                format!("{location}: {}", error.problem)
            }
            _ => error.to_string(),
        }
    }

    /// Returns environment variables that look like settings but have no effect.
    pub fn without_effect() -> Vec<String> {
        let given = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let given: Vec<_> = given.collect();
        environment::without_effect(&Cli::command(), given.iter().map(String::as_str))
    }

    /// Returns a warning if other users can read secrets in the settings file.
    pub fn exposed_secrets(&self) -> Option<String> {
        self.file.as_ref()?.exposed_secrets()
    }
}

/// Returns the matches of the innermost subcommand.
fn of_subcommand(matches: &ArgMatches) -> &ArgMatches {
    match matches.subcommand() {
        Some((_, matches)) => of_subcommand(matches),
        None => matches,
    }
}

fn one(matches: &ArgMatches, id: &str) -> Option<OsString> {
    let mut values = matches.try_get_raw(id).ok()??;
    values.next().map(ToOwned::to_owned)
}

fn all(matches: &ArgMatches, id: &str) -> Vec<String> {
    let values = matches.try_get_raw(id).ok().flatten();
    let values = values.into_iter().flatten();
    values
        .map(|value| value.to_string_lossy().into_owned())
        .collect()
}
