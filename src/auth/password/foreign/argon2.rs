//! argon2id, argon2i and argon2d: PHC strings, as they are and as Django writes them (`argon2$argon2id$v=19$…`).

use ::argon2::{Algorithm, Argon2 as Function, Params, Version, password_hash::phc::PasswordHash};

use super::{
    DeriveError,
    ForeignHashError::{self, Broken, TooCostly},
    Read, Weight,
};

/// Most memory of one hash: 256 MiB.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
/// Most KiB that one hash goes over in all its passes: 2 GiB, about a second.
const MAX_WORK_KIB: u64 = 2 * 1024 * 1024;
/// Most lanes; they run one after the other here.
const MAX_LANES: u32 = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argon2 {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Vec<u8>,
}

impl Argon2 {
    pub fn phc(text: &str) -> Result<Read<'_, Self>, ForeignHashError> {
        let parsed = PasswordHash::new(text).map_err(|_| Broken("it is no PHC string"))?;
        let (Some(salt), Some(digest)) = (&parsed.salt, &parsed.hash) else {
            return Err(Broken("it has no salt or no digest"));
        };
        let params =
            Params::try_from(&parsed).map_err(|_| Broken("its parameters are none of argon2"))?;
        if params.m_cost() > MAX_MEMORY_KIB {
            return Err(TooCostly("argon2 takes more than 256 MiB"));
        }
        if transaction(&params) > MAX_WORK_KIB || params.p_cost() > MAX_LANES {
            return Err(TooCostly("argon2 takes too many passes or lanes"));
        }
        if !params.keyid().is_empty() || !params.data().is_empty() {
            return Err(Broken("it names a key that only its writer has"));
        }
        Ok(Read {
            recipe: Self {
                algorithm: Algorithm::new(parsed.algorithm.as_str())
                    .map_err(|_| Broken("its algorithm is none of argon2"))?,
                // A string that names no version is of the one before there were names.
                version: parsed
                    .version
                    .map_or(Ok(Version::V0x10), Version::try_from)
                    .map_err(|_| Broken("its version of argon2 is unknown"))?,
                params,
                salt: salt.as_ref().to_vec(),
            },
            written: text.rsplit('$').next().unwrap_or_default(),
            digest: digest.as_bytes().to_vec(),
            zero: "A",
        })
    }

    pub fn derive(&self, password: &str, out: &mut [u8]) -> Result<(), DeriveError> {
        Function::new(self.algorithm, self.version, self.params.clone())
            .hash_password_into(password.as_bytes(), &self.salt, out)
            .map_err(|_| DeriveError)
    }

    pub fn weight(&self) -> Weight {
        Weight {
            kind: "argon2",
            cost: u32::try_from(transaction(&self.params)).unwrap_or(u32::MAX),
        }
    }
}

/// KiB gone over.
fn transaction(params: &Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}
