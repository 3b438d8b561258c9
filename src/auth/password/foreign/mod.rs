//! Hashes of other systems: parsed with bounded costs, and checked like the other system does. One kind per file.
//!
//! Costs are validated before anything is computed or allocated: no imported row can block a worker at a login
//! (docs/security.md, I01).

use ::argon2::password_hash::phc::Output;
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use thiserror::Error;

mod argon2;
mod bcrypt;
mod firescrypt;
mod pbkdf2;
mod phc;
mod scrypt;
#[cfg(test)]
mod tests;

use self::{
    argon2::Argon2, bcrypt::Bcrypt, firescrypt::Firescrypt, pbkdf2::Pbkdf2, scrypt::Scrypt,
};
use super::spelling::Spelling;

/// The maximum bytes of a hash's text: more than any kind needs, and few enough that each fits the database when it is
/// wrapped.
pub const MAX_TEXT: usize = 360;

/// Base64 with or without padding: systems differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A hash of another system, with an acceptable cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignHash {
    scheme: Scheme,
    digest: Output,
    /// The text with zeros instead of the digest.
    without_digest: String,
}

/// The algorithm and parameters that make a digest from a password.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Scheme {
    Argon2(Argon2),
    Bcrypt(Bcrypt),
    Firescrypt(Firescrypt),
    Pbkdf2(Pbkdf2),
    Scrypt(Scrypt),
}

/// The kind of a hash, and its cost within that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Weight {
    /// The kind's name.
    pub kind: &'static str,
    /// A higher cost is slower. Costs are comparable within a kind only.
    pub cost: u32,
}

/// Why a text is not a hash that can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ForeignHashError {
    /// Empty, or Django's `!…`: the user has no password.
    #[error("the account has no usable password")]
    Unusable,
    /// The kind is unknown. The text may be a plaintext password.
    #[error("Gatelodge does not support this kind of password hash")]
    Unknown,
    /// The kind is known, but the text is broken.
    #[error("the password hash is broken: {0}")]
    Broken(&'static str),
    /// The check would block a worker for too long.
    #[error("the password hash costs too much to check: {0}")]
    TooCostly(&'static str),
    /// The text is longer than any kind needs.
    #[error("the password hash is longer than {MAX_TEXT} bytes")]
    TooLong,
}

/// A check failed for lack of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a foreign hash could not be computed")]
pub struct DeriveError;

/// The result of a kind's parser: the scheme, and the digest as text and as bytes.
struct Parsed<'text, R> {
    scheme: R,
    encoded_digest: &'text str,
    digest: Vec<u8>,
    /// A character for zero bits in the digest's alphabet.
    zero_digit: &'static str,
}

impl ForeignHash {
    /// Parses a hash's text.
    pub fn parse(text: &str) -> Result<Self, ForeignHashError> {
        use ForeignHashError::{TooLong, Unknown, Unusable};
        if text.is_empty() || text.starts_with('!') {
            return Err(Unusable);
        }
        if text.len() > MAX_TEXT {
            return Err(TooLong);
        }
        let (kind, rest) = text.split_once('$').unwrap_or((text, ""));
        match kind {
            "pbkdf2_sha256" | "pbkdf2_sha1" => {
                Pbkdf2::django(kind, rest).and_then(|parsed| parsed.hash(text, Scheme::Pbkdf2))
            }
            "argon2" => Argon2::phc(&text[kind.len()..])
                .and_then(|parsed| parsed.hash(text, Scheme::Argon2)),
            "bcrypt" => Bcrypt::plain(rest).and_then(|parsed| parsed.hash(text, Scheme::Bcrypt)),
            "bcrypt_sha256" => {
                Bcrypt::of_sha256(rest).and_then(|parsed| parsed.hash(text, Scheme::Bcrypt))
            }
            "scrypt" => Scrypt::django(rest).and_then(|parsed| parsed.hash(text, Scheme::Scrypt)),
            "" => match rest.split('$').next().unwrap_or_default() {
                "argon2id" | "argon2i" | "argon2d" => {
                    Argon2::phc(text).and_then(|parsed| parsed.hash(text, Scheme::Argon2))
                }
                "2a" | "2b" | "2y" => {
                    Bcrypt::plain(text).and_then(|parsed| parsed.hash(text, Scheme::Bcrypt))
                }
                "pbkdf2" | "pbkdf2-sha1" | "pbkdf2-sha256" | "pbkdf2-sha512" => {
                    Pbkdf2::phc(text).and_then(|parsed| parsed.hash(text, Scheme::Pbkdf2))
                }
                "scrypt" => Scrypt::phc(text).and_then(|parsed| parsed.hash(text, Scheme::Scrypt)),
                "firescrypt" => {
                    Firescrypt::parse(text).and_then(|parsed| parsed.hash(text, Scheme::Firescrypt))
                }
                _ => Err(Unknown),
            },
            _ if text.contains(':') => {
                Scrypt::better_auth(text).and_then(|parsed| parsed.hash(text, Scheme::Scrypt))
            }
            _ => Err(Unknown),
        }
    }

