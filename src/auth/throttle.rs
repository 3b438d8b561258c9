//! Throttles tries at passwords, and registrations: per account, per browser that is known there, per source.
//!
//! The counts are in the database, so that all nodes share them and a restart keeps them. Unknown names are counted
//! exactly like known ones, and only keyed hashes are stored: the table names nobody.

use std::net::IpAddr;

use chrono::TimeDelta;

use super::{
    Auth, Failure,
    caller::{Caller, network},
    counts::{Reservation, Throttled},
};
use crate::{
    domain::{
        device::{Device, Mark},
        id::UserId,
        throttle::Rule,
        username::Username,
    },
    store::{StoredPassword, ThrottleKey},
};

/// How long after its last try a count is forgotten: longer than any failure is remembered.
const FORGET_AFTER: TimeDelta = TimeDelta::days(2);
/// Days that a mark counts: as long as browsers keep its cookie.
const MARK_DAYS: u32 = 400;
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
        let known = stored.zip(caller.device).filter(|(stored, device)| {
            let account = Account::of(stored);
            let mut marks = device.marks().iter();
            marks.any(|mark| self.is_fresh(mark) && self.is_mark(mark, device, account))
        });
        let keys = match known {
            Some((stored, device)) => vec![(
                self.secret.mac(
                    "throttle known browser",
                    &[device.id(), stored.user.id.uuid().as_bytes()],
                ),
                self.throttles.account,
            )],
            None => vec![
                (
                    self.source_key("throttle source", caller.source),
                    self.throttles.source,
                ),
                (
                    self.secret
                        .mac("throttle account", &[account_name(typed).as_bytes()]),
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
        account: Account,
    ) -> Result<Device, Failure> {
        let mut device = match device {
            Some(device) => device.clone(),
            None => Device::generate(&*self.entropy)?,
        };
        let day = self.today();
        let mac = {
            let parts = parts(&device, account, day);
            let parts = parts.each_ref().map(Vec::as_slice);
            self.secret.mac("device", &parts)
        };
        let mut mark = Mark {
            day,
            mac: Default::default(),
        };
        let length = mark.mac.len();
        mark.mac.copy_from_slice(&mac[..length]);
        let before = Account {
            version: account.version - 1,
            ..account
        };
        let known = device.clone();
        device.remember(mark, |mark| {
            self.is_mark(mark, &known, account) || self.is_mark(mark, &known, before)
        });
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

    /// Whether a mark is this deployment's for a browser and an account as it is now.
    fn is_mark(&self, mark: &Mark, device: &Device, account: Account) -> bool {
        let parts = parts(device, account, mark.day);
        let parts = parts.each_ref().map(Vec::as_slice);
        self.secret.begins("device", &parts, &mark.mac)
    }

    /// Whether a browser still keeps a mark of that day.
    fn is_fresh(&self, mark: &Mark) -> bool {
        self.today().saturating_sub(mark.day) <= MARK_DAYS
    }

    /// Days since 1970.
    fn today(&self) -> u32 {
        u32::try_from(self.clock.now().timestamp() / 86_400).unwrap_or(0)
    }

    fn source_key(&self, purpose: &str, source: IpAddr) -> ThrottleKey {
        self.secret.mac(purpose, &[&network(source)])
    }
}

/// What a mark is bound to: another password makes all browsers new ones.
#[derive(Clone, Copy)]
pub(super) struct Account {
    id: UserId,
    version: i32,
}

impl Account {
    /// A person's account as it is now.
    pub fn new(id: UserId, version: i32) -> Self {
        Self { id, version }
    }

    /// The same, of a person who was found.
    pub fn of(stored: &StoredPassword) -> Self {
        Self::new(stored.user.id, stored.version)
    }
}

/// What a mark's keyed hash is made of.
fn parts(device: &Device, account: Account, day: u32) -> [Vec<u8>; 4] {
    [
        device.id().to_vec(),
        account.id.uuid().as_bytes().to_vec(),
        account.version.to_be_bytes().to_vec(),
        day.to_be_bytes().to_vec(),
    ]
}

/// The name under which an account's tries are counted: the same for all its spellings, and something for every typed
/// name that can be nobody's.
fn account_name(typed: &str) -> String {
    Username::parse(typed).map_or_else(|_| format!("\0{typed}"), |name| name.key().to_owned())
}
