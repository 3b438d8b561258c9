//! scrypt: Django's `scrypt$N$salt$r$p$digest`, PHC strings (`$scrypt$ln=…`), and better-auth's `salt:digest` in hexadecimal.

use ::scrypt::{Params, scrypt};

use super::{
    DeriveError,
    ForeignHashError::{self, Broken, TooCostly, Unknown},
    Parsed, Weight, base64, number, parts,
    phc::Phc,
};
use crate::auth::password::spelling::Spelling;

/// The maximum memory of one hash: 128 MiB.
const MAX_MEMORY: u64 = 128 * 1024 * 1024;
/// The maximum bytes that all lanes of one hash process: 1 GiB, about two seconds. Here lanes run one after the other.
const MAX_WORK: u64 = 1024 * 1024 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scrypt {
    cost: ScryptCost,
    salt: Vec<u8>,
    /// The form of the password that is hashed.
    spelling: Spelling,
}

/// N as a power of two, r and p, within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScryptCost {
    log_n: u8,
    r: u32,
    p: u32,
}

impl Scrypt {
    pub fn django(rest: &str) -> Result<Parsed<'_, Self>, ForeignHashError> {
        let [n, salt, r, p, encoded_digest] = parts(rest)?;
        let n = number(n)?;
        if !n.is_power_of_two() && n != u32::MAX {
            return Err(Broken("scrypt's N is not a power of two"));
        }
        let log_n = if n == u32::MAX { u32::MAX } else { n.ilog2() };
        Ok(Parsed {
            scheme: Self {
                cost: ScryptCost::new(log_n, number(r)?, number(p)?)?,
                // Django uses the salt's text, not decoded bytes.
                salt: salt.as_bytes().to_vec(),
                spelling: Spelling::AsTyped,
            },
            encoded_digest,
            digest: base64(encoded_digest)?,
            zero_digit: "A",
        })
    }

    pub fn phc(text: &str) -> Result<Parsed<'_, Self>, ForeignHashError> {
        let mut phc = Phc::parse(text)?;
        let mut take = |name| phc.take(name).ok_or(Broken("it has no cost"));
        let cost = ScryptCost::new(take("ln")?, take("r")?, take("p")?)?;
        phc.expect_no_more()?;
        Ok(Parsed {
            scheme: Self {
                cost,
                salt: phc.salt,
                spelling: Spelling::AsTyped,
            },
            encoded_digest: phc.encoded_digest,
            digest: phc.digest,
            zero_digit: "A",
        })
    }

    /// Parses better-auth's default, which has one fixed cost and no name.
    pub fn better_auth(text: &str) -> Result<Parsed<'_, Self>, ForeignHashError> {
        let (salt, encoded_digest) = text.split_once(':').ok_or(Unknown)?;
        let mut digest = vec![0; 64];
        if salt.len() != 32
            || !salt.bytes().all(|byte| byte.is_ascii_hexdigit())
            || encoded_digest.len() != 128
        {
            return Err(Unknown);
        }
        base16ct::mixed::decode(encoded_digest, &mut digest).map_err(|_| Unknown)?;
        Ok(Parsed {
            scheme: Self {
                cost: ScryptCost {
                    log_n: 14,
                    r: 16,
                    p: 1,
                },
                // better-auth uses the hexadecimal digits as salt, not the bytes.
                salt: salt.as_bytes().to_vec(),
                spelling: Spelling::Nfkc,
            },
            encoded_digest,
            digest,
            zero_digit: "0",
        })
    }

    pub fn derive(&self, password: &str, out: &mut [u8]) -> Result<(), DeriveError> {
        let password = self.spelling.apply(password);
        self.cost.derive(password.as_bytes(), &self.salt, out)
    }

    pub fn spelling(&self) -> Spelling {
        self.spelling
    }

    pub fn weight(&self) -> Weight {
        Weight {
            kind: "scrypt",
            cost: self.cost.kib(),
        }
    }
}

impl ScryptCost {
    /// Validates a cost before anything is allocated.
    pub fn new(log_n: u32, r: u32, p: u32) -> Result<Self, ForeignHashError> {
        if log_n == 0 || r == 0 || p == 0 {
            return Err(Broken("a cost of scrypt is zero"));
        }
        let memory = 1_u64
            .checked_shl(log_n)
            .and_then(|n| n.checked_mul(128 * u64::from(r)));
        let Some(memory) = memory.filter(|memory| log_n < 32 && *memory <= MAX_MEMORY) else {
            return Err(TooCostly("scrypt takes more than 128 MiB"));
        };
        // Each lane also has its own buffer.
        if 128 * u64::from(r) * u64::from(p) > MAX_MEMORY {
            return Err(TooCostly("scrypt takes too many lanes"));
        }
        if memory.saturating_mul(p.into()) > MAX_WORK {
            return Err(TooCostly("scrypt takes too many lanes"));
        }
        let log_n = u8::try_from(log_n).map_err(|_| Broken("scrypt's N is too large"))?;
        Ok(Self { log_n, r, p })
    }

    pub fn derive(self, password: &[u8], salt: &[u8], out: &mut [u8]) -> Result<(), DeriveError> {
        let params = Params::new(self.log_n, self.r, self.p).map_err(|_| DeriveError)?;
        scrypt(password, salt, &params, out).map_err(|_| DeriveError)
    }

    /// Returns the KiB that all lanes process.
    pub fn kib(self) -> u32 {
        let bytes = (128 * u64::from(self.r) * u64::from(self.p)) << self.log_n;
        u32::try_from(bytes / 1024).unwrap_or(u32::MAX)
    }
}
