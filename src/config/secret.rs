//! The deployment's secret.

use std::{collections::HashSet, convert::Infallible, path::PathBuf};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::{ConfigError, secret_file, values::public_url::PublicUrl};

/// Minimum bytes of a secret: as many as the hashes made with it have (ASVS 11.2.3).
pub(super) const MIN_BYTES: usize = 32;

/// Minimum number of different bytes of a secret. A random secret of 32 bytes in hexadecimal almost always has more.
pub(crate) const MIN_DIFFERENT_BYTES: usize = 8;

/// The secret for keyed hashes and the device cookie.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Secret")]
pub struct SecretConfig {
    /// Secret of at least 32 bytes, the same on all nodes. If the public URL is localhost, Gatelodge creates one at the
    /// first start
    #[arg(long, env = "GATELODGE_SECRET", hide_env_values = true, value_parser = |text: &str| Ok::<_, Infallible>(SecretString::from(text)))]
    pub secret: Option<SecretString>,

    /// File that contains the secret
    #[arg(long, env = "GATELODGE_SECRET_FILE")]
    pub secret_file: Option<PathBuf>,
}

impl SecretConfig {
    /// Reads the secret's file, if set, and refuses a weak secret. A deployment on localhost needs none.
    pub fn resolve(&mut self, public_url: &PublicUrl) -> Result<(), ConfigError> {
        let mut setting = "GATELODGE_SECRET";
        if let Some(path) = &self.secret_file {
            setting = "GATELODGE_SECRET_FILE";
            self.secret = Some(secret_file::read(path, setting)?.into());
        }
        let problem = match &self.secret {
            Some(secret) if secret.expose_secret().len() < MIN_BYTES => "is shorter than 32 bytes",
            Some(secret) if different_bytes(secret.expose_secret()) < MIN_DIFFERENT_BYTES => {
                "has fewer than 8 different bytes and can be guessed"
            }
            Some(secret) if secret.expose_secret().starts_with("change-me") => {
                "is the secret of the example, which everybody knows"
            }
            None if !public_url.is_loopback() => {
                "must be set, because GATELODGE_PUBLIC_URL is not localhost"
            }
            _ => return Ok(()),
        };
        Err(ConfigError {
            setting,
            problem: format!("{problem}. Create one with: openssl rand -base64 33"),
        })
    }
}

/// Counts the different bytes of a text.
pub(crate) fn different_bytes(text: &str) -> usize {
    text.bytes().collect::<HashSet<_>>().len()
}
