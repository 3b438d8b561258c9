//! The device cookie: a browser that has signed in to an account before shows that it has (OWASP "device cookies").
//!
//! It proves nothing of who sits there and lets nobody in: it decides only whose failures a browser waits for.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::entropy::{Entropy, EntropyError};

/// Bytes of a browser's id, and of each mark.
const LEN: usize = 16;
/// Accounts that one browser is known to; the one that signed in longest ago is forgotten first.
const MOST_MARKS: usize = 5;

/// A keyed hash that only this deployment can make: "this browser signed in to that account".
pub type Mark = [u8; LEN];

/// A browser, and the accounts that it is known to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    id: [u8; LEN],
    marks: Vec<Mark>,
}

impl Device {
    /// A browser that is known to no account yet.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut id = [0; LEN];
        entropy.fill(&mut id)?;
        Ok(Self { id, marks: vec![] })
    }

    /// Reads a cookie's value; `None` for anything that [`Device::encode`] does not write.
    pub fn parse(value: &[u8]) -> Option<Self> {
        // Checked before decoding: a cookie may be as long as a header.
        if value.len() > (LEN * (MOST_MARKS + 1)).div_ceil(3) * 4 {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(value).ok()?;
        let (parts, rest) = bytes.as_chunks::<LEN>();
        let (id, marks) = parts.split_first()?;
        (rest.is_empty() && marks.len() <= MOST_MARKS).then(|| Self {
            id: *id,
            marks: marks.to_vec(),
        })
    }

    /// The cookie's value.
    pub fn encode(&self) -> String {
        let bytes: Vec<u8> = [&[self.id], &self.marks[..]].concat().concat();
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

    /// Remembers that the browser signed in to one more account.
    pub fn remember(&mut self, mark: Mark) {
        self.marks.retain(|known| *known != mark);
        self.marks.push(mark);
        if self.marks.len() > MOST_MARKS {
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
            device.remember([number; LEN]);
            assert_eq!(
                Device::parse(device.encode().as_bytes()),
                Some(device.clone())
            );
        }
        let marks: Vec<_> = device.marks().iter().map(|mark| mark[0]).collect();
        assert_eq!(marks, [3, 4, 5, 2, 6]);
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
