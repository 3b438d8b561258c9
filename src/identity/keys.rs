//! The signing keys of a deployment: one set in the database, which every node reads and renews.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use thiserror::Error;

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

/// How often a node reads the keys. An emergency key signs on all nodes within ten seconds.
pub const REFRESH_INTERVAL: Duration = Duration::from_secs(5);
/// Attempts to add a key when other nodes add keys at the same time.
const MAX_ATTEMPTS: usize = 5;

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
    /// The secrets of this node decrypt no current key.
    #[error(
        "the signing key {kid} in the database was encrypted with the key `{sealed_with}`, and neither GATELODGE_SECRET \
         nor GATELODGE_ENCRYPTION_KEYS decrypts it. Give this node the secrets of the other nodes. If the secret is lost, \
         run `gatelodge keys rotate --now`: it replaces all signing keys"
    )]
    Sealed {
        /// The key's id.
        kid: String,
        /// The id of the encryption key.
        sealed_with: String,
    },
    /// Other nodes added a key at each attempt.
    #[error("other nodes are changing the signing keys. Try again")]
    Conflict,
}

/// A signing key as a node knows it.
struct SigningKey {
    row: SigningKeyRow,
    /// `None` if the node's secrets do not decrypt it.
    pair: Option<Arc<KeyPair>>,
}

/// The keys at a time.
struct Snapshot {
    keys: Vec<Arc<SigningKey>>,
    /// The database's time when the keys were read, and the node's monotonic time then.
    read_at: (Timestamp, Duration),
    document: PublicDocument,
}

/// The signing keys of a deployment.
pub struct Keys {
    store: Store,
    secret: Arc<SharedSecret>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    config: TokenConfig,
    snapshot: RwLock<Option<Arc<Snapshot>>>,
}

/// A key that signs.
pub struct Signer(Arc<SigningKey>);

