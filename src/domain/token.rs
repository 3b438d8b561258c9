//! The session token: the secret in the cookie. The database stores only its hash.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::entropy::{Entropy, EntropyError};

/// Bytes of a token: 256 random bits (ASVS 7.2.3 requires 128).
const LEN: usize = 32;
/// Characters of a token in a cookie: unpadded base64url.
const ENCODED_LEN: usize = 43;

/// The secret that proves a session. Never stored, never logged.
#[derive(Clone)]
pub struct SessionToken(Zeroizing<[u8; LEN]>);

/// The SHA-256 of a token. The database stores only this hash, so reading the database gives no access to sessions.
///
/// A fast hash is enough: an attacker must guess 256 random bits, not a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionTokenHash([u8; LEN]);

impl SessionToken {
    /// Returns a new token.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = Zeroizing::new([0; LEN]);
        entropy.fill(bytes.as_mut())?;
        Ok(Self(bytes))
    }

    /// Parses a cookie's value. Returns `None` for any text that [`SessionToken::encode`] does not produce.
    ///
    /// Each token has exactly one encoding: padding, other alphabets and extra trailing bits are refused.
    pub fn parse(value: &[u8]) -> Option<Self> {
        if value.len() != ENCODED_LEN {
            return None;
        }
        let mut bytes = Zeroizing::new([0; LEN]);
        let written = BASE64_URL_SAFE_NO_PAD
            .decode_slice(value, bytes.as_mut())
            .ok()?;
        (written == LEN).then_some(Self(bytes))
    }

    /// Returns the cookie's value.
    pub fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0.as_ref())
    }

    /// Returns the hash that the database stores.
    pub fn hash(&self) -> SessionTokenHash {
        SessionTokenHash(Sha256::digest(self.0.as_ref()).into())
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken([REDACTED])")
    }
}

impl SessionTokenHash {
    /// Returns the hash with these stored bytes, or `None` if they are none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Returns the stored bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::OsEntropy;

    /// Fills the bytes with the numbers from 0.
    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
            bytes.iter_mut().zip(0..).for_each(|(byte, n)| *byte = n);
            Ok(())
        }
    }

    #[test]
    fn all_thirty_two_bytes_of_a_token_come_from_the_generator() -> Result<(), EntropyError> {
        let token = SessionToken::generate(&Counting)?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.encode());
        assert_eq!(bytes, Ok((0..32).collect()));
        Ok(())
    }

    #[test]
    fn a_token_survives_encoding_and_parsing() -> Result<(), EntropyError> {
        let token = SessionToken::generate(&OsEntropy)?;
        let back = SessionToken::parse(token.encode().as_bytes()).map(|token| token.hash());
        assert_eq!(back, Some(token.hash()));
        Ok(())
    }

    #[test]
    fn a_token_has_exactly_one_encoding() {
        let zeros = "A".repeat(ENCODED_LEN);
        assert!(SessionToken::parse(zeros.as_bytes()).is_some());
        for other in [
            format!("{zeros}="),
            format!("{zeros} "),
            format!("{}B", &zeros[1..]),
            format!("{}+", &zeros[1..]),
            zeros[1..].to_owned(),
            "A".repeat(8192),
            String::new(),
        ] {
            assert!(SessionToken::parse(other.as_bytes()).is_none(), "{other}");
        }
    }

    #[test]
    fn a_token_shows_nothing_of_itself_in_debug_output() {
        let token = SessionToken::parse("A".repeat(ENCODED_LEN).as_bytes());
        assert_eq!(format!("{token:?}"), "Some(SessionToken([REDACTED]))");
    }
}
