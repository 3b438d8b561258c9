//! The device cookie: proves that a browser has logged in to an account before (OWASP "device cookies").
//!
//! It does not authenticate anybody. It only decides which failures count against a browser.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::entropy::{Entropy, EntropyError};

/// Bytes of a browser's id.
const ID_LEN: usize = 16;
/// Bytes of a mark: its day, and its keyed hash.
const MARK_LEN: usize = 4 + MAC_LEN;
/// Bytes of a mark's keyed hash (ASVS 11.2.3: 128 bits).
const MAC_LEN: usize = 16;
/// Maximum accounts of one browser. The account with the oldest login is removed first.
const MAX_MARKS: usize = 5;

/// A proof that a browser logged in to an account on a day. Only this deployment can create it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Days since 1970. A mark expires when browsers delete its cookie.
    pub day: u32,
    /// The first bytes of a keyed hash.
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

/// A browser and its accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    id: [u8; ID_LEN],
    marks: Vec<Mark>,
}

impl Device {
    /// Returns a new browser without accounts.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut id = [0; ID_LEN];
        entropy.fill(&mut id)?;
        Ok(Self { id, marks: vec![] })
    }

    /// Parses a cookie's value. Returns `None` for any text that [`Device::encode`] does not produce.
    pub fn parse(value: &[u8]) -> Option<Self> {
        // Checks the length before decoding: a cookie may be as long as a header.
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

    /// Returns the cookie's value.
    pub fn encode(&self) -> String {
        let marks = self.marks.iter().flat_map(|mark| mark.to_bytes());
        let bytes: Vec<u8> = self.id.into_iter().chain(marks).collect();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Returns the browser's id.
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// Returns the accounts' marks, newest last.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Adds the mark of a login, and removes older marks of the same account.
    pub fn add_mark(&mut self, mark: Mark, same_account: impl Fn(&Mark) -> bool) {
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
    fn a_device_survives_encoding_and_keeps_the_latest_five_marks() {
        let mut device = Device::generate(&OsEntropy).unwrap();
        for number in [1, 2, 3, 4, 5, 2, 6] {
            let mark = |day| Mark {
                day,
                mac: [number; MAC_LEN],
            };
            device.add_mark(mark(7), |known| known.mac == mark(7).mac);
            assert_eq!(
                Device::parse(device.encode().as_bytes()),
                Some(device.clone())
            );
        }
        let marks: Vec<_> = device.marks().iter().map(|mark| mark.mac[0]).collect();
        assert_eq!(marks, [3, 4, 5, 2, 6]);
        // This is the maximum length. Browsers keep cookies of up to 4096 bytes (ASVS 3.3.5).
        assert_eq!(device.encode().len(), 155);
    }

    #[test]
    fn an_invalid_cookie_is_refused() {
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
