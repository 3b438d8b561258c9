//! Randomness as a parameter: tokens, salts and ids come from one place, and tests can take it away.

use thiserror::Error;

/// The source of randomness did not answer.
#[derive(Debug, Error)]
#[error("no randomness to be had: {0}")]
pub struct EntropyError(pub String);

/// Where random bytes come from.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes` with randomness fit for secrets (ASVS 11.5.1: a CSPRNG, 128 bits and more).
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the randomness comes from"
    )]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|error| EntropyError(error.to_string()))
    }
}
