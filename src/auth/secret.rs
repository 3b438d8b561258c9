//! The deployment's secret: the key of all keyed hashes (HMAC-SHA-256).

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::store::{Store, StoreError};

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

/// The secret, loaded from the database at first use. A database without its tables has no secret yet.
pub struct SharedSecret {
    cached: OnceCell<Secret>,
    /// Becomes the deployment's secret if the database has none.
    fresh: SecretString,
    store: Store,
}

impl SharedSecret {
    /// Uses the configured secret, or else the one that all nodes share in the database.
    pub fn new(set: Option<&SecretString>, fresh: SecretString, store: Store) -> Self {
        Self {
            cached: OnceCell::new_with(set.map(Secret::new)),
            fresh,
            store,
        }
    }

    /// Returns the secret. All nodes must have the same one: otherwise each node counts its throttles alone.
    pub async fn get(&self) -> Result<&Secret, StoreError> {
        let load = async || {
            let shared = self.store.shared_secret(self.fresh.expose_secret()).await?;
            Ok(Secret::new(&shared.into()))
        };
        self.cached.get_or_try_init(load).await
    }
}
