//! Throttles attempts at passwords, and registrations: per account, per browser that is known there, per source.
//!
//! The counts are in the database, so that all nodes share them and a restart keeps them. Unknown names are counted
//! exactly like known ones, and only keyed hashes are stored: the table names nobody.

use std::net::IpAddr;

use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    device::Account,
    reservation::{AttemptKind, Limit, Reservation, Throttled},
};
use crate::{
    auth::{Auth, Error, Failure, caller::Caller, secret::Secret},
    domain::{id::UserId, network::Network, throttle::Rule, username::Username},
    store::{StoredPassword, ThrottleKey},
};

/// How long after its last try a count is forgotten: longer than any failure is remembered.
const FORGET_AFTER: TimeDelta = TimeDelta::days(2);
/// Counts deleted by one statement.
const BATCH: u64 = 500;

/// What is counted how.
#[derive(Clone, Copy, Debug)]
pub struct ThrottleRules {
    /// Failures on an account, from new browsers together, and from each known one.
    pub account: Rule,
    /// Failures from a source.
    pub source: Rule,
    /// Registrations from a source.
    pub register: Rule,
    /// Right passwords on an account from each known browser, and from new ones of a source together.
    pub logins: Rule,
}

impl Auth {
    /// Reserves an attempt at a password before it costs anything.
    ///
    /// A browser that is known to the account has counts of its own: no stranger can make it wait (OWASP "device
    /// cookies"). All others share the account's count of failures, and each source has one.
    pub(crate) async fn reserve_login(
        &self,
        typed: &str,
        stored: Option<&StoredPassword>,
        caller: &Caller<'_>,
    ) -> Result<Reservation, Error<Throttled>> {
        let secret = self.secret.get().await?;
        // For a name that no user has the same work, so that time does not reveal which names exist.
        let id = stored.map_or(UserId::from_uuid(Uuid::nil()), |stored| stored.user.id);
        let version = stored.map_or(0, |stored| stored.version);
        let known = caller
            .device
            .filter(|device| self.is_known(secret, device, Account::new(id, version)));
        // By the user's id, so that another name does not begin a new count.
        let account = match stored {
            Some(_) => account_key(secret, id),
            None => secret.mac("throttle account", &[account_name(typed).as_bytes()]),
        };
        let known = known.filter(|_| stored.is_some());
        let (mut limits, browser, failures) = if let Some(device) = known {
            let failures = secret.mac(
                "throttle known browser",
                &[device.id(), id.uuid().as_bytes()],
            );
            (vec![], device.id().to_vec(), failures)
        } else {
            let source = Network::widest_of(caller.source).as_bytes().to_vec();
            let limits = self.source_limits(secret, caller.source);
            (limits, source, account)
        };
        limits.push(Limit {
            key: failures,
            rule: self.throttles.account,
            counted: AttemptKind::Failures,
        });
        limits.push(Limit {
            key: secret.mac("throttle logins", &[&account, &browser]),
            rule: self.throttles.logins,
            counted: AttemptKind::Successes,
        });
        self.reservations.reserve(&limits).await
    }

    /// Counts an attempt whose username or password is empty, on its source alone: it is no guess at an account, and
    /// costs no hash.
    pub(crate) async fn count_empty(&self, source: IpAddr) -> Result<(), Error<Throttled>> {
        let secret = self.secret.get().await?;
        let limits = self.source_limits(secret, source);
        self.reservations.reserve(&limits).await?.keep();
        Ok(())
    }

    /// Reserves a registration that will reach the database.
    pub(crate) async fn reserve_registration(
        &self,
        source: IpAddr,
    ) -> Result<Reservation, Error<Throttled>> {
        let secret = self.secret.get().await?;
        let rule = self.throttles.register;
        let limits = limits_of(secret, "throttle registrations", source, rule);
        self.reservations.reserve(&limits).await
    }

    /// Returns the limits of failures from a source.
    fn source_limits(&self, secret: &Secret, source: IpAddr) -> Vec<Limit> {
        limits_of(secret, "throttle source", source, self.throttles.source)
    }

    /// Forgets counts that hold nobody up any more, a few at a time; tells how many.
    pub async fn delete_idle_throttles(&self) -> Result<u64, Failure> {
        let now = self.clock.now();
        let before = now - FORGET_AFTER;
        let mut swept = 0;
        loop {
            let keys = self.store.throttles().find_old(before, now, BATCH).await?;
            if keys.is_empty() {
                return Ok(swept);
            }
            let throttles = self.store.throttles_mut();
            let deleted = throttles.delete_old(keys, before, now).await?;
            swept += deleted;
            if deleted == 0 {
                return Ok(swept);
            }
        }
    }
}

/// Under which key the tries of new browsers at an account are counted.
pub(crate) fn account_key(secret: &Secret, id: UserId) -> ThrottleKey {
    secret.mac("throttle person", &[id.uuid().as_bytes()])
}

/// Returns a limit for each network of a source: a customer of an IPv6 provider has many /64s (RFC 6177).
fn limits_of(secret: &Secret, purpose: &str, source: IpAddr, rule: Rule) -> Vec<Limit> {
    Network::all_of(source)
        .into_iter()
        .map(|(network, factor)| Limit {
            key: secret.mac(purpose, &[network.as_bytes()]),
            rule: rule.times(factor),
            counted: AttemptKind::Failures,
        })
        .collect()
}

/// The name under which an account's tries are counted: the same for all its spellings, and something for every typed
/// name that can be nobody's.
pub(crate) fn account_name(typed: &str) -> String {
    Username::parse(typed).map_or_else(|_| format!("\0{typed}"), |name| name.key().to_owned())
}
