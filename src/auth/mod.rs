//! The authentication rules, one feature per file: accounts, sign-in, sessions, throttling and administration. This
//! module knows neither GraphQL nor HTTP nor the command line.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio_util::task::TaskTracker;

pub mod account;
pub mod admin;
pub mod caller;
mod error;
pub mod password;
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

use crate::{
    config::feature::Registration,
    domain::{clock::Clock, entropy::Entropy, session::SessionPolicy},
    store::{SharedSecret, Store},
    telemetry::metrics::Metrics,
};

/// The operations of the gateway, and what they need.
///
/// Each feature adds its operations in its own file. Other modules reach the parts by the methods here.
pub struct Auth {
    store: Store,
    hasher: Hasher,
    refusal_floor: RefusalFloor,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    reservations: Reservations,
    throttle_rules: ThrottleRules,
    secret: Arc<SharedSecret>,
    password_policy: PasswordPolicy,
    session_policy: SessionPolicy,
    event_retention: TimeDelta,
    registration: Registration,
    metrics: Metrics,
    background: TaskTracker,
}

/// The parts of an [`Auth`], for [`Auth::new`].
pub struct AuthParts {
    /// The database of users, sessions, throttle counts and security events.
    pub store: Store,
    /// Makes and checks password hashes.
    pub hasher: Hasher,
    /// The clock for all times and limits.
    pub clock: Arc<dyn Clock>,
    /// Randomness for tokens, salts and ids.
    pub entropy: Arc<dyn Entropy>,
    /// The limits of attempts and registrations.
    pub throttle_rules: ThrottleRules,
    /// The key of all keyed hashes.
    pub secret: Arc<SharedSecret>,
    /// Rejects new passwords that are easy to guess.
    pub password_policy: PasswordPolicy,
    /// Idle and absolute timeouts of sessions.
    pub session_policy: SessionPolicy,
    /// How long security events are kept.
    pub event_retention: TimeDelta,
    /// Whether new users may register themselves.
    pub registration: Registration,
    /// Counters for the operator.
    pub metrics: Metrics,
}

impl Auth {
    /// Builds the operations from their parts.
    pub fn new(parts: AuthParts) -> Self {
        let AuthParts {
            store,
            hasher,
            clock,
            entropy,
            throttle_rules,
            secret,
            password_policy,
            session_policy,
            event_retention,
            registration,
            metrics,
        } = parts;
        let background = TaskTracker::new();
        Self {
            reservations: Reservations::new(store.clone(), Arc::clone(&clock), background.clone()),
            store,
            hasher,
            refusal_floor: RefusalFloor::default(),
            clock,
            entropy,
            throttle_rules,
            secret,
            password_policy,
            session_policy,
            event_retention,
            registration,
            metrics,
            background,
        }
    }

    /// Returns the database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns the password hasher.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// Returns the minimum time of a refused login.
    pub fn refusal_floor(&self) -> &RefusalFloor {
        &self.refusal_floor
    }

    /// Returns the clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Returns the source of randomness.
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    /// Returns the key of all keyed hashes.
    pub fn secret(&self) -> &SharedSecret {
        &self.secret
    }

    /// Returns the timeouts of sessions.
    pub fn session_policy(&self) -> &SessionPolicy {
        &self.session_policy
    }

    /// Returns whether new users may register themselves.
    pub fn registration(&self) -> Registration {
        self.registration
    }

    /// Returns the tasks that no response waits for. A shutdown waits for them.
    pub fn background(&self) -> &TaskTracker {
        &self.background
    }
}
