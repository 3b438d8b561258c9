//! Every setting: its flag, environment variable, default and meaning. Each file holds one section.
//!
//! `--help` and docs/settings.md are the reference; both are made from these files. An invalid value is refused at start,
//! with the setting's name and what to write instead.

use clap::Args;
use thiserror::Error;

pub mod browser;
pub mod database;
pub mod documents;
pub mod feature;
pub mod file;
pub mod gate;
pub mod limits;
pub mod log;
pub mod password;
pub mod pepper;
pub mod secret;
pub mod secret_file;
pub mod server;
pub mod session;
pub mod setting;
pub mod socket;
pub mod throttle;
pub mod token;
pub mod upstream;
pub mod values;

/// All settings of `gatelodge serve`.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Listeners and connections.
    #[command(flatten)]
    pub server: server::ServerConfig,
    /// The database.
    #[command(flatten)]
    pub database: database::DatabaseConfig,
    /// Origins and cookies.
    #[command(flatten)]
    pub browser: browser::BrowserConfig,
    /// Sessions.
    #[command(flatten)]
    pub session: session::SessionConfig,
    /// Rules for new passwords, and the cost of hashing.
    #[command(flatten)]
    pub password: password::PasswordConfig,
    /// Keys of password hashes.
    #[command(flatten)]
    pub pepper: pepper::PepperConfig,
    /// Rate limits.
    #[command(flatten)]
    pub throttle: throttle::ThrottleConfig,
    /// The secret for keyed hashes.
    #[command(flatten)]
    pub secret: secret::SecretConfig,
    /// Features that can be turned on and off.
    #[command(flatten)]
    pub feature: feature::FeatureConfig,
    /// Limits of one request.
    #[command(flatten)]
    pub limits: limits::Limits,
    /// The document cache, and trusted documents.
    #[command(flatten)]
    pub documents: documents::DocumentsConfig,
    /// Identity tokens.
    #[command(flatten)]
    pub token: token::TokenConfig,
    /// The gate.
    #[command(flatten)]
    pub gate: gate::GateConfig,
    /// WebSockets and streams.
    #[command(flatten)]
    pub socket: socket::SocketConfig,
    /// The GraphQL service behind the gate. [`Config::resolve`] sets it, from [`gate::GateConfig`].
    #[arg(skip)]
    pub upstream: Option<upstream::UpstreamConfig>,
    /// The log.
    #[command(flatten)]
    pub log: log::LogConfig,
    /// The settings file.
    #[command(flatten)]
    pub file: file::FileArgument,
}

/// A setting that is invalid, or that conflicts with another setting.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{setting}: {problem}")]
pub struct ConfigError {
    /// The environment variable's name.
    pub setting: &'static str,
    /// What is wrong, and what to write instead.
    pub problem: String,
}

impl Config {
    /// Runs the checks that need more than one value, and reads the secrets' files. Returns an error for each invalid
    /// setting.
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
            self.token.resolve(),
            self.log.filter().map(|_| ()),
            self.resolve_upstream(),
        ];
        let mut errors: Vec<_> = results.into_iter().filter_map(Result::err).collect();
        errors.extend(self.gate.check());
        if errors.is_empty() {
            Ok(self)
        } else {
            Err(errors)
        }
    }

    /// Returns whether the GraphiQL page is served.
    pub fn graphiql(&self) -> bool {
        self.feature
            .graphiql
            .unwrap_or_else(|| self.browser.public_url.is_loopback())
    }

    /// Returns whether introspection of the schema is allowed.
    pub fn introspection(&self) -> bool {
        self.feature
            .introspection
            .unwrap_or_else(|| self.browser.public_url.is_loopback())
    }
}
