//! Every setting: its flag, environment variable, default and meaning; one section a file.
//!
//! `--help` is the reference. A wrong value is refused at start, with the setting's name and the mend.

use clap::Args;
use thiserror::Error;

pub mod browser;
pub mod database;
pub mod documents;
pub mod environment;
pub mod feature;
pub mod limits;
pub mod log;
pub mod password;
pub mod pepper;
pub mod secret;
pub mod secret_file;
pub mod server;
pub mod session;
pub mod throttle;
pub mod values;

/// Everything that `gatelodge serve` can be told.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Where it listens.
    #[command(flatten)]
    pub server: server::ServerConfig,
    /// Where users and sessions live.
    #[command(flatten)]
    pub database: database::DatabaseConfig,
    /// Which pages may call it, and how its cookie looks.
    #[command(flatten)]
    pub browser: browser::BrowserConfig,
    /// How long sessions last.
    #[command(flatten)]
    pub session: session::SessionConfig,
    /// What hashing a password may cost.
    #[command(flatten)]
    pub password: password::PasswordConfig,
    /// What passwords are hashed with beside their salts.
    #[command(flatten)]
    pub pepper: pepper::PepperConfig,
    /// How often something may be tried.
    #[command(flatten)]
    pub throttle: throttle::ThrottleConfig,
    /// What keyed hashes are made with.
    #[command(flatten)]
    pub secret: secret::SecretConfig,
    /// What is switched on.
    #[command(flatten)]
    pub feature: feature::FeatureConfig,
    /// How much one request may ask for.
    #[command(flatten)]
    pub limits: limits::Limits,
    /// Which documents are kept, and which ones may run.
    #[command(flatten)]
    pub documents: documents::DocumentsConfig,
    /// What is logged, and how.
    #[command(flatten)]
    pub log: log::LogConfig,
}

/// Settings that do not go together, with the mend.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{setting}: {problem}")]
pub struct ConfigError {
    /// The environment variable's name.
    pub setting: &'static str,
    /// What is wrong and what to write instead.
    pub problem: String,
}

impl Config {
    /// Checks what the parser of one value cannot, and reads the secrets' files. Returns all settings that are wrong.
    pub fn resolve(mut self) -> Result<Self, Vec<ConfigError>> {
        let results = [
            self.database.resolve(),
            self.server.resolve(),
            self.browser.check_transport(),
            self.browser.check_cookie(),
            self.session.check_idle(),
            self.session.check_idle_short(),
            self.password.check(),
            self.pepper.resolve(),
            self.secret.resolve(&self.browser.public_url),
            self.log.filter().map(|_| ()),
        ];
        let errors: Vec<_> = results.into_iter().filter_map(Result::err).collect();
        if errors.is_empty() {
            Ok(self)
        } else {
            Err(errors)
        }
    }

    /// Whether the GraphiQL page is served.
    pub fn graphiql(&self) -> bool {
        self.feature
            .graphiql
            .unwrap_or_else(|| self.browser.public_url.is_loopback())
    }

    /// Whether the schema may be asked about itself.
    pub fn introspection(&self) -> bool {
        self.feature
            .introspection
            .unwrap_or_else(|| self.browser.public_url.is_loopback())
    }
}
