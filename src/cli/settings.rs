//! The settings of commands on a gateway's data: those of the gateway, so that both follow the same rules.

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

use crate::config::{Config, ConfigError};

/// The headings whose settings `--help` shows. For all others it refers to `gatelodge --help`.
const SHOWN: &[&str] = &["Database", "Settings file"];

/// The gateway's settings, with a log level of `warn`.
#[derive(Clone, Debug)]
pub struct Settings(Config);

impl Settings {
    /// Checks the settings. The database must exist.
    pub fn resolve(self) -> Result<Config, Vec<ConfigError>> {
        let mut config = self.0.resolve()?;
        config.database.must_exist();
        Ok(config)
    }
}

impl Args for Settings {
    fn augment_args(command: Command) -> Command {
        Config::augment_args(command)
            .mut_args(|argument| {
                let heading = argument.get_help_heading();
                let hidden = heading.is_some_and(|heading| !SHOWN.contains(&heading));
                argument.hide(hidden)
            })
            .mut_arg("filter", |log| log.default_value("warn"))
            .after_help("All settings of the gateway apply too: see gatelodge --help.")
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Settings {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Config::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}
