//! The signing keys as a node knows them: read from the database, decrypted, and ready to sign.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use thiserror::Error;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::{
    documents::{PublicDocument, key_set},
    key_pair::{KeyError, KeyPair, thumbprint},
    key_ring::KeyRing,
    schedule,
};
use crate::{
    config::token::{Algorithm, TokenConfig},
    domain::{
        clock::{Clock, Timestamp},
        entropy::{Entropy, EntropyError},
    },
    store::{SharedSecret, SigningKeyRow, Store, StoreError},
};

/// Why the keys could not be read or changed.
#[derive(Debug, Error)]
pub enum KeysError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The source of randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// ring refused a key.
    #[error("a signing key could not be created: {0}")]
    Key(#[from] KeyError),
    /// The list of encryption keys is wrong.
    #[error("GATELODGE_ENCRYPTION_KEYS: {0}")]
    EncryptionKeys(String),
    /// The secrets of this node do not decrypt the key that signs now.
    #[error(
        "the signing key {kid} in the database was encrypted with the key `{sealed_with}`, and neither GATELODGE_SECRET \
         nor GATELODGE_ENCRYPTION_KEYS decrypts it. Use the secrets of the other nodes. If the secret is lost, run \
         `gatelodge keys rotate --now`: it replaces all signing keys"
    )]
    Sealed {
        /// The key's id.
        kid: String,
        /// The id of the encryption key.
        sealed_with: String,
    },
    /// The row of the key that signs now was changed.
    #[error(
        "the signing key {kid} in the database is damaged. Restore the table `signing_keys`, or run `gatelodge keys rotate \
         --now`: it replaces all signing keys"
    )]
    Damaged {
        /// The key's id.
        kid: String,
    },
    /// Other nodes added a key at each attempt.
    #[error("other nodes are changing the signing keys. Try again")]
    Conflict,
}

/// A signing key as a node knows it.
pub(super) struct SigningKey {
    pub row: SigningKeyRow,
    pub pair: Result<Arc<KeyPair>, Unusable>,
}

/// Why a node cannot sign with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// The node's secrets do not decrypt it.
    Sealed,
    /// The row's parts do not fit together.
    Damaged,
}

/// The keys at a time, in the order in which they begin to sign.
pub(super) struct Snapshot {
    pub keys: Vec<Arc<SigningKey>>,
    /// The database's time when the keys were read, and the node's monotonic time then.
    read_at: (Timestamp, Duration),
    document: PublicDocument,
}

/// The signing keys of a deployment: one set in the database, which every node reads and renews.
pub struct Keys {
    pub(super) store: Store,
    secret: Arc<SharedSecret>,
    clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) config: TokenConfig,
    ring: OnceCell<KeyRing>,
    snapshot: RwLock<Option<Arc<Snapshot>>>,
}

/// A key that signs.
pub struct Signer {
    kid: String,
    pair: Arc<KeyPair>,
}

impl Signer {
    /// Returns the key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.pair.sign(message)
    }
}

impl Keys {
    /// Uses the keys of a database. It reads none yet.
    pub fn new(
        store: Store,
        secret: Arc<SharedSecret>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        config: TokenConfig,
    ) -> Self {
        Self {
            store,
            secret,
            clock,
            entropy,
            config,
            ring: OnceCell::new(),
            snapshot: RwLock::default(),
        }
    }

    /// Returns the key that signs now: the newest that has begun and that this node can use. If the database's clock was
    /// set back so far that none has begun, returns the oldest.
    pub fn signer(&self) -> Option<Signer> {
        let snapshot = self.snapshot()?;
        let now = self.database_time(&snapshot);
        let usable = |key: &&Arc<SigningKey>| {
            key.pair.is_ok() && key.row.algorithm == self.config.token_algorithm.name()
        };
        let mut usable = snapshot.keys.iter().filter(usable);
        let oldest = usable.clone().next();
        let key = usable.rfind(|key| key.row.signs_from <= now).or(oldest)?;
        Some(Signer {
            kid: key.row.kid.clone(),
            pair: Arc::clone(key.pair.as_ref().ok()?),
        })
    }

    /// Fails if this node cannot use the key that signs now, or if it has read no key yet.
    pub fn check(&self) -> Result<(), KeysError> {
        let snapshot = self.snapshot().ok_or_else(|| {
            StoreError::Unavailable("the signing keys have not been read yet".to_owned())
        })?;
        let rows: Vec<_> = snapshot.keys.iter().map(|key| key.row.clone()).collect();
        let now = self.database_time(&snapshot);
        let current = schedule::current(&rows, self.algorithm(), now);
        let is_current =
            |key: &&Arc<SigningKey>| current.is_some_and(|row| row.number == key.row.number);
        let Some(key) = snapshot.keys.iter().find(is_current) else {
            return Ok(());
        };
        let kid = key.row.kid.clone();
        match key.pair {
            Ok(_) => Ok(()),
            Err(Unusable::Damaged) => Err(KeysError::Damaged { kid }),
            Err(Unusable::Sealed) => Err(KeysError::Sealed {
                kid,
                sealed_with: key.row.sealed_with.clone(),
            }),
        }
    }

