//! The product's rules, one feature a file: who may register, log in, stay, and leave. Knows neither GraphQL nor HTTP.

use std::sync::Arc;

use chrono::TimeDelta;
use thiserror::Error;
use tokio_util::task::TaskTracker;

pub mod add_user;
pub mod admins;
pub mod argon2id;
mod attempt_log;
pub mod authenticate;
mod breached;
pub mod caller;
pub mod change_password;
pub mod change_username;
pub mod counts;
pub mod delete_user;
pub mod disable_user;
pub mod enable_user;
mod fair_share;
pub mod foreign_hash;
mod hash_queue;
pub mod hasher;
mod known_device;
pub mod login;
pub mod logout;
pub mod metrics;
pub mod moving_in;
mod near_names;
mod password_policy;
pub mod pepper;
mod present;
mod proof;
pub mod reauthenticate;
pub mod refusal_floor;
pub mod register;
pub mod revoke_session;
pub mod revoke_user_sessions;
mod secret;
mod security_events;
mod sessions;
pub mod set_password;
pub mod set_user_roles;
mod sign_in;
mod slowest_hash;
mod spelling;
pub mod stored_hash;
pub mod sweep;
pub mod throttle;
mod turns;
mod unlock_user;
pub mod users;

pub use breached::BreachedPasswords;
pub use counts::Counts;
pub use hasher::Hasher;
pub use metrics::Metrics;
pub use password_policy::PasswordPolicy;
pub use refusal_floor::RefusalFloor;
pub use secret::SharedSecret;
pub use sign_in::SignIn;
pub use throttle::ThrottleRules;

use crate::{
    config::feature::Registration,
    domain::{
        clock::Clock,
        entropy::{Entropy, EntropyError},
        session::SessionPolicy,
    },
    store::{Store, StoreError},
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
    pub counts: Counts,
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
