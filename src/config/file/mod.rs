//! The settings file: TOML, with one key for each setting, and tables for what has no flag.
//!
//! Environment variables and flags win over the file: its values become the defaults of the command line's arguments. So
//! the checks and messages are the same for all sources. No error repeats a line of the file, which may hold a secret.

mod error;
mod parse;
mod position;
pub mod tables;
mod unknown;
mod value;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use clap::{Args, Command};

pub use self::error::FileError;
use self::tables::Apply;
use super::{
    Config,
    setting::{self, Setting},
};

/// The argument that names the settings file.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings file")]
pub struct FileArgument {
    /// TOML file with settings. A flag or an environment variable wins over the file
    #[arg(long = setting::FILE_FLAG, env = "GATELODGE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Maximum bytes of the file, so that a wrong path such as /dev/zero ends with an error.
const MAX_BYTES: u64 = 1024 * 1024;

/// A settings file that was read. It may have errors.
pub struct SettingsFile {
    path: PathBuf,
    values: BTreeMap<String, FileValue>,
    tables: Vec<FileTable>,
    errors: Vec<FileError>,
    /// Whether the file could not be read as a whole, so that missing settings may be in it.
    is_unusable: bool,
    mode: u32,
    /// The keys with secrets.
    secrets: Vec<String>,
}

/// The value of a key.
struct FileValue {
    /// As on the command line, one for each element.
    values: Vec<String>,
    line: usize,
}

/// A table of the file.
struct FileTable {
    name: &'static str,
    json: serde_json::Value,
    apply: Option<Apply>,
}

impl SettingsFile {
    /// Reads a file. It knows the keys of `settings`.
    pub fn read(path: &Path, settings: &[Setting]) -> Self {
        let mut file = Self {
            path: path.to_owned(),
            values: BTreeMap::new(),
            tables: vec![],
            errors: vec![],
            is_unusable: false,
            mode: 0,
            secrets: vec![],
        };
        match open(path) {
            Ok((text, mode)) => {
                file.mode = mode;
                file.parse(&text, settings);
                file.errors.sort_by_key(|error| error.line);
            }
            Err(error) => {
                let problem = format!("cannot be read: {error}. Check its path and permissions");
                file.refuse(None, None, problem);
                file.is_unusable = true;
            }
        }
        file
    }

    /// Returns the file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the errors.
    pub fn errors(&self) -> &[FileError] {
        &self.errors
    }

    /// Returns the keys whose values are wrong.
    pub fn wrong_keys(&self) -> impl Iterator<Item = &str> {
        self.errors.iter().filter_map(|error| error.key.as_deref())
    }

    /// Returns whether the file could not be read as a whole.
    pub fn is_unusable(&self) -> bool {
        self.is_unusable
    }

    /// Returns the values of a key, as on the command line.
    pub fn values(&self, key: &str) -> Option<&[String]> {
        self.values.get(key).map(|value| value.values.as_slice())
    }

    /// Returns the tables, as JSON, by name.
    pub fn tables(&self) -> impl Iterator<Item = (&'static str, &serde_json::Value)> {
        self.tables.iter().map(|table| (table.name, &table.json))
    }

    /// Says where a key or a table is: the file, the line and the key.
    pub fn location(&self, key: &str) -> Option<String> {
        let file = self.path.display();
        if self.tables.iter().any(|table| table.name == key) {
            return Some(format!("{file}, {}", tables::find(key)?.heading()));
        }
        let line = self.values.get(key)?.line;
        Some(format!("{file}, line {line}, `{key}`"))
    }

    /// Makes the file's values the defaults of a command and its subcommands, except for some keys.
    pub fn set_defaults(&self, command: Command, except: &[String]) -> Command {
        setting::map(command, &|argument, key| {
            let is_taken = !except.iter().any(|no| no == key);
            match self.values(key).filter(|_| is_taken) {
                Some(values) => {
                    let is_secret = argument.is_hide_env_values_set();
                    let argument = argument.default_values(values.to_vec());
                    argument.hide_default_value(is_secret)
                }
                None => argument,
            }
        })
    }

    /// Puts what has no flag into the settings: tables, and the empty list of origins.
    pub fn complete(&mut self, config: &mut Config) {
        for apply in self
            .tables
            .iter_mut()
            .filter_map(|table| table.apply.take())
        {
            apply(config);
        }
        // The command line has no form for it, and no value would mean the default.
        if self.values("allowed-origins").is_some_and(<[_]>::is_empty) {
            config.browser.allowed_origins.get_or_insert_default();
        }
    }

    /// Returns a warning if other users of the machine can read secrets in the file.
    pub fn exposed_secrets(&self) -> Option<String> {
        if self.mode & 0o044 == 0 || self.secrets.is_empty() {
            return None;
        }
        Some(format!(
            "the settings file {} contains secrets ({}), and other users of this machine can read it (mode {:o}): run \
             chmod 600 on it, or move the secrets to files of their own",
            self.path.display(),
            self.secrets.join(", "),
            self.mode & 0o777
        ))
    }
}

/// Returns the text of a file and its permissions.
fn open(path: &Path) -> io::Result<(String, u32)> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode();
    let mut text = String::new();
    file.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok((text, mode))
}
