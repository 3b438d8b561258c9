//! Identity tokens: their lifetime, audience and signing keys.

use std::{convert::Infallible, path::PathBuf, time::Duration};

use clap::{Args, ValueEnum, builder::BoolishValueParser};
use secrecy::{ExposeSecret, SecretString};

use super::{
    ConfigError, secret_file,
    values::{
        duration,
        named_secrets::{self, NamedSecret},
    },
};

/// The id of the encryption key that is derived from `GATELODGE_SECRET`.
pub const SECRET_ID: &str = "secret";
/// Maximum bytes of an audience, so that a token stays small.
const MAX_AUDIENCE: usize = 100;
/// The shortest and the longest lifetime of a token. A stolen token is of use for its lifetime, also after a logout.
const LIFETIMES: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(5)];
/// The shortest time between two keys. A key is published 20 minutes before it signs.
const MIN_ROTATION: Duration = Duration::from_hours(1);

/// The settings of identity tokens.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Identity tokens")]
pub struct TokenConfig {
    /// Signature algorithm of identity tokens. A change makes a new key, which signs at once
    #[arg(
        long,
        env = "GATELODGE_TOKEN_ALGORITHM",
        default_value = "ES256",
        ignore_case = true
    )]
    pub token_algorithm: Algorithm,

    /// How long an identity token is valid, 60s to 300s. A service may accept a token for so long after a logout
    #[arg(long, env = "GATELODGE_TOKEN_LIFETIME", default_value = "120s", value_parser = lifetime)]
    pub token_lifetime: Duration,

    /// Audience (`aud`) of the identity tokens of forward-auth, and of a GraphQL service that names none
    #[arg(long, env = "GATELODGE_TOKEN_AUDIENCE", default_value = "gatelodge", value_parser = audience)]
    pub token_audience: String,

    /// Time between two signing keys, at least 1h
    #[arg(long, env = "GATELODGE_TOKEN_KEY_ROTATION", default_value = "30d", value_parser = rotation)]
    pub token_key_rotation: Duration,

    /// Add the claim `external_id` to the tokens of imported users: their id in the old system
    #[arg(long, env = "GATELODGE_TOKEN_EXTERNAL_ID", num_args = 0..=1, default_value = "false", default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub token_external_id: bool,

    /// Keys that encrypt the signing keys in the database, ID:SECRET, comma-separated. The first encrypts, all decrypt
    /// [default: derived from --secret]
    #[arg(long, env = "GATELODGE_ENCRYPTION_KEYS", hide_env_values = true, value_delimiter = ',', value_parser = |text: &str| Ok::<_, Infallible>(SecretString::from(text)))]
    pub encryption_keys: Vec<SecretString>,

    /// File that contains the encryption keys
    #[arg(long, env = "GATELODGE_ENCRYPTION_KEYS_FILE")]
    pub encryption_keys_file: Option<PathBuf>,
}

/// A signature algorithm of identity tokens (RFC 7518, section 3.1; RFC 8037, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Algorithm {
    /// ECDSA with P-256 and SHA-256, which almost every verifier supports.
    #[value(name = "ES256")]
    Es256,
    /// Ed25519. Some verifiers lack it.
    #[value(name = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// Returns the algorithm's name in tokens and key sets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Returns the algorithm of a name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Es256, Self::EdDsa]
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }
}

impl TokenConfig {
    /// Reads the file of encryption keys, if set, and refuses an invalid list.
    pub fn resolve(&mut self) -> Result<(), ConfigError> {
        let mut setting = "GATELODGE_ENCRYPTION_KEYS";
        if let Some(path) = &self.encryption_keys_file {
            setting = "GATELODGE_ENCRYPTION_KEYS_FILE";
            let list = SecretString::from(secret_file::read(path, setting)?);
            self.encryption_keys = list.expose_secret().split(',').map(Into::into).collect();
        }
        self.key_ring().map(|_| ()).map_err(|problem| ConfigError {
            setting,
            problem: format!(
                "{problem}. Write ID:SECRET, and create a secret with: openssl rand -base64 33"
            ),
        })
    }

    /// Returns the parsed encryption keys.
    pub fn key_ring(&self) -> Result<Vec<NamedSecret>, String> {
        let entries = self.encryption_keys.iter();
        named_secrets::parse(entries.map(|entry| entry.expose_secret().trim()), SECRET_ID)
    }
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let [shortest, longest] = LIFETIMES;
    let lifetime = duration::parse(text)?;
    if (shortest..=longest).contains(&lifetime) {
        Ok(lifetime)
    } else {
        Err("must be from 60s to 300s".to_owned())
    }
}

fn rotation(text: &str) -> Result<Duration, String> {
    let rotation = duration::parse(text)?;
    if rotation < MIN_ROTATION {
        return Err("must be at least 1h".to_owned());
    }
    Ok(rotation)
}

/// Parses an audience.
pub fn audience(text: &str) -> Result<String, String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain && (1..=MAX_AUDIENCE).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "must have 1 to {MAX_AUDIENCE} visible ASCII characters, without spaces"
        ))
    }
}
