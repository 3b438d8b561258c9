//! Changes of the signing keys: by schedule, by hand, and in an emergency.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;

use super::{
    key_pair::{KeyError, KeyPair, thumbprint},
    key_ring::KeyRing,
    keys::{Keys, KeysError, context, decrypt},
    schedule,
};
use crate::{
    domain::clock::Timestamp,
    store::{SigningKeyRow, StoreError},
};

/// Attempts to add a key when other nodes add keys at the same time.
const MAX_ATTEMPTS: usize = 10;

impl Keys {
    /// Reads the keys, and renews the set. Without a key to sign with, it fails if the set cannot be renewed.
    ///
    /// The keys are used before the set is renewed: a database that accepts no writes must not delay an emergency key.
    pub async fn refresh(&self) -> Result<(), KeysError> {
        let (rows, now) = self.read().await?;
        match self.renew(rows, now).await {
            Err(error) if self.signer().is_some() => {
                tracing::warn!(%error, "the signing keys could not be renewed");
                Ok(())
            }
            result => result,
        }
    }

    /// Adds a key if one is due, deletes outdated ones, and encrypts with the first encryption key.
    async fn renew(
        &self,
        mut rows: Vec<SigningKeyRow>,
        mut now: Timestamp,
    ) -> Result<(), KeysError> {
        let ring = self.ring().await?;
        let rotation = self.config.token_key_rotation;
        let rotation = TimeDelta::from_std(rotation).unwrap_or(TimeDelta::MAX);
        for _ in 0..MAX_ATTEMPTS {
            if let Some(signs_from) = schedule::due(&rows, self.algorithm(), rotation, now) {
                let row = self.create(ring, &rows, now, signs_from)?;
                let kid = row.kid.clone();
                if self.store.signing_keys_mut().insert(row).await? {
                    tracing::info!(kid, %signs_from, "a signing key for identity tokens was added");
                }
                // The set is read again, with the key of this node or of another one.
                (rows, now) = self.read().await?;
                continue;
            }
            let outdated = schedule::outdated(&rows, self.algorithm(), rotation, now);
            if !outdated.is_empty() {
                self.store.signing_keys_mut().delete(outdated).await?;
                self.read().await?;
            }
            return self.reseal(ring).await;
        }
        Err(KeysError::Conflict)
    }

    /// Encrypts the keys that this node can use with the first encryption key.
    async fn reseal(&self, ring: &KeyRing) -> Result<(), KeysError> {
        let Some(snapshot) = self.snapshot() else {
            return Ok(());
        };
        for key in &snapshot.keys {
            if key.pair.is_err() || ring.seals_with(&key.row.sealed_with) {
                continue;
            }
            // Another node has already encrypted it with a key that this node lacks.
            let Some(pkcs8) = decrypt(ring, &key.row) else {
                continue;
            };
            let sealed = ring.seal(&context(&key.row.kid), &pkcs8, &*self.entropy)?;
            let bytes = BASE64_URL_SAFE_NO_PAD.encode(sealed.bytes);
            let keys = self.store.signing_keys_mut();
            keys.reseal(&key.row, bytes, sealed.key_id).await?;
        }
        Ok(())
    }

    /// Adds a key that begins to sign in 20 minutes, and returns it. If a key waits already, returns that one.
    pub async fn rotate(&self) -> Result<SigningKeyRow, KeysError> {
        let ring = self.ring().await?;
        for _ in 0..MAX_ATTEMPTS {
            let (rows, now) = self.list().await?;
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
            let row = self.create(ring, &rows, now, signs_from)?;
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
            match self.replace_once(ring).await {
                Err(KeysError::Conflict | KeysError::Store(StoreError::Conflict(_))) => {}
                result => return result,
            }
        }
        Err(KeysError::Conflict)
    }

    async fn replace_once(&self, ring: &KeyRing) -> Result<SigningKeyRow, KeysError> {
        let now = self.store.time().await?;
        let transaction = self.store.begin().await?;
        let rows = transaction.signing_keys().all().await?;
        let row = self.create(ring, &rows, now, now)?;
        // A unique violation ends the transaction, which is then rolled back.
        if !transaction.signing_keys().insert(row.clone()).await? {
            return Err(KeysError::Conflict);
        }
        let old = rows.iter().map(|row| row.number).collect();
        transaction.signing_keys().delete(old).await?;
        transaction.commit().await?;
        Ok(row)
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
}