    /// Returns whether the hash matches the password. The comparison takes constant time.
    pub fn matches(&self, password: &str) -> Result<bool, DeriveError> {
        Ok(self.derive(password)? == self.digest)
    }

    /// Returns the digest of a password by this hash's scheme.
    pub fn derive(&self, password: &str) -> Result<Output, DeriveError> {
        let mut bytes = [0; Output::MAX_LENGTH];
        let out = bytes.get_mut(..self.digest.len()).ok_or(DeriveError)?;
        match &self.scheme {
            Scheme::Argon2(scheme) => scheme.derive(password, out),
            Scheme::Bcrypt(scheme) => scheme.derive(password, out),
            Scheme::Firescrypt(scheme) => scheme.derive(password, out),
            Scheme::Pbkdf2(scheme) => {
                scheme.derive(password, out);
                Ok(())
            }
            Scheme::Scrypt(scheme) => scheme.derive(password, out),
        }?;
        Output::new(out).map_err(|_| DeriveError)
    }

    /// Returns whether another password that begins like this one may match too: bcrypt ignores bytes after the 72nd. A
    /// new hash of the whole input could then refuse the right password.
    pub fn may_cut(&self, password: &str) -> bool {
        matches!(&self.scheme, Scheme::Bcrypt(scheme) if scheme.may_cut(password))
    }

    /// Returns the form of the password that is hashed.
    pub fn spelling(&self) -> Spelling {
        match &self.scheme {
            Scheme::Scrypt(scheme) => scheme.spelling(),
            Scheme::Argon2(_) | Scheme::Bcrypt(_) | Scheme::Firescrypt(_) | Scheme::Pbkdf2(_) => {
                Spelling::AsTyped
            }
        }
    }

    /// Returns the digest of the right password.
    pub fn digest(&self) -> &Output {
        &self.digest
    }

    /// Returns the hash's text with zeros instead of the digest: its scheme, which [`ForeignHash::parse`] reads.
    pub fn without_digest(&self) -> &str {
        &self.without_digest
    }

    /// Returns how much work a check is.
    pub fn weight(&self) -> Weight {
        match &self.scheme {
            Scheme::Argon2(scheme) => scheme.weight(),
            Scheme::Bcrypt(scheme) => scheme.weight(),
            Scheme::Firescrypt(scheme) => scheme.weight(),
            Scheme::Pbkdf2(scheme) => scheme.weight(self.digest.len()),
            Scheme::Scrypt(scheme) => scheme.weight(),
        }
    }
}

impl<R> Parsed<'_, R> {
    /// Makes the hash. `text` is the text that was parsed.
    fn hash(
        self,
        text: &str,
        scheme: impl Fn(R) -> Scheme,
    ) -> Result<ForeignHash, ForeignHashError> {
        let digest = Output::new(&self.digest)
            .map_err(|_| ForeignHashError::Broken("its digest is too short or too long"))?;
        let zeros: String = self
            .encoded_digest
            .chars()
            .map(|char| if char == '=' { "=" } else { self.zero_digit })
            .collect();
        let start = self.encoded_digest.as_ptr() as usize - text.as_ptr() as usize;
        let mut without_digest = text.to_owned();
        without_digest.replace_range(start..start + zeros.len(), &zeros);
        Ok(ForeignHash {
            scheme: scheme(self.scheme),
            digest,
            without_digest,
        })
    }
}

/// Parses a decimal number. A number above all costs becomes the largest one.
fn number(digits: &str) -> Result<u32, ForeignHashError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ForeignHashError::Broken("a number is invalid"));
    }
    Ok(digits.parse().unwrap_or(u32::MAX))
}

/// Decodes base64.
fn base64(text: &str) -> Result<Vec<u8>, ForeignHashError> {
    BASE64
        .decode(text)
        .map_err(|_| ForeignHashError::Broken("it is not base64"))
}

/// Splits a text at `$` into exactly `N` parts.
fn parts<const N: usize>(text: &str) -> Result<[&str; N], ForeignHashError> {
    text.split('$')
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| ForeignHashError::Broken("it has too many or too few parts"))
}
