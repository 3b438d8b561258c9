//! Passwords as typed, and the rules for new ones.

pub mod common;

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// Minimum characters of a new password (ASVS 6.2.1).
pub const MIN_CHARS: usize = 8;
/// Maximum characters of a password (ASVS 6.2.9 requires at least 64). A longer text is never hashed.
pub const MAX_CHARS: usize = 256;

/// A password of a length that may be hashed, exactly as received (ASVS 6.2.8): not trimmed, truncated or normalized.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

/// Why a new password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Fewer than [`MIN_CHARS`] code points.
    #[error("Password must have at least {MIN_CHARS} characters")]
    TooShort,
    /// More than [`MAX_CHARS`] code points.
    #[error("Password must have at most {MAX_CHARS} characters")]
    TooLong,
    /// One of the passwords that attackers try first.
    #[error("Password is too easy to guess")]
    TooCommon,
}

impl Password {
    /// Checks the length of a new password.
    pub fn new(typed: SecretString) -> Result<Self, PasswordError> {
        match typed.expose_secret().chars().count() {
            ..MIN_CHARS => Err(PasswordError::TooShort),
            MIN_CHARS..=MAX_CHARS => Ok(Self(typed)),
            _ => Err(PasswordError::TooLong),
        }
    }

    /// Accepts a password for comparison with a stored hash. Returns `None` if it is longer than any password can be.
    ///
    /// The rules for new passwords do not apply: the stored password may be from a time with other rules.
    pub fn attempt(typed: SecretString) -> Option<Self> {
        (typed.expose_secret().chars().count() <= MAX_CHARS).then_some(Self(typed))
    }

    /// Returns the text, to search for words in it.
    pub fn as_str(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns the bytes to hash.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_a_code_point_not_a_byte() {
        assert!(Password::new("ééééééé".into()).is_err_and(|e| e == PasswordError::TooShort));
        assert!(Password::new("éééééééé".into()).is_ok());
        assert!(Password::new("🐎".repeat(256).into()).is_ok());
        assert!(Password::new("🐎".repeat(257).into()).is_err_and(|e| e == PasswordError::TooLong));
    }

    #[test]
    fn a_password_shows_nothing_of_itself_in_debug_output() {
        let password = Password::attempt("correct horse".into());
        assert!(!format!("{password:?}").contains("horse"));
    }
}
