//! Device cookies: which browsers have signed in to which accounts.
//!
//! Each account has a mark in the cookie. It is bound to the browser, the account, its password and the day. So a new
//! password invalidates all marks, and a stolen cookie expires like the browser's own.

use crate::{
    auth::{Auth, Failure},
    domain::{
        device::{Device, Mark},
        id::UserId,
        secret::Secret,
    },
    store::StoredPassword,
};

/// Days that a mark is valid: as long as browsers keep the cookie.
const MARK_DAYS: u32 = 400;
/// The purpose of the keyed hash of a mark.
const PURPOSE: &str = "device";

/// The account that a mark is bound to.
#[derive(Clone, Copy)]
pub(crate) struct Account {
    id: UserId,
    version: i32,
}

impl Account {
    /// Returns an account with a version of its password.
    pub fn new(id: UserId, version: i32) -> Self {
        Self { id, version }
    }

    /// Returns the account of a stored user.
    pub fn of(stored: &StoredPassword) -> Self {
        Self::new(stored.user.id, stored.version)
    }
}

impl Auth {
    /// Returns whether a browser has signed in to an account since its password was set.
    pub(crate) fn is_known(&self, secret: &Secret, device: &Device, account: Account) -> bool {
        let today = self.today();
        device.marks().iter().any(|mark| {
            today.saturating_sub(mark.day) <= MARK_DAYS && is_of(secret, mark, device, account)
        })
    }

    /// Adds a mark for an account to the device cookie. It replaces older marks of the same account.
    pub(crate) async fn remember_device(
        &self,
        device: Option<&Device>,
        account: Account,
    ) -> Result<Device, Failure> {
        let mut device = match device {
            Some(device) => device.clone(),
            None => Device::generate(&*self.entropy)?,
        };
        let secret = self.secret.get().await?;
        let day = self.today();
        let mac = secret.mac(
            PURPOSE,
            &parts(&device, account, day).each_ref().map(Vec::as_slice),
        );
        let mut mark = Mark {
            day,
            mac: Default::default(),
        };
        let length = mark.mac.len();
        mark.mac.copy_from_slice(&mac[..length]);
        let before = Account::new(account.id, account.version - 1);
        let known = device.clone();
        device.add_mark(mark, |mark| {
            [account, before]
                .into_iter()
                .any(|account| is_of(secret, mark, &known, account))
        });
        Ok(device)
    }

    /// Returns the days since 1970.
    fn today(&self) -> u32 {
        u32::try_from(self.clock.now().timestamp() / 86_400).unwrap_or(0)
    }
}

/// Returns whether this deployment made the mark for a browser and an account.
fn is_of(secret: &Secret, mark: &Mark, device: &Device, account: Account) -> bool {
    let parts = parts(device, account, mark.day);
    secret.is_prefix_of_mac(PURPOSE, &parts.each_ref().map(Vec::as_slice), &mark.mac)
}

/// Returns the parts of the keyed hash of a mark.
fn parts(device: &Device, account: Account, day: u32) -> [Vec<u8>; 4] {
    [
        device.id().to_vec(),
        account.id.uuid().as_bytes().to_vec(),
        account.version.to_be_bytes().to_vec(),
        day.to_be_bytes().to_vec(),
    ]
}
