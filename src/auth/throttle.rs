//! Throttles tries at passwords, and registrations: per account, per browser that is known there, per source.
//!
//! The counts are in the database, so that all nodes share them and a restart keeps them. Unknown names are counted
//! exactly like known ones, and only keyed hashes are stored: the table names nobody.

use std::net::IpAddr;

use chrono::TimeDelta;

use super::{
    Auth, Failure,
    caller::Caller,
    counts::{Reservation, Throttled},
};
use crate::{
    domain::{
        device::{Device, Mark},
        throttle::Rule,
        username::Username,
    },
    store::ThrottleKey,
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
        caller: &Caller<'_>,
    ) -> Result<Result<Reservation, Throttled>, Failure> {
        let account = account_name(typed);
        let known = caller
            .device
            .filter(|device| device.marks().contains(&self.mark(device, &account)));
        let keys = match known {
            Some(device) => vec![(
                self.secret
                    .mac("throttle known browser", &[device.id(), account.as_bytes()]),
                self.throttles.account,
            )],
            None => vec![
                (
                    self.source_key("throttle source", caller.source),
                    self.throttles.source,
                ),
                (
                    self.secret.mac("throttle account", &[account.as_bytes()]),
                    self.throttles.account,
                ),
            ],
        };
        self.counts.reserve(&keys).await
    }

    /// Takes a place for a registration that will reach the database.
    pub(super) async fn reserve_registration(
        &self,
        source: IpAddr,
    ) -> Result<Result<Reservation, Throttled>, Failure> {
        let key = self.source_key("throttle registrations", source);
        self.counts.reserve(&[(key, self.throttles.register)]).await
    }

    /// Remembers that a browser signed in to an account.
    pub(super) fn remember_device(
        &self,
        device: Option<&Device>,
        username: &str,
    ) -> Result<Device, Failure> {
        let mut device = match device {
            Some(device) => device.clone(),
            None => Device::generate(&*self.entropy)?,
        };
        device.remember(self.mark(&device, &account_name(username)));
        Ok(device)
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

    fn mark(&self, device: &Device, account: &str) -> Mark {
        let mac = self
            .secret
            .mac("device", &[device.id(), account.as_bytes()]);
        let mut mark = Mark::default();
        let length = mark.len();
        mark.copy_from_slice(&mac[..length]);
        mark
    }

    fn source_key(&self, purpose: &str, source: IpAddr) -> ThrottleKey {
        self.secret.mac(purpose, &[&network(source)])
    }
}

/// The name under which an account's tries are counted: the same for all its spellings, and something for every typed
/// name that can be nobody's.
fn account_name(typed: &str) -> String {
    Username::parse(typed).map_or_else(|_| format!("\0{typed}"), |name| name.key().to_owned())
}

/// A source's network: an IPv4 address, or the /64 that one customer of an IPv6 provider has to choose from.
fn network(source: IpAddr) -> Vec<u8> {
    match source.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    }
}