    /// Returns the key set, or `None` before the keys were read.
    pub fn document(&self) -> Option<PublicDocument> {
        Some(self.snapshot()?.document.clone())
    }

    /// Returns the name of the algorithm that new tokens have.
    pub fn algorithm(&self) -> &'static str {
        self.config.token_algorithm.name()
    }

    /// Returns all keys of the database, in the order in which they begin to sign, and the database's time.
    pub async fn list(&self) -> Result<(Vec<SigningKeyRow>, Timestamp), KeysError> {
        let now = self.store.time().await?;
        Ok((self.store.signing_keys().all().await?, now))
    }

    /// Reads the keys, decrypts them, and uses them from now on. Returns them as [`Keys::list`] does.
    pub async fn read(&self) -> Result<(Vec<SigningKeyRow>, Timestamp), KeysError> {
        let ring = self.ring().await?;
        let monotonic = self.clock.monotonic();
        let (rows, now) = self.list().await?;
        let before = self.snapshot();
        let keys: Vec<_> = rows
            .iter()
            .map(|row| {
                let keys = before.as_deref().map_or(&[][..], |before| &before.keys);
                reuse_or_open(keys, ring, row.clone())
            })
            .collect();
        let published = keys
            .iter()
            .filter(|key| !matches!(key.pair, Err(Unusable::Damaged)))
            .map(|key| &key.row);
        let snapshot = Snapshot {
            document: key_set(published),
            keys,
            read_at: (now, monotonic),
        };
        *self
            .snapshot
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(snapshot));
        Ok((rows, now))
    }

    /// Returns the encryption keys.
    pub(super) async fn ring(&self) -> Result<&KeyRing, KeysError> {
        let derive = async || {
            let configured = self.config.key_ring().map_err(KeysError::EncryptionKeys)?;
            Ok(KeyRing::new(&configured, self.secret.get().await?))
        };
        self.ring.get_or_try_init(derive).await
    }

    pub(super) fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.snapshot
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the database's time now, as far as this node knows it.
    fn database_time(&self, snapshot: &Snapshot) -> Timestamp {
        let (time, then) = snapshot.read_at;
        let elapsed = self.clock.monotonic().saturating_sub(then);
        time + TimeDelta::from_std(elapsed).unwrap_or_default()
    }
}

/// Returns the known key of a row, or decrypts the row.
fn reuse_or_open(known: &[Arc<SigningKey>], ring: &KeyRing, row: SigningKeyRow) -> Arc<SigningKey> {
    let is_same =
        |key: &&Arc<SigningKey>| key.row.kid == row.kid && key.row.public_key == row.public_key;
    let known = known.iter().find(is_same);
    if let Some(known) = known.filter(|known| known.row == row) {
        return Arc::clone(known);
    }
    let pair = match (open(ring, &row), known) {
        // Another node encrypted the key again, with a secret that this node does not have yet.
        (Err(Unusable::Sealed), Some(known)) => known.pair.clone(),
        (pair, _) => pair,
    };
    Arc::new(SigningKey { row, pair })
}

/// Decrypts a key, and logs why it cannot be used.
fn open(ring: &KeyRing, row: &SigningKeyRow) -> Result<Arc<KeyPair>, Unusable> {
    let pair = decrypt(ring, row)
        .ok_or(Unusable::Sealed)
        .and_then(|pkcs8| {
            let algorithm = Algorithm::named(&row.algorithm).ok_or(Unusable::Damaged)?;
            let pair = KeyPair::from_pkcs8(algorithm, &pkcs8).map_err(|_| Unusable::Damaged)?;
            let public_key = BASE64_URL_SAFE_NO_PAD.encode(pair.public_key());
            // The row was changed if its public key is not the private key's.
            let is_whole = public_key == row.public_key
                && thumbprint(algorithm, pair.public_key()).as_deref() == Some(&row.kid);
            if is_whole {
                Ok(Arc::new(pair))
            } else {
                Err(Unusable::Damaged)
            }
        });
    match &pair {
        Ok(_) => {}
        Err(Unusable::Sealed) => tracing::error!(
            kid = row.kid,
            sealed_with = row.sealed_with,
            "this node cannot decrypt a signing key: its GATELODGE_SECRET or GATELODGE_ENCRYPTION_KEYS differ from those \
             of the node that encrypted the key"
        ),
        Err(Unusable::Damaged) => {
            tracing::error!(
                kid = row.kid,
                "a signing key in the database is damaged, and is not published"
            );
        }
    }
    pair
}

/// Decrypts the private key of a row.
pub(super) fn decrypt(ring: &KeyRing, row: &SigningKeyRow) -> Option<Zeroizing<Vec<u8>>> {
    let sealed = BASE64_URL_SAFE_NO_PAD
        .decode(&row.private_key_sealed)
        .ok()?;
    ring.open(&context(&row.kid), &row.sealed_with, &sealed)
}

/// Returns the context of an encrypted key: its table, row and purpose.
pub(super) fn context(kid: &str) -> Vec<u8> {
    format!("signing_keys/{kid}/private key").into_bytes()
}
