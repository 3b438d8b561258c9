//! Hashes that other systems wrote: read with bounded costs, and checked as their writer would. One kind a file.
//!
//! What a text claims is judged before anything is computed or allocated by it: no imported row can stall a worker at
//! a login (docs/security.md, I01).

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

/// Most bytes of a hash's text: more than any kind needs, and so few that each fits the database when it is wrapped.
pub const MAX_TEXT: usize = 360;

/// Base64 with or without padding: some writers pad.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A hash that another system wrote, and that costs no more to check than it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignHash {
    recipe: Recipe,
    digest: Output,
    /// The text, with what stands for nothing in the place of the digest.
    blank: String,
}

/// How a digest is made from a password.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Recipe {
    Argon2(Argon2),
    Bcrypt(Bcrypt),
    Firescrypt(Firescrypt),
    Pbkdf2(Pbkdf2),
    Scrypt(Scrypt),
}

/// What kind a hash is of, and how much work it is among those of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Weight {
    /// Its name.
    pub kind: &'static str,
    /// More is slower; comparable within a kind alone.
    pub cost: u32,
}

/// Why a text is no hash that can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ForeignHashError {
    /// Empty, or Django's `!…`: its owner has no password.
    #[error("the account has no usable password")]
    Unusable,
    /// Of no kind that is known here, and perhaps a password in the clear.
    #[error("the password hash is of no kind that Gatelodge checks")]
    Unknown,
    /// Of a kind that is known, and broken.
    #[error("the password hash is broken: {0}")]
    Broken(&'static str),
    /// Its check would keep a worker from everyone else.
    #[error("the password hash costs too much to check: {0}")]
    TooCostly(&'static str),
    /// Longer than any kind needs.
    #[error("the password hash is longer than {MAX_TEXT} bytes")]
    TooLong,
}

/// A check that could not be made, for want of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a foreign hash could not be computed")]
pub struct DeriveError;

/// What a kind's reader finds: the recipe, and the digest as written and as bytes.
struct Read<'text, R> {
    recipe: R,
    written: &'text str,
    digest: Vec<u8>,
    /// A character of the digest's alphabet that stands for zero bits.
    zero: &'static str,
}

