//! Rules for new passwords, the cost of a hash, and how many hashes run at once.

use std::{
    num::NonZero,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::Args;
use url::Url;

use super::ConfigError;

/// The rules for new passwords, the cost of argon2id, and the number of hash workers.
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

    /// Words that a new password must not contain, comma-separated: for example the names of your product and company
    #[arg(
        long = "password-context-words",
        env = "GATELODGE_PASSWORD_CONTEXT_WORDS",
        value_delimiter = ','
    )]
    pub context_words: Vec<String>,

    /// File with SHA-1 hashes of breached passwords, sorted, in the format of Have I Been Pwned's download
    #[arg(long = "breached-passwords", env = "GATELODGE_BREACHED_PASSWORDS")]
    pub breached_file: Option<PathBuf>,

    /// URL of a breached-password service, instead of a file. Gatelodge sends it the first five characters of a SHA-1
    /// hash
    #[arg(
        long = "breached-passwords-url",
        env = "GATELODGE_BREACHED_PASSWORDS_URL"
    )]
    pub breached_url: Option<RangeUrl>,

    /// Number of hashes that run at once, each on its own thread [default: one for each core]
    #[arg(long = "hash-workers", env = "GATELODGE_HASH_WORKERS")]
    pub workers: Option<NonZero<u16>>,

    /// Maximum number of requests that wait for a hash. Further requests get `SERVICE_BUSY`
    #[arg(long = "hash-queue", env = "GATELODGE_HASH_QUEUE", default_value = "256", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub queue: u32,
}

impl PasswordConfig {
    /// Refuses a missing file. Its content is checked when it is opened.
    pub fn check(&self) -> Result<(), ConfigError> {
        let problem = match &self.breached_file {
            Some(_) if self.breached_url.is_some() => {
                "conflicts with GATELODGE_BREACHED_PASSWORDS_URL. Set only one of them".to_owned()
            }
            Some(path) if !path.is_file() => {
                format!("{} is not a file. Write the path of a file", path.display())
            }
            _ => return Ok(()),
        };
        Err(ConfigError {
            setting: "GATELODGE_BREACHED_PASSWORDS",
            problem,
        })
    }

    /// Returns where breached passwords are looked up, if anywhere.
    pub fn breached(&self) -> Option<Breached<'_>> {
        let file = self.breached_file.as_deref().map(Breached::File);
        file.or(self.breached_url.as_ref().map(Breached::Url))
    }

    /// Returns how many hashes run at once.
    pub fn workers(&self) -> u32 {
        let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
        match self.workers {
            Some(workers) => workers.get().into(),
            None => u32::try_from(cores()).unwrap_or(1),
        }
    }
}

/// The source of breached passwords.
#[derive(Clone, Copy, Debug)]
pub enum Breached<'c> {
    /// A file.
    File(&'c Path),
    /// A service.
    Url(&'c RangeUrl),
}

/// The URL of a breached-password service, without the five characters that are appended to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeUrl(String);

impl RangeUrl {
    /// Returns the URL of the range of hashes that start with `prefix`.
    pub fn of(&self, prefix: &str) -> String {
        format!("{}/{prefix}", self.0)
    }
}

impl FromStr for RangeUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            "write an http:// or https:// URL without user, ? and #, like https://passwords.example/range: Gatelodge \
             appends the five characters to it"
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
