//! The limits of password attempts and registrations: per account, per known browser of an account, and per source.
//!
//! The counts are in the database: all nodes share them, and they survive a restart. Unknown usernames are counted
//! exactly like existing ones. The keys are keyed hashes, so the table contains no usernames or addresses.

use std::net::IpAddr;

use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    device::Account,
    reservation::{AttemptKind, Limit, Reservation, Throttled},
};
use crate::{
    auth::{Auth, Error, Failure, caller::Caller},
    domain::{id::UserId, network::Network, secret::Secret, throttle::Rule, username::Username},
    store::{StoredPassword, ThrottleKey},
};

/// A count is deleted so long after its last attempt: later than any failure counts.
const FORGET_AFTER: TimeDelta = TimeDelta::days(2);
/// Counts that one statement deletes.
const BATCH: u64 = 500;

/// The rule of each limit.
#[derive(Clone, Copy, Debug)]
pub struct ThrottleRules {
    /// Failures on an account: of all new browsers together, and of each known browser.
    pub account: Rule,
    /// Failures from a source.
    pub source: Rule,
    /// Registrations from a source.
    pub register: Rule,
    /// Successful logins on an account: of each known browser, and of all new browsers of a source together.
    pub logins: Rule,
}

impl Auth {
    /// Reserves a password attempt before it costs anything.
    ///
    /// A known browser has its own counts, so that strangers cannot make it wait (OWASP "device cookies"). All other
    /// browsers share the account's count of failures, and each source has a count.
    pub(crate) async fn reserve_login(
        &self,
        typed: &str,
        stored: Option<&StoredPassword>,
        caller: &Caller<'_>,
    ) -> Result<Reservation, Error<Throttled>> {
        let secret = self.secret.get().await?;
        // The same work for unknown usernames, so that time does not reveal which usernames exist.
        let id = stored.map_or(UserId::from_uuid(Uuid::nil()), |stored| stored.user.id);
        let version = stored.map_or(0, |stored| stored.version);
        let known = caller
            .device
            .filter(|device| self.is_known(secret, device, Account::new(id, version)));
        // By the user's id: a new username must not begin a new count.
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
            rule: self.throttle_rules.account,
            counted: AttemptKind::Failures,
        });
        limits.push(Limit {
            key: secret.mac("throttle logins", &[&account, &browser]),
            rule: self.throttle_rules.logins,
            counted: AttemptKind::Successes,
        });
        self.reservations.reserve(&limits).await
    }

    /// Counts an attempt with an empty username or password on its source only: it is no guess at an account, and costs
    /// no hash.
    pub(crate) async fn count_empty(&self, source: IpAddr) -> Result<(), Error<Throttled>> {
        let secret = self.secret.get().await?;
        let limits = self.source_limits(secret, source);
        self.reservations.reserve(&limits).await?.keep();
        Ok(())
    }

    /// Reserves a registration before it reaches the database.
    pub(crate) async fn reserve_registration(
        &self,
        source: IpAddr,
    ) -> Result<Reservation, Error<Throttled>> {
        let secret = self.secret.get().await?;
        let rule = self.throttle_rules.register;
        let limits = limits_of(secret, "throttle registrations", source, rule);
        self.reservations.reserve(&limits).await
    }

    /// Returns the limits of failures from a source.
    fn source_limits(&self, secret: &Secret, source: IpAddr) -> Vec<Limit> {
        limits_of(
            secret,
            "throttle source",
            source,
            self.throttle_rules.source,
        )
    }

    /// Deletes counts that no longer limit anything, in batches. Returns how many.
    pub async fn delete_idle_throttles(&self) -> Result<u64, Failure> {
        let now = self.clock.now();
        let before = now - FORGET_AFTER;
        let mut total = 0;
        loop {
            let keys = self.store.throttles().find_old(before, now, BATCH).await?;
            if keys.is_empty() {
                return Ok(total);
            }
            let throttles = self.store.throttles_mut();
            let deleted = throttles.delete_old(keys, before, now).await?;
            total += deleted;
            if deleted == 0 {
                return Ok(total);
            }
        }
    }
}

/// Returns the key of an account's attempts from new browsers.
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

/// Returns the username that an account's attempts are counted under. All its spellings give the same one. An invalid
/// username gives one that no user can have.
pub(crate) fn account_name(typed: &str) -> String {
    Username::parse(typed).map_or_else(|_| format!("\0{typed}"), |name| name.key().to_owned())
}
