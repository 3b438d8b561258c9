//! Key pairs that sign identity tokens: ES256 and EdDSA (RFC 7518, section 3.4; RFC 8037).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::config::token::Algorithm;

/// The first byte of an uncompressed point, and the bytes of each coordinate (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 4;
const COORDINATE: usize = 32;

/// A key pair. Private parts are in ring's types, which print nothing.
pub enum KeyPair {
    /// ECDSA with P-256 and SHA-256.
    Es256(EcdsaKeyPair),
    /// Ed25519.
    EdDsa(Ed25519KeyPair),
}

/// A key could not be created, read or used. ring gives no reason, so that it reveals nothing of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic library refused the key")]
pub struct KeyError;

impl KeyPair {
    /// Creates a key pair, as PKCS #8. ring takes randomness from the operating system itself.
    pub fn generate(algorithm: Algorithm) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let random = SystemRandom::new();
        let pkcs8 = match algorithm {
            Algorithm::Es256 => {
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            }
            Algorithm::EdDsa => Ed25519KeyPair::generate_pkcs8(&random),
        };
        let pkcs8 = pkcs8.map_err(|_| KeyError)?;
        Ok(Zeroizing::new(pkcs8.as_ref().to_vec()))
    }

    /// Reads a key pair from PKCS #8.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, KeyError> {
        match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                pkcs8,
                &SystemRandom::new(),
            )
            .map(Self::Es256),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(pkcs8).map(Self::EdDsa),
        }
        .map_err(|_| KeyError)
    }

    /// Returns the public key's bytes: an uncompressed point, or the 32 bytes of Ed25519.
    pub fn public_key(&self) -> &[u8] {
        match self {
            Self::Es256(pair) => pair.public_key().as_ref(),
            Self::EdDsa(pair) => pair.public_key().as_ref(),
        }
    }

    /// Signs a message in the form of a JWS.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match self {
            Self::Es256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                Ok(signature.map_err(|_| KeyError)?.as_ref().to_vec())
            }
            Self::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

/// Returns a public key's members of a JWK that its thumbprint covers (RFC 7638, section 3.2), in their order.
pub fn required_members(algorithm: Algorithm, public_key: &[u8]) -> Option<Value> {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    match algorithm {
        Algorithm::Es256 => {
            let [UNCOMPRESSED, point @ ..] = public_key else {
                return None;
            };
            let (x, y) = point.split_at_checked(COORDINATE)?;
            (y.len() == COORDINATE)
                .then(|| json!({"crv": "P-256", "kty": "EC", "x": encode(x), "y": encode(y)}))
        }
        Algorithm::EdDsa => (public_key.len() == COORDINATE)
            .then(|| json!({"crv": "Ed25519", "kty": "OKP", "x": encode(public_key)})),
    }
}

/// Returns a public key's id: its thumbprint (RFC 7638).
pub fn thumbprint(algorithm: Algorithm, public_key: &[u8]) -> Option<String> {
    // The members are in the order of their names and without white space, as the RFC requires.
    let members = required_members(algorithm, public_key)?.to_string();
    Some(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(members)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_of_rfc_8037_is_reproduced() {
        // RFC 8037, appendix A.3.
        let x = BASE64_URL_SAFE_NO_PAD
            .decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
            .unwrap();
        assert_eq!(
            thumbprint(Algorithm::EdDsa, &x).as_deref(),
            Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        );
    }

    #[test]
    fn a_public_key_of_another_form_has_no_thumbprint() {
        for (algorithm, bytes) in [
            (Algorithm::Es256, vec![4; 64]),
            (Algorithm::Es256, vec![4; 66]),
            (Algorithm::Es256, vec![2; 65]),
            (Algorithm::Es256, vec![]),
            (Algorithm::EdDsa, vec![4; 65]),
        ] {
            assert_eq!(thumbprint(algorithm, &bytes), None);
        }
    }
}