impl ForeignHash {
    /// Reads a hash's text.
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
                Pbkdf2::django(kind, rest).and_then(|read| read.hash(text, Recipe::Pbkdf2))
            }
            "argon2" => {
                Argon2::phc(&text[kind.len()..]).and_then(|read| read.hash(text, Recipe::Argon2))
            }
            "bcrypt" => Bcrypt::plain(rest).and_then(|read| read.hash(text, Recipe::Bcrypt)),
            "bcrypt_sha256" => {
                Bcrypt::of_sha256(rest).and_then(|read| read.hash(text, Recipe::Bcrypt))
            }
            "scrypt" => Scrypt::django(rest).and_then(|read| read.hash(text, Recipe::Scrypt)),
            "" => match rest.split('$').next().unwrap_or_default() {
                "argon2id" | "argon2i" | "argon2d" => {
                    Argon2::phc(text).and_then(|read| read.hash(text, Recipe::Argon2))
                }
                "2a" | "2b" | "2y" => {
                    Bcrypt::plain(text).and_then(|read| read.hash(text, Recipe::Bcrypt))
                }
                "pbkdf2" | "pbkdf2-sha1" | "pbkdf2-sha256" | "pbkdf2-sha512" => {
                    Pbkdf2::phc(text).and_then(|read| read.hash(text, Recipe::Pbkdf2))
                }
                "scrypt" => Scrypt::phc(text).and_then(|read| read.hash(text, Recipe::Scrypt)),
                "firescrypt" => {
                    Firescrypt::parse(text).and_then(|read| read.hash(text, Recipe::Firescrypt))
                }
                _ => Err(Unknown),
            },
            _ if text.contains(':') => {
                Scrypt::better_auth(text).and_then(|read| read.hash(text, Recipe::Scrypt))
            }
            _ => Err(Unknown),
        }
    }

    /// Whether the hash is of this password; the comparison takes the same time wherever they differ.
    pub fn matches(&self, password: &str) -> Result<bool, DeriveError> {
        Ok(self.derive(password)? == self.digest)
    }

    /// The digest of a password by this hash's recipe.
    pub fn derive(&self, password: &str) -> Result<Output, DeriveError> {
        let mut bytes = [0; Output::MAX_LENGTH];
        let out = bytes.get_mut(..self.digest.len()).ok_or(DeriveError)?;
        match &self.recipe {
            Recipe::Argon2(recipe) => recipe.derive(password, out),
            Recipe::Bcrypt(recipe) => recipe.derive(password, out),
            Recipe::Firescrypt(recipe) => recipe.derive(password, out),
            Recipe::Pbkdf2(recipe) => {
                recipe.derive(password, out);
                Ok(())
            }
            Recipe::Scrypt(recipe) => recipe.derive(password, out),
        }?;
        Output::new(out).map_err(|_| DeriveError)
    }

    /// Whether the hash may be that of another password, too, which begins like this one: bcrypt does not read on after
    /// 72 bytes. A hash of all that was typed would then refuse the right password.
    pub fn may_cut(&self, password: &str) -> bool {
        matches!(&self.recipe, Recipe::Bcrypt(recipe) if recipe.may_cut(password))
    }

    /// Returns what of a password's spelling counts.
    pub fn spelling(&self) -> Spelling {
        match &self.recipe {
            Recipe::Scrypt(recipe) => recipe.spelling(),
            Recipe::Argon2(_) | Recipe::Bcrypt(_) | Recipe::Firescrypt(_) | Recipe::Pbkdf2(_) => {
                Spelling::AsTyped
            }
        }
    }

    /// The digest that the right password has.
    pub fn digest(&self) -> &Output {
        &self.digest
    }

    /// The hash's text with zeros in the digest's place: its recipe, which reads back by [`ForeignHash::parse`].
    pub fn without_digest(&self) -> &str {
        &self.blank
    }

    /// How much work a check is.
    pub fn weight(&self) -> Weight {
        match &self.recipe {
            Recipe::Argon2(recipe) => recipe.weight(),
            Recipe::Bcrypt(recipe) => recipe.weight(),
            Recipe::Firescrypt(recipe) => recipe.weight(),
            Recipe::Pbkdf2(recipe) => recipe.weight(self.digest.len()),
            Recipe::Scrypt(recipe) => recipe.weight(),
        }
    }
}

impl<R> Read<'_, R> {
    /// `text` is what the parts were read from.
    fn hash(
        self,
        text: &str,
        recipe: impl Fn(R) -> Recipe,
    ) -> Result<ForeignHash, ForeignHashError> {
        let digest = Output::new(&self.digest)
            .map_err(|_| ForeignHashError::Broken("its digest is too short or too long"))?;
        let zeros: String = self
            .written
            .chars()
            .map(|char| if char == '=' { "=" } else { self.zero })
            .collect();
        let start = self.written.as_ptr() as usize - text.as_ptr() as usize;
        let mut blank = text.to_owned();
        blank.replace_range(start..start + zeros.len(), &zeros);
        Ok(ForeignHash {
            recipe: recipe(self.recipe),
            digest,
            blank,
        })
    }
}

/// A number in decimal digits; what is too large for any cost is as good as the largest.
fn number(digits: &str) -> Result<u32, ForeignHashError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ForeignHashError::Broken("a number is none"));
    }
    Ok(digits.parse().unwrap_or(u32::MAX))
}

/// Bytes in base64.
fn base64(text: &str) -> Result<Vec<u8>, ForeignHashError> {
    BASE64
        .decode(text)
        .map_err(|_| ForeignHashError::Broken("it is no base64"))
}

/// The parts between `$`, exactly as many as there must be.
fn parts<const N: usize>(text: &str) -> Result<[&str; N], ForeignHashError> {
    text.split('$')
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| ForeignHashError::Broken("it has a part too many or too few"))
}
