//! argon2id, argon2i and argon2d: PHC strings, plain or as Django writes them (`argon2$argon2id$v=19$…`).

use ::argon2::{Algorithm, Argon2 as Function, Params, Version, password_hash::phc::PasswordHash};

use super::{
    DeriveError,
    ForeignHashError::{self, Broken, TooCostly},
    Parsed, Weight,
};

/// The maximum memory of one hash: 256 MiB.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
/// The maximum KiB that all passes of one hash process: 2 GiB, about a second.
const MAX_WORK_KIB: u64 = 2 * 1024 * 1024;
/// The maximum lanes; here they run one after the other.
const MAX_LANES: u32 = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argon2 {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Vec<u8>,
}

impl Argon2 {
    pub fn phc(text: &str) -> Result<Parsed<'_, Self>, ForeignHashError> {
        let parsed = PasswordHash::new(text).map_err(|_| Broken("it is not a PHC string"))?;
        let (Some(salt), Some(digest)) = (&parsed.salt, &parsed.hash) else {
            return Err(Broken("it has no salt or no digest"));
        };
        let params = Params::try_from(&parsed)
            .map_err(|_| Broken("its parameters are not argon2 parameters"))?;
        if params.m_cost() > MAX_MEMORY_KIB {
            return Err(TooCostly("argon2 takes more than 256 MiB"));
        }
        if work_kib(&params) > MAX_WORK_KIB || params.p_cost() > MAX_LANES {
            return Err(TooCostly("argon2 takes too many passes or lanes"));
        }
        if !params.keyid().is_empty() || !params.data().is_empty() {
            return Err(Broken("it needs a key that only the other system has"));
        }
        Ok(Parsed {
            scheme: Self {
                algorithm: Algorithm::new(parsed.algorithm.as_str())
                    .map_err(|_| Broken("its algorithm is not argon2"))?,
                // A string without a version has the version from before strings named it.
                version: parsed
                    .version
                    .map_or(Ok(Version::V0x10), Version::try_from)
                    .map_err(|_| Broken("its version of argon2 is unknown"))?,
                params,
                salt: salt.as_ref().to_vec(),
            },
            encoded_digest: text.rsplit('$').next().unwrap_or_default(),
            digest: digest.as_bytes().to_vec(),
            zero_digit: "A",
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
            cost: u32::try_from(work_kib(&self.params)).unwrap_or(u32::MAX),
        }
    }
}

/// Returns the KiB that all passes process.
fn work_kib(params: &Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}
