//! Peppers: secret keys of the password hashes, which are never stored in the database.

use std::{convert::Infallible, path::PathBuf};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::{
    ConfigError, secret_file,
    values::named_secrets::{self, NamedSecret},
};

/// The word for the first entry of the list that means: new hashes have no pepper.
const NONE: &str = "none";

/// The settings of peppers.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Peppers")]
pub struct PepperConfig {
    /// Keys of password hashes, ID:SECRET, comma-separated. New hashes use the first; old hashes may use any of them.
    /// Write `none` first for new hashes without a key
    #[arg(long, env = "GATELODGE_PEPPERS", hide_env_values = true, value_delimiter = ',', value_parser = |text: &str| Ok::<_, Infallible>(SecretString::from(text)))]
    pub peppers: Vec<SecretString>,

    /// File that contains the peppers
    #[arg(long, env = "GATELODGE_PEPPERS_FILE")]
    pub peppers_file: Option<PathBuf>,
}

/// The parsed peppers.
#[derive(Clone, Debug, Default)]
pub struct PepperList {
    /// The id of the pepper for new hashes, if any.
    pub current: Option<String>,
    /// All peppers.
    pub all: Vec<NamedSecret>,
}

impl PepperConfig {
    /// Reads the file, if set, and refuses an invalid list.
    pub fn resolve(&mut self) -> Result<(), ConfigError> {
        let mut setting = "GATELODGE_PEPPERS";
        if let Some(path) = &self.peppers_file {
            setting = "GATELODGE_PEPPERS_FILE";
            let list = SecretString::from(secret_file::read(path, setting)?);
            self.peppers = list.expose_secret().split(',').map(Into::into).collect();
        }
        // The error does not repeat the value: it is a secret, or part of one.
        self.list().map(|_| ()).map_err(|problem| ConfigError {
            setting,
            problem: format!(
                "{problem}. Write ID:SECRET, and create a secret with: openssl rand -base64 33"
            ),
        })
    }

    /// Returns the parsed list.
    pub fn list(&self) -> Result<PepperList, String> {
        let entries = self.peppers.iter();
        let mut entries = entries.map(|entry| entry.expose_secret().trim()).peekable();
        let is_off = entries.next_if_eq(&NONE).is_some();
        let all = named_secrets::parse(entries, NONE)?;
        let first = all.first().filter(|_| !is_off);
        Ok(PepperList {
            current: first.map(|pepper| pepper.id.clone()),
            all,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<PepperList, String> {
        PepperConfig {
            peppers: text.split(',').map(Into::into).collect(),
            peppers_file: None,
        }
        .list()
    }

    #[test]
    fn the_first_is_for_new_hashes_and_none_in_its_place_turns_them_off() {
        let (one, two) = ("abcdefgh".repeat(4), "ijklmnopqrs".repeat(4));
        let both = list(&format!("2026:{one}, 2025:{two}")).unwrap();
        assert_eq!(both.current.as_deref(), Some("2026"));
        assert_eq!(both.all.len(), 2);
        assert_eq!(both.all[1].secret.expose_secret(), two);
        let off = list(&format!("none,2026:{one}")).unwrap();
        assert_eq!((off.current, off.all.len()), (None, 1));
        assert!(list("none").unwrap().all.is_empty());
    }

    #[test]
    fn a_list_that_cannot_be_used_is_refused() {
        let good = "abcdefgh".repeat(4);
        assert!(list(&format!("a:{good}")).is_ok());
        for wrong in [
            String::new(),
            good.clone(),
            "a:short".to_owned(),
            format!(":{good}"),
            format!("ninechars:{good}"),
            format!("a b:{good}"),
            format!("none:{good}"),
            format!("a:{good},"),
            format!("a:{good},none"),
            format!("a:{good},a:{good}"),
            format!("a:{good},b:{}", "abcdefg".repeat(5)),
        ] {
            assert!(list(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pepper_shows_nothing_of_itself_in_debug_output() {
        let secret = "hunter2-house".repeat(3);
        let shown = format!("{:?}", list(&format!("a:{secret}")).unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
