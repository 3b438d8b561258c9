//! The encryption keys that protect the signing keys in the database (AES-256-GCM).
//!
//! They stop an attacker who has only a dump of the database from signing tokens.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::{
    config::{token::SECRET_ID, values::named_secrets::NamedSecret},
    domain::{
        entropy::{Entropy, EntropyError},
        secret::Secret,
    },
};

/// The purpose of the keyed hash that derives an encryption key.
const PURPOSE: &str = "encryption key";

/// An encrypted value.
pub struct Sealed {
    /// The id of the encryption key.
    pub key_id: String,
    /// The nonce, the ciphertext and the tag.
    pub bytes: Vec<u8>,
}

/// The encryption keys, by id. The first encrypts, all decrypt.
pub struct KeyRing(Vec<(String, LessSafeKey)>);

impl KeyRing {
    /// Derives the keys. The key of the deployment's secret is always the last one, so that signing keys that were
    /// encrypted before the settings had a list stay readable.
    pub fn new(configured: &[NamedSecret], deployment: &Secret) -> Self {
        let configured = configured.iter().filter_map(|named| {
            let key = derive(&Secret::new(&named.secret))?;
            Some((named.id.clone(), key))
        });
        let last = derive(deployment).map(|key| (SECRET_ID.to_owned(), key));
        Self(configured.chain(last).collect())
    }

    /// Encrypts a value. It can be decrypted only with the same context. This stops an attacker who can write to the
    /// database from moving a value to another row.
    pub fn seal(
        &self,
        context: &[u8],
        value: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Sealed, EntropyError> {
        // A random nonce is unique enough: a key encrypts far fewer than 2^32 values (NIST SP 800-38D, section 8.3).
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce)?;
        let failed = || EntropyError("the value could not be encrypted".to_owned());
        let (id, key) = self.0.first().ok_or_else(failed)?;
        let mut bytes = value.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context),
            &mut bytes,
        )
        .map_err(|_| failed())?;
        Ok(Sealed {
            key_id: id.clone(),
            bytes: [&nonce[..], &bytes].concat(),
        })
    }

    /// Decrypts a value. Returns `None` if no key of this id fits, or if the value or its context was changed.
    pub fn open(&self, context: &[u8], key_id: &str, bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let (_, key) = self.0.iter().find(|(id, _)| id == key_id)?;
        let mut value = Zeroizing::new(sealed.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = key
            .open_in_place(nonce, Aad::from(context), &mut value)
            .ok()?
            .len();
        value.truncate(length);
        Some(value)
    }

    /// Returns whether new values are encrypted with this key.
    pub fn seals_with(&self, key_id: &str) -> bool {
        self.0.first().is_some_and(|(id, _)| id == key_id)
    }
}

fn derive(secret: &Secret) -> Option<LessSafeKey> {
    let key = Zeroizing::new(secret.mac(PURPOSE, &[]));
    // The length is right, so there is always a key.
    let key = UnboundKey::new(&AES_256_GCM, &*key).ok()?;
    Some(LessSafeKey::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::OsEntropy;

    fn ring(named: &[(&str, &str)], deployment: &str) -> KeyRing {
        let named: Vec<_> = named
            .iter()
            .map(|(id, secret)| NamedSecret {
                id: (*id).to_owned(),
                secret: (*secret).into(),
            })
            .collect();
        KeyRing::new(&named, &Secret::new(&deployment.into()))
    }

    #[test]
    fn a_value_opens_with_its_key_and_context_alone_and_shows_every_change() {
        let old = ring(&[], "deployment");
        let sealed = old.seal(b"row 1", b"value", &OsEntropy).unwrap();
        let open = |ring: &KeyRing, context: &[u8], bytes: &[u8]| {
            ring.open(context, &sealed.key_id, bytes)
        };
        assert_eq!(**open(&old, b"row 1", &sealed.bytes).unwrap(), *b"value");
        assert!(open(&old, b"row 2", &sealed.bytes).is_none());
        assert!(open(&ring(&[], "another"), b"row 1", &sealed.bytes).is_none());
        for index in 0..sealed.bytes.len() {
            let mut changed = sealed.bytes.clone();
            changed[index] ^= 1;
            assert!(open(&old, b"row 1", &changed).is_none(), "byte {index}");
            assert!(open(&old, b"row 1", &sealed.bytes[..index]).is_none());
        }
        assert!(!sealed.bytes.windows(5).any(|bytes| bytes == b"value"));
    }

    #[test]
    fn the_first_key_seals_and_every_key_opens() {
        let before = ring(&[("a", "first")], "deployment");
        let sealed = before.seal(b"", b"value", &OsEntropy).unwrap();
        assert_eq!(sealed.key_id, "a");
        let after = ring(&[("b", "second"), ("a", "first")], "deployment");
        assert!(after.open(b"", "a", &sealed.bytes).is_some());
        assert!(after.seals_with("b") && !after.seals_with("a"));
        let of_secret = ring(&[], "deployment").seal(b"", b"value", &OsEntropy);
        let of_secret = of_secret.unwrap();
        assert!(after.open(b"", SECRET_ID, &of_secret.bytes).is_some());
        let without = ring(&[("b", "second")], "deployment");
        assert!(without.open(b"", "a", &sealed.bytes).is_none());
    }
}
