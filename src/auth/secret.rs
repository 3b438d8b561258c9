//! The deployment's secret: what keyed hashes are made with, so that nobody else can make them.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::store::{Store, StoreError};

/// Bytes of an HMAC-SHA-256 key: the hash's block.
const BLOCK: usize = 64;

/// The secret, shared by all nodes.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; BLOCK]>);

impl Secret {
    /// Takes the secret as configured or as made, of whatever length: its hash is the key.
    pub fn new(secret: &SecretString) -> Self {
        let mut key = Zeroizing::new([0; BLOCK]);
        let hash = Sha256::digest(secret.expose_secret().as_bytes());
        key[..hash.len()].copy_from_slice(&hash);
        Self(key)
    }

    /// A keyed hash (HMAC-SHA-256) of parts, for one purpose: hashes of two purposes never meet.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.start(purpose, parts).finalize().into_bytes().into()
    }

    /// Whether `found` is how the keyed hash of parts begins; in constant time.
    pub fn begins(&self, purpose: &str, parts: &[&[u8]], found: &[u8]) -> bool {
        self.start(purpose, parts)
            .verify_truncated_left(found)
            .is_ok()
    }

    fn start(&self, purpose: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&(*self.0).into());
        for part in [&[purpose.as_bytes()], parts].concat() {
            // With its length before it, no part can pass for the end of another.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

/// The secret as far as this node knows it: a database without its tables has none to share yet.
pub struct SharedSecret {
    known: OnceCell<Secret>,
    /// Becomes the deployment's, if there is none when it is asked for.
    fresh: SecretString,
    store: Store,
}

impl SharedSecret {
    /// The secret as set, or else the one that the nodes share by their database.
    pub fn new(set: Option<&SecretString>, fresh: SecretString, store: Store) -> Self {
        Self {
            known: OnceCell::new_with(set.map(Secret::new)),
            fresh,
            store,
        }
    }

    /// The secret. A node that made one for itself alone would count apart from all others.
    pub async fn get(&self) -> Result<&Secret, StoreError> {
        let ask = async || {
            let shared = self.store.shared_secret(self.fresh.expose_secret()).await?;
            Ok(Secret::new(&shared.into()))
        };
        self.known.get_or_try_init(ask).await
    }
}
