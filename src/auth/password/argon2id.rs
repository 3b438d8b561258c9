//! Makes and checks argon2id hashes, in memory that the caller reuses.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt},
};
use thiserror::Error;

use super::{foreign::DeriveError, pepper::Peppers, spelling::is_same_cost};

/// Bytes of a hash.
const OUTPUT_LEN: usize = 32;

/// A hash that cannot be made, or a stored one that cannot be read.
#[derive(Debug, Error)]
#[error("argon2id: {0}")]
pub struct Argon2Error(String);

impl Argon2Error {
    /// Wraps an error of the library.
    pub fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

fn error(error: impl std::fmt::Display) -> Argon2Error {
    Argon2Error::new(error)
}

/// The result of a password check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// The password is wrong.
    Mismatch,
    /// The password is right.
    Match {
        /// The hash has another cost or pepper than new hashes, and should be replaced.
        needs_rehash: bool,
    },
    /// Unknown: the hash needs a pepper that is not configured. Nothing was computed.
    NoPepper,
}

/// The memory of one worker. A fresh allocation of 19 MiB per hash would cost a quarter more time.
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

    /// Frees the memory above what current hashes need.
    pub fn keep(&mut self, today: &Params) {
        self.0.truncate(today.block_count());
        self.0.shrink_to_fit();
    }
}

impl From<DeriveError> for Argon2Error {
    fn from(derive: DeriveError) -> Self {
        error(derive)
    }
}

/// Returns the parameters of new hashes.
///
/// A parsed hash contains its output length. So ours must contain it too, or every hash would need a rehash.
pub fn params(memory_kib: u32, iterations: u32, lanes: u32) -> Result<Params, Argon2Error> {
    Params::new(memory_kib, iterations, lanes, Some(OUTPUT_LEN)).map_err(error)
}

