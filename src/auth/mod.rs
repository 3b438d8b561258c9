//! The product's rules, one feature a file: who may register, log in, stay, and leave. Knows neither GraphQL nor HTTP.

use std::sync::Arc;

use chrono::TimeDelta;
use thiserror::Error;
use tokio_util::task::TaskTracker;

pub mod account;
pub mod admin;
pub mod caller;
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
pub use secret::SharedSecret;

use crate::{
    config::feature::Registration,
    domain::{
        clock::Clock,
        entropy::{Entropy, EntropyError},
        session::SessionPolicy,
    },
    store::{Store, StoreError},
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

/// How a feature ended.
pub enum Outcome<T, R> {
    /// It is done.
    Done(T),
    /// The person must mend something first.
    Refused(Vec<R>),
}

impl<T, R> Outcome<T, R> {
    /// Refused for one thing.
    fn refused(refusal: R) -> Self {
        Self::Refused(vec![refusal])
    }
}

/// Why a feature gave no answer at all. What a person can mend is an outcome of the feature, not a failure.
#[derive(Debug, Error)]
pub enum Failure {
    /// More passwords wait to be hashed than may.
    #[error("the hash queue is full")]
    Busy,
    /// The database cannot be reached.
    #[error(transparent)]
    Unavailable(StoreError),
    /// Only somebody who is signed in may do this.
    #[error("no live session")]
    Unauthenticated,
    /// The signed-in person may not do this.
    #[error("not theirs to do")]
    Forbidden,
    /// Ours to mend.
    #[error("{0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Conflict(_) => Self::Unavailable(error),
            StoreError::Refused(_) | StoreError::Schema(_) | StoreError::Unsuitable(_) => {
                Self::Internal(error.into())
            }
        }
    }
}

impl From<EntropyError> for Failure {
    fn from(error: EntropyError) -> Self {
        Self::Internal(error.into())
    }
}
