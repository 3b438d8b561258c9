//! The device cookie: a browser that has signed in to an account before shows that it has (OWASP "device cookies").
//!
//! It proves nothing of who sits there and lets nobody in: it decides only whose failures a browser waits for.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::entropy::{Entropy, EntropyError};

/// Bytes of a browser's id.
const ID_LEN: usize = 16;
/// Bytes of a mark: its day, and its keyed hash.
const MARK_LEN: usize = 4 + MAC_LEN;
/// Bytes of a mark's keyed hash (ASVS 11.2.3: 128 bits).
const MAC_LEN: usize = 16;
/// Accounts that one browser is known to; the one that signed in longest ago is forgotten first.
const MAX_MARKS: usize = 5;

/// What only this deployment can make: "this browser signed in to that account on that day".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Days since 1970: a mark counts no longer than browsers keep it.
    pub day: u32,
    /// The start of a keyed hash.
    pub mac: [u8; MAC_LEN],
}

impl Mark {
    fn to_bytes(self) -> [u8; MARK_LEN] {
        let mut bytes = [0; MARK_LEN];
        let (day, mac) = bytes.split_at_mut(MARK_LEN - MAC_LEN);
        day.copy_from_slice(&self.day.to_be_bytes());
        mac.copy_from_slice(&self.mac);
        bytes
    }

    fn from_bytes(bytes: &[u8; MARK_LEN]) -> Self {
        let [a, b, c, d, mac @ ..] = *bytes;
        Self {
            day: u32::from_be_bytes([a, b, c, d]),
            mac,
        }
    }
}

/// A browser, and the accounts that it is known to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    id: [u8; ID_LEN],
    marks: Vec<Mark>,
}

impl Device {
    /// A browser that is known to no account yet.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut id = [0; ID_LEN];
        entropy.fill(&mut id)?;
        Ok(Self { id, marks: vec![] })
    }

    /// Reads a cookie's value; `None` for anything that [`Device::encode`] does not write.
    pub fn parse(value: &[u8]) -> Option<Self> {
        // Checked before decoding: a cookie may be as long as a header.
        if value.len() > (ID_LEN + MARK_LEN * MAX_MARKS).div_ceil(3) * 4 {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(value).ok()?;
        let (id, marks) = bytes.split_first_chunk::<ID_LEN>()?;
        let (marks, rest) = marks.as_chunks::<MARK_LEN>();
        (rest.is_empty() && marks.len() <= MAX_MARKS).then(|| Self {
            id: *id,
            marks: marks.iter().map(Mark::from_bytes).collect(),
        })
    }

    /// The cookie's value.
    pub fn encode(&self) -> String {
        let marks = self.marks.iter().flat_map(|mark| mark.to_bytes());
        let bytes: Vec<u8> = self.id.into_iter().chain(marks).collect();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Names the browser.
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// The accounts' marks, the latest last.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Remembers that the browser signed in to an account, in place of its older marks of the same.
    pub fn remember(&mut self, mark: Mark, same_account: impl Fn(&Mark) -> bool) {
        self.marks.retain(|known| !same_account(known));
        self.marks.push(mark);
        if self.marks.len() > MAX_MARKS {
            self.marks.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::OsEntropy;

    #[test]
    fn a_device_survives_its_cookie_and_remembers_the_latest_five() {
        let mut device = Device::generate(&OsEntropy).unwrap();
        for number in [1, 2, 3, 4, 5, 2, 6] {
            let mark = |day| Mark {
                day,
                mac: [number; MAC_LEN],
            };
            device.remember(mark(7), |known| known.mac == mark(7).mac);
            assert_eq!(
                Device::parse(device.encode().as_bytes()),
                Some(device.clone())
            );
        }
        let marks: Vec<_> = device.marks().iter().map(|mark| mark.mac[0]).collect();
        assert_eq!(marks, [3, 4, 5, 2, 6]);
        // It never grows beyond this; browsers keep cookies of up to 4096 bytes (ASVS 3.3.5).
        assert_eq!(device.encode().len(), 155);
    }

    #[test]
    fn anything_else_is_no_device() {
        for junk in [
            "",
            "A",
            "AAAA",
            &"A".repeat(23),
            &"A".repeat(10_000),
            "AAAAAAAAAAAAAAAAAAAAAA==",
            "ü",
        ] {
            assert_eq!(Device::parse(junk.as_bytes()), None, "{junk}");
        }
    }
}