/// Hashes a password into a PHC string.
pub fn hash(
    params: &Params,
    peppers: &Peppers,
    password: &[u8],
    salt: &[u8],
    memory: &mut Memory,
) -> Result<String, Argon2Error> {
    let input = peppers
        .apply(params, password)
        .ok_or_else(|| error("the current pepper is not configured"))?;
    let output = compute(params, Version::V0x13, &input, salt, memory)?;
    let hash = PasswordHash {
        algorithm: Ident::new(Algorithm::Argon2id.as_str()).map_err(error)?,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(error)?,
        salt: Some(Salt::new(salt).map_err(error)?),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

/// Checks a password against a stored PHC string. The time depends on the string only, not on the password.
pub fn verify(
    today: &Params,
    peppers: &Peppers,
    password: &[u8],
    stored: &str,
    memory: &mut Memory,
) -> Result<Verification, Argon2Error> {
    let parsed = PasswordHash::new(stored).map_err(error)?;
    let (Some(salt), Some(expected)) = (&parsed.salt, &parsed.hash) else {
        return Err(error("the stored string has no salt or no hash"));
    };
    if parsed.algorithm.as_str() != Algorithm::Argon2id.as_str() {
        return Err(error("the stored string has another algorithm"));
    }
    let version = parsed
        .version
        .map_or(Ok(Version::V0x13), Version::try_from)
        .map_err(error)?;
    let params = Params::try_from(&parsed).map_err(error)?;
    let Some(input) = peppers.apply(&params, password) else {
        return Ok(Verification::NoPepper);
    };
    let output = compute(&params, version, &input, salt.as_ref(), memory)?;
    // `Output` compares in constant time.
    Ok(if output == *expected {
        Verification::Match {
            needs_rehash: !is_same_cost(&params, today) || version != Version::V0x13,
        }
    } else {
        Verification::Mismatch
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
    use crate::config::{pepper::PepperList, values::named_secrets::NamedSecret};

    const SALT: &[u8] = b"sixteen bytes !!";

    fn cheap() -> Params {
        params(8, 1, 1).unwrap_or_default()
    }

    #[test]
    fn a_hash_matches_its_password_and_no_other() -> Result<(), Argon2Error> {
        let mut memory = Memory::default();
        let stored = hash(
            &cheap(),
            &Peppers::default(),
            b"correct horse",
            SALT,
            &mut memory,
        )?;
        assert!(
            stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"),
            "{stored}"
        );
        assert_eq!(
            verify(
                &cheap(),
                &Peppers::default(),
                b"correct horse",
                &stored,
                &mut memory
            )?,
            Verification::Match {
                needs_rehash: false
            }
        );
        assert_eq!(
            verify(
                &cheap(),
                &Peppers::default(),
                b"correct horsf",
                &stored,
                &mut memory
            )?,
            Verification::Mismatch
        );
        Ok(())
    }

    #[test]
    fn a_hash_of_another_cost_is_stale() -> Result<(), Argon2Error> {
        let mut memory = Memory::default();
        let stored = hash(
            &cheap(),
            &Peppers::default(),
            b"correct horse",
            SALT,
            &mut memory,
        )?;
        for (memory_kib, iterations) in [(16, 1), (8, 2)] {
            let today = params(memory_kib, iterations, 1)?;
            assert_eq!(
                verify(
                    &today,
                    &Peppers::default(),
                    b"correct horse",
                    &stored,
                    &mut memory
                )?,
                Verification::Match { needs_rehash: true }
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
                verify(&cheap(), &Peppers::default(), b"x", stored, &mut memory).is_err(),
                "{stored}"
            );
        }
    }

    fn peppered(current: Option<&str>, ids: &[&str]) -> (Peppers, Params) {
        let all = ids.iter().map(|id| NamedSecret {
            id: (*id).to_owned(),
            secret: id.repeat(32).into(),
        });
        let list = PepperList {
            current: current.map(str::to_owned),
            all: all.collect(),
        };
        Peppers::new(list, cheap()).unwrap()
    }

    #[test]
    fn a_pepper_can_be_begun_changed_and_ended_and_is_needed_where_it_was_used() {
        let mut memory = Memory::default();
        let bare = hash(&cheap(), &Peppers::default(), b"horse", SALT, &mut memory).unwrap();
        let (peppers, today) = peppered(Some("a"), &["a"]);
        let old = hash(&today, &peppers, b"horse", SALT, &mut memory).unwrap();
        assert!(old.contains(",keyid=YQ$"), "{old}");
        assert_ne!(bare.rsplit('$').next(), old.rsplit('$').next());

        let (good, needs_rehash) = (
            Verification::Match {
                needs_rehash: false,
            },
            Verification::Match { needs_rehash: true },
        );
        for (current, ids, stored, password, expected) in [
            (Some("a"), &["a"][..], &old, &b"horse"[..], good),
            (Some("a"), &["a"], &bare, b"horse", needs_rehash),
            (Some("b"), &["b", "a"], &old, b"horse", needs_rehash),
            (
                Some("b"),
                &["b", "a"],
                &old,
                b"horsf",
                Verification::Mismatch,
            ),
            (None, &["a"], &old, b"horse", needs_rehash),
            (None, &["a"], &bare, b"horse", good),
            (Some("b"), &["b"], &old, b"horse", Verification::NoPepper),
            (None, &[], &old, b"horse", Verification::NoPepper),
        ] {
            let (peppers, today) = peppered(current, ids);
            let verification = verify(&today, &peppers, password, stored, &mut memory).unwrap();
            assert_eq!(verification, expected, "{current:?} {ids:?} {stored}");
        }
        let other = PepperList {
            current: None,
            all: vec![NamedSecret {
                id: "a".to_owned(),
                secret: "another key under the same name".into(),
            }],
        };
        let (peppers, today) = Peppers::new(other, cheap()).unwrap();
        let verification = verify(&today, &peppers, b"horse", &old, &mut memory).unwrap();
        assert_eq!(verification, Verification::Mismatch);
    }
}
