//! The deployment's secret.

use std::{collections::HashSet, convert::Infallible, path::PathBuf};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::{ConfigError, secret_file, values::public_url::PublicUrl};

/// Fewest bytes of a secret: as many as the hashes made with it have (ASVS 11.2.3).
const MIN_BYTES: usize = 32;

/// Fewest different bytes of a secret: a random one of 32 bytes in hexadecimal has as many as good as always.
pub(super) const MIN_DIFFERENT_BYTES: usize = 8;

/// The secret for keyed hashes and the device cookie.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Secret")]
pub struct SecretConfig {
    /// 32 bytes or more, the same on all nodes; on this machine made at first start
    #[arg(long, env = "GATELODGE_SECRET", hide_env_values = true, value_parser = |text: &str| Ok::<_, Infallible>(SecretString::from(text)))]
    pub secret: Option<SecretString>,

    /// A file that holds the secret, instead of the secret itself
    #[arg(long, env = "GATELODGE_SECRET_FILE")]
    pub secret_file: Option<PathBuf>,
}

impl SecretConfig {
    /// Reads the secret's file, and refuses a deployment for others without a secret of its own.
    pub fn resolve(&mut self, public_url: &PublicUrl) -> Result<(), ConfigError> {
        let mut setting = "GATELODGE_SECRET";
        if let Some(path) = &self.secret_file {
            setting = "GATELODGE_SECRET_FILE";
            self.secret = Some(secret_file::read(path, setting)?.into());
        }
        let problem = match &self.secret {
            Some(secret) if secret.expose_secret().len() < MIN_BYTES => "is too short",
            Some(secret) if different_bytes(secret.expose_secret()) < MIN_DIFFERENT_BYTES => {
                "has fewer than 8 different bytes and can be guessed"
            }
            Some(secret) if secret.expose_secret().starts_with("change-me") => {
                "is the example's: everybody knows it"
            }
            None if !public_url.is_loopback() => {
                "must be set when others than this machine's browsers call"
            }
            _ => return Ok(()),
        };
        Err(ConfigError {
            setting,
            problem: format!("{problem}; make one with: openssl rand -base64 33"),
        })
    }
}

/// Counts the different bytes of a text.
pub(super) fn different_bytes(text: &str) -> usize {
    text.bytes().collect::<HashSet<_>>().len()
}
