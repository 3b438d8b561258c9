//! One argon2id hash, made or checked, in memory that the caller keeps from hash to hash.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt},
};
use thiserror::Error;

/// Bytes of a hash.
const OUTPUT_LEN: usize = 32;

/// A hash that cannot be made, or a stored one that cannot be read.
#[derive(Debug, Error)]
#[error("argon2id: {0}")]
pub struct Argon2Error(String);

fn error(error: impl std::fmt::Display) -> Argon2Error {
    Argon2Error(error.to_string())
}

/// What a password is found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not the right one.
    Mismatch,
    /// The right one.
    Match {
        /// Its hash was made at another cost than today's, and should be made anew.
        stale: bool,
    },
}

/// The memory of one worker: a fresh 19 MiB per hash would cost a quarter more time.
#[derive(Default)]
pub struct Memory(Vec<Block>);

impl Memory {
    fn blocks(&mut self, params: &Params) -> &mut [Block] {
        let count = params.block_count();
        if self.0.len() < count {
            self.0.resize(count, Block::default());
        }
        &mut self.0[..count]
    }
}

/// Today's parameters.
///
/// A parsed hash says how long it is, so ours must say so too, or every hash would look stale.
pub fn params(memory_kib: u32, iterations: u32, lanes: u32) -> Result<Params, Argon2Error> {
    Params::new(memory_kib, iterations, lanes, Some(OUTPUT_LEN)).map_err(error)
}

/// Makes a PHC string of a password.
pub fn hash(
    params: &Params,
    password: &[u8],
    salt: &[u8],
    memory: &mut Memory,
) -> Result<String, Argon2Error> {
    let output = compute(params, Version::V0x13, password, salt, memory)?;
    let hash = PasswordHash {
        algorithm: Ident::new(Algorithm::Argon2id.as_str()).map_err(error)?,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(error)?,
        salt: Some(Salt::new(salt).map_err(error)?),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

/// Checks a password against a stored PHC string, in constant time but for what the string itself says.
pub fn verify(
    today: &Params,
    password: &[u8],
    stored: &str,
    memory: &mut Memory,
) -> Result<Verdict, Argon2Error> {
    let parsed = PasswordHash::new(stored).map_err(error)?;
    let (Some(salt), Some(expected)) = (&parsed.salt, &parsed.hash) else {
        return Err(error("the stored string has no salt or no hash"));
    };
    if parsed.algorithm.as_str() != Algorithm::Argon2id.as_str() {
        return Err(error("the stored string is of another algorithm"));
    }
    let version = parsed
        .version
        .map_or(Ok(Version::V0x13), Version::try_from)
        .map_err(error)?;
    let params = Params::try_from(&parsed).map_err(error)?;
    let output = compute(&params, version, password, salt.as_ref(), memory)?;
    // `Output` compares in constant time.
    Ok(if output == *expected {
        Verdict::Match {
            stale: params != *today || version != Version::V0x13,
        }
    } else {
        Verdict::Mismatch
    })
}

fn compute(
    params: &Params,
    version: Version,
    password: &[u8],
    salt: &[u8],
    memory: &mut Memory,
) -> Result<Output, Argon2Error> {
    let mut bytes = [0; Output::MAX_LENGTH];
    let length = params.output_len().unwrap_or(OUTPUT_LEN);
    let bytes = bytes
        .get_mut(..length)
        .ok_or_else(|| error("the stored hash is too long"))?;
    Argon2::new(Algorithm::Argon2id, version, params.clone())
        .hash_password_into_with_memory(password, salt, bytes, memory.blocks(params))
        .map_err(error)?;
    Output::new(bytes).map_err(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &[u8] = b"sixteen bytes !!";

    fn cheap() -> Params {
        params(8, 1, 1).unwrap_or_default()
    }

    #[test]
    fn a_hash_matches_its_password_and_no_other() -> Result<(), Argon2Error> {
        let mut memory = Memory::default();
        let stored = hash(&cheap(), b"correct horse", SALT, &mut memory)?;
        assert!(
            stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"),
            "{stored}"
        );
        assert_eq!(
            verify(&cheap(), b"correct horse", &stored, &mut memory)?,
            Verdict::Match { stale: false }
        );
        assert_eq!(
            verify(&cheap(), b"correct horsf", &stored, &mut memory)?,
            Verdict::Mismatch
        );
        Ok(())
    }

    #[test]
    fn a_hash_of_another_cost_is_stale() -> Result<(), Argon2Error> {
        let mut memory = Memory::default();
        let stored = hash(&cheap(), b"correct horse", SALT, &mut memory)?;
        for (memory_kib, iterations) in [(16, 1), (8, 2)] {
            let today = params(memory_kib, iterations, 1)?;
            assert_eq!(
                verify(&today, b"correct horse", &stored, &mut memory)?,
                Verdict::Match { stale: true }
            );
        }
        Ok(())
    }

    #[test]
    fn a_broken_stored_hash_is_an_error_and_no_match() {
        let mut memory = Memory::default();
        for stored in [
            "",
            "!",
            "plain",
            "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ",
            "$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(
                verify(&cheap(), b"x", stored, &mut memory).is_err(),
                "{stored}"
            );
        }
    }
}