impl Signer {
    /// Returns the key's id.
    pub fn kid(&self) -> &str {
        &self.0.row.kid
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.0.pair.as_ref().ok_or(KeyError)?.sign(message)
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
            snapshot: RwLock::default(),
        }
    }

    /// Reads the keys, adds one if it is due, and deletes outdated ones. Keys that an older encryption key protects are
    /// encrypted again with the first.
    pub async fn refresh(&self) -> Result<(), KeysError> {
        let ring = self.ring().await?;
        let rotation =
            TimeDelta::from_std(self.config.token_key_rotation).unwrap_or(TimeDelta::MAX);
        for _ in 0..MAX_ATTEMPTS {
            let read_at = (self.store.time().await?, self.clock.monotonic());
            let rows = self.store.signing_keys().all().await?;
            if let Some(signs_from) = schedule::due(&rows, self.algorithm(), rotation, read_at.0) {
                let row = self.create(&ring, &rows, read_at.0, signs_from)?;
                let kid = row.kid.clone();
                if self.store.signing_keys_mut().insert(row).await? {
                    tracing::info!(kid, %signs_from, "a signing key for identity tokens was added");
                }
                // The set is read again, with the key of this node or of another one.
                continue;
            }
            let outdated = schedule::outdated(&rows, read_at.0);
            let keep = |row: &SigningKeyRow| !outdated.contains(&row.number);
            let rows: Vec<_> = rows.into_iter().filter(keep).collect();
            self.store.signing_keys_mut().delete(outdated).await?;
            self.take(&ring, rows, read_at).await?;
            return Ok(());
        }
        Err(KeysError::Conflict)
    }

    /// Fails if this node cannot decrypt the key that signs now.
    pub fn check(&self) -> Result<(), KeysError> {
        let Some(snapshot) = self.snapshot() else {
            return Ok(());
        };
        let signing = snapshot.keys.iter().rfind(|key| self.signs(&snapshot, key));
        match signing {
            Some(key) if key.pair.is_none() => Err(KeysError::Sealed {
                kid: key.row.kid.clone(),
                sealed_with: key.row.sealed_with.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Adds a key that begins to sign in 20 minutes, and returns it. If a key waits already, returns that one.
    pub async fn rotate(&self) -> Result<SigningKeyRow, KeysError> {
        let ring = self.ring().await?;
        for _ in 0..MAX_ATTEMPTS {
            let now = self.store.time().await?;
            let rows = self.store.signing_keys().all().await?;
            if let Some(waiting) = schedule::upcoming(&rows, self.algorithm(), now) {
                return Ok(waiting.clone());
            }
            // The first key has nobody to wait for.
            let is_first = schedule::current(&rows, self.algorithm(), now).is_none();
            let signs_from = if is_first {
                now
            } else {
                now + schedule::PUBLISHED_BEFORE
            };
            let row = self.create(&ring, &rows, now, signs_from)?;
            if self.store.signing_keys_mut().insert(row.clone()).await? {
                return Ok(row);
            }
        }
        Err(KeysError::Conflict)
    }

    /// Replaces all keys by a new one that signs at once. Verifiers refuse tokens of the old keys as soon as they read the
    /// key set again.
    pub async fn replace(&self) -> Result<SigningKeyRow, KeysError> {
        let ring = self.ring().await?;
        for _ in 0..MAX_ATTEMPTS {
            let now = self.store.time().await?;
            let transaction = self.store.begin().await?;
            let rows = transaction.signing_keys().all().await?;
            let row = self.create(&ring, &rows, now, now)?;
            if !transaction.signing_keys().insert(row.clone()).await? {
                continue;
            }
            let old = rows.iter().map(|row| row.number).collect();
            transaction.signing_keys().delete(old).await?;
            transaction.commit().await?;
            return Ok(row);
        }
        Err(KeysError::Conflict)
    }

    /// Returns all keys of the database, in the order in which they begin to sign, and the database's time.
    pub async fn list(&self) -> Result<(Vec<SigningKeyRow>, Timestamp), KeysError> {
        let now = self.store.time().await?;
        Ok((self.store.signing_keys().all().await?, now))
    }

    /// Returns the key that signs now: the newest that has begun and that this node can decrypt.
    pub fn signer(&self) -> Option<Signer> {
        let snapshot = self.snapshot()?;
        let usable = |key: &&Arc<SigningKey>| key.pair.is_some() && self.signs(&snapshot, key);
        snapshot.keys.iter().rfind(usable).cloned().map(Signer)
    }

    /// Returns the key set, or `None` before the keys were read.
    pub fn document(&self) -> Option<PublicDocument> {
        Some(self.snapshot()?.document.clone())
    }

    /// Returns the name of the algorithm that new tokens have.
    pub fn algorithm(&self) -> &'static str {
        self.config.token_algorithm.name()
    }

    /// Returns whether a key is of the configured algorithm and has begun to sign.
    fn signs(&self, snapshot: &Snapshot, key: &SigningKey) -> bool {
        let (time, then) = snapshot.read_at;
        let elapsed = self.clock.monotonic().saturating_sub(then);
        let now = time + TimeDelta::from_std(elapsed).unwrap_or_default();
        key.row.algorithm == self.algorithm() && key.row.signs_from <= now
    }

    async fn ring(&self) -> Result<KeyRing, StoreError> {
        // The settings were checked at start.
        let configured = self.config.key_ring().unwrap_or_default();
        Ok(KeyRing::new(&configured, self.secret.get().await?))
    }

    fn create(
        &self,
        ring: &KeyRing,
        rows: &[SigningKeyRow],
        now: Timestamp,
        signs_from: Timestamp,
    ) -> Result<SigningKeyRow, KeysError> {
        let algorithm = self.config.token_algorithm;
        let pkcs8 = KeyPair::generate(algorithm)?;
        let pair = KeyPair::from_pkcs8(algorithm, &pkcs8)?;
        let kid = thumbprint(algorithm, pair.public_key()).ok_or(KeyError)?;
        let sealed = ring.seal(&context(&kid), &pkcs8, &*self.entropy)?;
        Ok(SigningKeyRow {
            number: schedule::next_number(rows),
            kid,
            algorithm: algorithm.name().to_owned(),
            public_key: BASE64_URL_SAFE_NO_PAD.encode(pair.public_key()),
            private_key_sealed: BASE64_URL_SAFE_NO_PAD.encode(sealed.bytes),
            sealed_with: sealed.key_id,
            created_at: now,
            signs_from,
        })
    }

    /// Decrypts the keys and uses them from now on.
    async fn take(
        &self,
        ring: &KeyRing,
        rows: Vec<SigningKeyRow>,
        read_at: (Timestamp, Duration),
    ) -> Result<(), KeysError> {
        let before = self.snapshot();
        let known = |row: &SigningKeyRow| {
            let keys = before.as_deref().map_or(&[][..], |before| &before.keys);
            let is_same = |key: &&Arc<SigningKey>| {
                key.row.kid == row.kid && key.row.public_key == row.public_key
            };
            keys.iter().find(is_same).cloned()
        };
        let document = match &before {
            Some(before) if before.keys.iter().map(|key| &key.row).eq(&rows) => {
                before.document.clone()
            }
            _ => key_set(&rows),
        };
        let mut keys = Vec::with_capacity(rows.len());
        for row in rows {
            let key = match known(&row) {
                Some(key) if key.row == row => key,
                known => {
                    let mut key = self.open(ring, row).await?;
                    // Another node encrypted the key again, with a secret that this node does not have yet.
                    key.pair = key.pair.or_else(|| known?.pair.clone());
                    Arc::new(key)
                }
            };
            keys.push(key);
        }
        let snapshot = Snapshot {
            keys,
            read_at,
            document,
        };
        *self
            .snapshot
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(snapshot));
        Ok(())
    }

    /// Decrypts a key. Encrypts it again if the first encryption key is another one.
    async fn open(&self, ring: &KeyRing, row: SigningKeyRow) -> Result<SigningKey, KeysError> {
        let context = context(&row.kid);
        let sealed = BASE64_URL_SAFE_NO_PAD
            .decode(&row.private_key_sealed)
            .unwrap_or_default();
        let Some(pkcs8) = ring.open(&context, &row.sealed_with, &sealed) else {
            tracing::error!(
                kid = row.kid,
                sealed_with = row.sealed_with,
                "this node cannot decrypt a signing key: its GATELODGE_SECRET or GATELODGE_ENCRYPTION_KEYS differ from \
                 those of the node that added the key"
            );
            return Ok(SigningKey { row, pair: None });
        };
        let pair = Algorithm::named(&row.algorithm)
            .and_then(|algorithm| KeyPair::from_pkcs8(algorithm, &pkcs8).ok())
            // The row was changed if its public key is not the private key's.
            .filter(|pair| BASE64_URL_SAFE_NO_PAD.encode(pair.public_key()) == row.public_key);
        if pair.is_none() {
            tracing::error!(kid = row.kid, "a signing key in the database is damaged");
        } else if !ring.seals_with(&row.sealed_with) {
            let again = ring.seal(&context, &pkcs8, &*self.entropy)?;
            let bytes = BASE64_URL_SAFE_NO_PAD.encode(again.bytes);
            let keys = self.store.signing_keys_mut();
            keys.reseal(&row, bytes, again.key_id).await?;
        }
        let pair = pair.map(Arc::new);
        Ok(SigningKey { row, pair })
    }

    fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.snapshot
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Returns the context of an encrypted key: its table, row and purpose.
fn context(kid: &str) -> Vec<u8> {
    format!("signing_keys/{kid}/private key").into_bytes()
}
