//! Throttles tries at passwords, and registrations: per account, per browser that is known there, per source.
//!
//! The counts are in the database, so that all nodes share them and a restart keeps them. Unknown names are counted
//! exactly like known ones, and only keyed hashes are stored: the table names nobody.

use std::net::IpAddr;

use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    Auth, Failure,
    caller::{Caller, network},
    counts::{Reservation, Throttled},
    known_device::Account,
    secret::Secret,
};
use crate::{
    domain::{id::UserId, throttle::Rule, username::Username},
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
}

impl Auth {
    /// Takes a place for a try at a password, before it costs anything.
    ///
    /// A browser that is known to the account has a count of its own: no stranger can make it wait (OWASP "device
    /// cookies"). All others share the account's count, and each source has one.
    pub(super) async fn reserve_login(
        &self,
        typed: &str,
        stored: Option<&StoredPassword>,
        caller: &Caller<'_>,
    ) -> Result<Result<Reservation, Throttled>, Failure> {
        let secret = self.secret.get().await?;
        // For nobody's name the same work, so that time does not tell whose it is.
        let id = stored.map_or(UserId::from_uuid(Uuid::nil()), |stored| stored.user.id);
        let version = stored.map_or(0, |stored| stored.version);
        let known = caller
            .device
            .filter(|device| self.is_known(secret, device, Account::new(id, version)));
        // By the person, whose count another name does not begin anew.
        let account = match stored {
            Some(_) => account_key(secret, id),
            None => secret.mac("throttle account", &[account_name(typed).as_bytes()]),
        };
        let keys = match known.filter(|_| stored.is_some()) {
            Some(device) => vec![(
                secret.mac(
                    "throttle known browser",
                    &[device.id(), id.uuid().as_bytes()],
                ),
                self.throttles.account,
            )],
            None => vec![
                (
                    source_key(secret, "throttle source", caller.source),
                    self.throttles.source,
                ),
                (account, self.throttles.account),
            ],
        };
        self.counts.reserve(&keys).await
    }

    /// Takes a place for a registration that will reach the database.
    pub(super) async fn reserve_registration(
        &self,
        source: IpAddr,
    ) -> Result<Result<Reservation, Throttled>, Failure> {
        let secret = self.secret.get().await?;
        let key = source_key(secret, "throttle registrations", source);
        self.counts.reserve(&[(key, self.throttles.register)]).await
    }

    /// Forgets counts that hold nobody up any more, a few at a time; tells how many.
    pub async fn sweep_throttles(&self) -> Result<u64, Failure> {
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
pub(super) fn account_key(secret: &Secret, id: UserId) -> ThrottleKey {
    secret.mac("throttle person", &[id.uuid().as_bytes()])
}

fn source_key(secret: &Secret, purpose: &str, source: IpAddr) -> ThrottleKey {
    secret.mac(purpose, &[&network(source)])
}

/// The name under which an account's tries are counted: the same for all its spellings, and something for every typed
/// name that can be nobody's.
fn account_name(typed: &str) -> String {
    Username::parse(typed).map_or_else(|_| format!("\0{typed}"), |name| name.key().to_owned())
}
