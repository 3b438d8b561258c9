//! Which passwords are taken, what hashing them costs, and how much of it happens at once.

use std::{
    num::NonZero,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::Args;
use url::Url;

use super::ConfigError;

/// The rules for new passwords, the cost of argon2id and the size of its work-force.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Passwords")]
pub struct PasswordConfig {
    /// Memory of one hash in KiB (OWASP: 19456 or more)
    #[arg(long = "hash-memory", env = "GATELODGE_HASH_MEMORY", default_value = "19456", value_parser = clap::value_parser!(u32).range(19_456..=1_048_576))]
    pub memory_kib: u32,

    /// Passes over the memory (OWASP: 2 or more)
    #[arg(long = "hash-iterations", env = "GATELODGE_HASH_ITERATIONS", default_value = "2", value_parser = clap::value_parser!(u32).range(2..=64))]
    pub iterations: u32,

    /// Lanes of one hash
    #[arg(long = "hash-parallelism", env = "GATELODGE_HASH_PARALLELISM", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=16))]
    pub parallelism: u32,

    /// Words that a new password must not hold, comma-separated: your product's and company's names
    #[arg(
        long = "password-context-words",
        env = "GATELODGE_PASSWORD_CONTEXT_WORDS",
        value_delimiter = ','
    )]
    pub context_words: Vec<String>,

    /// A file of breached passwords' SHA-1 hashes, sorted, as the public corpus is shipped
    #[arg(long = "breached-passwords", env = "GATELODGE_BREACHED_PASSWORDS")]
    pub breached_file: Option<PathBuf>,

    /// Instead of a file: the address of a service that is asked by the first five characters of a SHA-1 hash
    #[arg(
        long = "breached-passwords-url",
        env = "GATELODGE_BREACHED_PASSWORDS_URL"
    )]
    pub breached_url: Option<RangeUrl>,

    /// Hashes at work at once, each on a thread of its own [default: one a core]
    #[arg(long = "hash-workers", env = "GATELODGE_HASH_WORKERS")]
    pub workers: Option<NonZero<u16>>,

    /// Requests that may wait for a hash; the next one is told that the service is busy
    #[arg(long = "hash-queue", env = "GATELODGE_HASH_QUEUE", default_value = "256", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub queue: u32,
}

impl PasswordConfig {
    /// Refuses a file that is not there; what is in it is looked at when it is opened.
    pub fn check(&self) -> Result<(), ConfigError> {
        let problem = match &self.breached_file {
            Some(_) if self.breached_url.is_some() => {
                "a file and GATELODGE_BREACHED_PASSWORDS_URL are one too many: set one of them"
                    .to_owned()
            }
            Some(path) if !path.is_file() => format!("{} is no file", path.display()),
            _ => return Ok(()),
        };
        Err(ConfigError {
            setting: "GATELODGE_BREACHED_PASSWORDS",
            problem,
        })
    }

    /// Where breached passwords are looked up.
    pub fn breached(&self) -> Option<Breached<'_>> {
        let file = self.breached_file.as_deref().map(Breached::File);
        file.or(self.breached_url.as_ref().map(Breached::Url))
    }

    /// How many hashes are at work at once.
    pub fn workers(&self) -> u32 {
        let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
        match self.workers {
            Some(workers) => workers.get().into(),
            None => u32::try_from(cores()).unwrap_or(1),
        }
    }
}

/// Where breached passwords are looked up.
#[derive(Clone, Copy, Debug)]
pub enum Breached<'c> {
    /// In this file.
    File(&'c Path),
    /// At this service.
    Url(&'c RangeUrl),
}

/// The address of a service of breached passwords, less the five characters that it is asked by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeUrl(String);

impl RangeUrl {
    /// The address of one range.
    pub fn of(&self, prefix: &str) -> String {
        format!("{}/{prefix}", self.0)
    }
}

impl FromStr for RangeUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            "write http:// or https://, a host and a path, without user, ? and #: the five characters are added to it"
                .to_owned()
        };
        let url = Url::parse(text).map_err(|_| wrong())?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain || !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(wrong());
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}
