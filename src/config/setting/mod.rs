//! The list of all settings, read from the command line's definition. So the settings file, `gatelodge config` and
//! docs/settings.md know the same settings as `--help`.

mod computed_defaults;
pub mod environment;

use std::{any::TypeId, num::NonZero};

use clap::{Arg, Command, builder::ValueParser};
use serde::Serialize;

/// One setting: a flag, an environment variable, and a key of the settings file.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its id in clap.
    pub id: String,
    /// Its key in the settings file: the flag without dashes.
    pub key: String,
    /// Its environment variable.
    pub variable: String,
    /// The kind of its value.
    pub kind: Kind,
    /// Whether it has several values: an array in the file, comma-separated elsewhere.
    pub is_list: bool,
    /// Whether its value, or a part of it, must not be shown.
    pub is_secret: bool,
    /// Whether the documentation leaves it out, because it has no effect any more.
    pub is_hidden: bool,
    /// The heading of its section.
    pub heading: String,
    /// What it does.
    pub help: String,
    /// The default, if it has a fixed one.
    pub default: Option<String>,
    /// All valid values, if they are a few words. Empty for `true` and `false`.
    pub words: Vec<String>,
}

/// The kind of a setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A number, or a number with a unit.
    Number,
    /// Text.
    Text,
}

/// Where a setting's value comes from. A later source wins over an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SettingSource {
    /// The setting is not set.
    Default,
    /// The settings file.
    File,
    /// The environment variable.
    Environment,
    /// The flag.
    Flag,
}

impl SettingSource {
    /// Returns the source's name, as `gatelodge config` prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Flag => "flag",
        }
    }
}

impl Setting {
    /// Returns the key of the setting for a file with this secret.
    pub fn file_key(&self) -> String {
        format!("{}-file", self.key)
    }

    fn of(argument: &Arg) -> Option<Self> {
        let key = key(argument)?;
        let values = argument.get_default_values();
        let default = values.first().and_then(|value| value.to_str());
        let kind = Kind::of(argument);
        let words = match kind {
            Kind::Boolean => vec![],
            _ => argument.get_possible_values(),
        };
        Some(Self {
            id: argument.get_id().to_string(),
            key: key.to_owned(),
            variable: argument.get_env()?.to_str()?.to_owned(),
            kind,
            is_list: argument.get_value_delimiter().is_some(),
            is_secret: argument.is_hide_env_values_set(),
            is_hidden: argument.is_hide_set(),
            heading: argument.get_help_heading().unwrap_or_default().to_owned(),
            help: argument
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default(),
            default: default.map(str::to_owned),
            words: words
                .iter()
                .map(|word| word.get_name().to_owned())
                .collect(),
        })
    }
}

impl Kind {
    fn of(argument: &Arg) -> Self {
        let value = argument.get_value_parser().type_id();
        if value == TypeId::of::<bool>() {
            return Self::Boolean;
        }
        let numbers = [
            TypeId::of::<u16>(),
            TypeId::of::<u32>(),
            TypeId::of::<u64>(),
            TypeId::of::<usize>(),
            TypeId::of::<NonZero<u16>>(),
        ];
        if numbers.iter().any(|number| value == *number) {
            return Self::Number;
        }
        Self::Text
    }
}

/// The flag that names the settings file. It is the only setting that the file cannot hold.
pub const FILE_FLAG: &str = "config";

/// Returns an argument's key in the settings file, if it is a setting. Every setting has an environment variable.
pub fn key(argument: &Arg) -> Option<&str> {
    argument.get_env()?;
    argument.get_long().filter(|flag| *flag != FILE_FLAG)
}

/// Changes each setting of a command and of its subcommands. `change` gets the setting's argument and its key.
pub fn map(command: Command, change: &dyn Fn(Arg, &str) -> Arg) -> Command {
    command
        .mut_args(|argument| match key(&argument).map(str::to_owned) {
            Some(key) => change(argument, &key),
            None => argument,
        })
        .mut_subcommands(|subcommand| map(subcommand, change))
}

/// Makes an argument take every value.
pub fn take_any_value(argument: Arg) -> Arg {
    argument.value_parser(ValueParser::os_string())
}

/// Returns the settings of a command, in the order of `--help`.
pub fn of_command(command: &Command) -> Vec<Setting> {
    command.get_arguments().filter_map(Setting::of).collect()
}
