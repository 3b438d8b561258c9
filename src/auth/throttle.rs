//! Throttles tries at passwords, and registrations: per account, per browser that is known there, per source.
//!
//! The counts are in the database, so that all nodes share them and a restart keeps them. Unknown names are counted
//! exactly like known ones, and only keyed hashes are stored: the table names nobody.

use std::net::IpAddr;

use chrono::TimeDelta;

use super::{Auth, Failure, caller::Caller};
use crate::{
    domain::{
        device::{Device, Mark},
        throttle::{Rule, Verdict},
        username::Username,
    },
    store::ThrottleKey,
};

/// How often a change is tried anew when others change the same count at the same time.
const ROUNDS: usize = 200;

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

/// Places taken for one try. Kept when the try fails; given back when it was none.
#[must_use]
pub struct Reservation(Vec<(ThrottleKey, Rule)>);

/// The try may not be made for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// How long to wait.
    pub wait: TimeDelta,
}

impl Throttled {
    /// Whole seconds, at least one, after which it makes sense to try again.
    pub fn retry_after(self) -> u32 {
        let seconds = (self.wait.num_milliseconds() + 999) / 1000;
        u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
    }
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
        self.reserve(keys).await
    }

    /// Takes a place for a registration that will reach the database.
    pub(super) async fn reserve_registration(
        &self,
        source: IpAddr,
    ) -> Result<Result<Reservation, Throttled>, Failure> {
        let key = self.source_key("throttle registrations", source);
        self.reserve(vec![(key, self.throttles.register)]).await
    }

    /// Gives a try's places back: it was no failure.
    pub(super) async fn give_back(&self, reservation: Reservation) -> Result<(), Failure> {
        for (key, rule) in reservation.0 {
            for _ in 0..ROUNDS {
                let Some(found) = self.store.throttles().find(&key).await? else {
                    break;
                };
                let state = rule.give_back(found.state, self.clock.now());
                if self
                    .store
                    .throttles()
                    .replace(&key, Some(found), state)
                    .await?
                {
                    break;
                }
            }
        }
        Ok(())
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

    /// Forgets counts that hold nobody up any more.
    pub async fn sweep_throttles(&self) -> Result<u64, Failure> {
        let now = self.clock.now();
        let before = now - TimeDelta::days(2);
        Ok(self.store.throttles().delete_old(before, now).await?)
    }

    /// Takes a place under every key, or under none.
    async fn reserve(
        &self,
        keys: Vec<(ThrottleKey, Rule)>,
    ) -> Result<Result<Reservation, Throttled>, Failure> {
        let mut taken = Reservation(vec![]);
        for (key, rule) in keys {
            match self.reserve_one(&key, rule).await? {
                Ok(()) => taken.0.push((key, rule)),
                Err(throttled) => {
                    // A refused try counts nowhere.
                    self.give_back(taken).await?;
                    return Ok(Err(throttled));
                }
            }
        }
        Ok(Ok(taken))
    }

    async fn reserve_one(
        &self,
        key: &ThrottleKey,
        rule: Rule,
    ) -> Result<Result<(), Throttled>, Failure> {
        for _ in 0..ROUNDS {
            let found = self.store.throttles().find(key).await?;
            let now = self.clock.now();
            match rule.reserve(found.map(|found| found.state), now) {
                Verdict::Reserved(state) => {
                    if self.store.throttles().replace(key, found, state).await? {
                        return Ok(Ok(()));
                    }
                }
                Verdict::Refused { wait, keep } => {
                    if let Some(state) = keep {
                        // If another request puts it right at the same time, that is as good.
                        self.store.throttles().replace(key, found, state).await?;
                    }
                    return Ok(Err(Throttled { wait }));
                }
            }
        }
        Err(Failure::Busy)
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
