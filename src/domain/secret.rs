//! The deployment's secret: the key of all keyed hashes (HMAC-SHA-256).

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of an HMAC-SHA-256 key: the block size of the hash.
const BLOCK: usize = 64;

/// The secret, shared by all nodes.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; BLOCK]>);

impl Secret {
    /// Derives the key from a configured or generated secret of any length: the key is its SHA-256 hash.
    pub fn new(secret: &SecretString) -> Self {
        let mut key = Zeroizing::new([0; BLOCK]);
        let hash = Sha256::digest(secret.expose_secret().as_bytes());
        key[..hash.len()].copy_from_slice(&hash);
        Self(key)
    }

    /// Returns the keyed hash (HMAC-SHA-256) of the parts for one purpose. Two purposes never give the same hash.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.start(purpose, parts).finalize().into_bytes().into()
    }

    /// Returns whether `found` is a prefix of the keyed hash of the parts. The comparison takes constant time.
    pub fn is_prefix_of_mac(&self, purpose: &str, parts: &[&[u8]], found: &[u8]) -> bool {
        self.start(purpose, parts)
            .verify_truncated_left(found)
            .is_ok()
    }

    fn start(&self, purpose: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&(*self.0).into());
        for part in [&[purpose.as_bytes()], parts].concat() {
            // The length before each part keeps the boundaries: bytes cannot move from one part to the next.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}
