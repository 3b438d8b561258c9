//! The product's rules, one feature a file: who may register, log in, stay, and leave. Knows neither GraphQL nor HTTP.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio_util::task::TaskTracker;

pub mod account;
pub mod admin;
pub mod caller;
mod error;
pub mod password;
mod secret;
pub mod session;
pub mod signin;
pub mod throttle;

pub use self::password::breached::BreachedPasswords;
pub use self::password::hasher::Hasher;
pub use self::password::policy::PasswordPolicy;
pub use self::password::timing::refusal_floor::RefusalFloor;
pub use self::session::open::SignIn;
pub use self::throttle::reservation::Reservations;
pub use self::throttle::rules::ThrottleRules;
pub use error::{Error, Failure, Refusal};
pub use secret::SharedSecret;

use crate::{
    config::feature::Registration,
    domain::{clock::Clock, entropy::Entropy, session::SessionPolicy},
    store::Store,
    telemetry::metrics::Metrics,
};

/// What every feature needs.
pub struct Auth {
    /// Where users and sessions are kept.
    pub store: Store,
    /// Makes and checks passwords' hashes.
    pub hasher: Hasher,
    /// How soon refused logins may answer.
    pub refusal_floor: RefusalFloor,
    /// The present time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for tokens, salts and ids.
    pub entropy: Arc<dyn Entropy>,
    /// How often what was tried.
    pub reservations: Reservations,
    /// How tries are bounded.
    pub throttles: ThrottleRules,
    /// What keyed hashes are made with.
    pub secret: SharedSecret,
    /// Which new passwords are too easy to guess.
    pub passwords: PasswordPolicy,
    /// How long sessions last.
    pub sessions: SessionPolicy,
    /// How long security events are kept.
    pub keep_events: TimeDelta,
    /// Whether strangers may register.
    pub registration: Registration,
    /// What is counted for those who run this.
    pub metrics: Metrics,
    /// Work that no answer waits for, but a stop does.
    pub background: TaskTracker,
}
