//! scrypt: Django's `scrypt$N$salt$r$p$digest`, PHC strings (`$scrypt$ln=…`), and better-auth's `salt:digest` in hexadecimal.

use ::scrypt::{Params, scrypt};

use super::{
    DeriveError,
    ForeignHashError::{self, Broken, TooCostly, Unknown},
    Read, Weight, base64, number, parts,
    phc::Phc,
};
use crate::auth::password::spelling::Spelling;

/// Most memory of one hash: 128 MiB.
const MAX_MEMORY: u64 = 128 * 1024 * 1024;
/// Most bytes that one hash goes over in all its lanes, which run one after the other here: 1 GiB, about two seconds.
const MAX_WORK: u64 = 1024 * 1024 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scrypt {
    cost: ScryptCost,
    salt: Vec<u8>,
    /// What of the password's spelling counts.
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
    pub fn django(rest: &str) -> Result<Read<'_, Self>, ForeignHashError> {
        let [n, salt, r, p, written] = parts(rest)?;
        let n = number(n)?;
        if !n.is_power_of_two() && n != u32::MAX {
            return Err(Broken("scrypt's N is no power of two"));
        }
        let log_n = if n == u32::MAX { u32::MAX } else { n.ilog2() };
        Ok(Read {
            recipe: Self {
                cost: ScryptCost::new(log_n, number(r)?, number(p)?)?,
                // Django salts with the text itself.
                salt: salt.as_bytes().to_vec(),
                spelling: Spelling::AsTyped,
            },
            written,
            digest: base64(written)?,
            zero: "A",
        })
    }

    pub fn phc(text: &str) -> Result<Read<'_, Self>, ForeignHashError> {
        let mut phc = Phc::parse(text)?;
        let mut take = |name| phc.take(name).ok_or(Broken("it tells no cost"));
        let cost = ScryptCost::new(take("ln")?, take("r")?, take("p")?)?;
        phc.nothing_left()?;
        Ok(Read {
            recipe: Self {
                cost,
                salt: phc.salt,
                spelling: Spelling::AsTyped,
            },
            written: phc.written,
            digest: phc.digest,
            zero: "A",
        })
    }

    /// The default of better-auth, which has one cost and writes no name before it.
    pub fn better_auth(text: &str) -> Result<Read<'_, Self>, ForeignHashError> {
        let (salt, written) = text.split_once(':').ok_or(Unknown)?;
        let mut digest = vec![0; 64];
        if salt.len() != 32
            || !salt.bytes().all(|byte| byte.is_ascii_hexdigit())
            || written.len() != 128
        {
            return Err(Unknown);
        }
        base16ct::mixed::decode(written, &mut digest).map_err(|_| Unknown)?;
        Ok(Read {
            recipe: Self {
                cost: ScryptCost {
                    log_n: 14,
                    r: 16,
                    p: 1,
                },
                // It salts with the digits and not with the bytes.
                salt: salt.as_bytes().to_vec(),
                spelling: Spelling::Nfkc,
            },
            written,
            digest,
            zero: "0",
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
    /// Judges a cost before anything is allocated by it.
    pub fn new(log_n: u32, r: u32, p: u32) -> Result<Self, ForeignHashError> {
        if log_n == 0 || r == 0 || p == 0 {
            return Err(Broken("scrypt has no cost of nothing"));
        }
        let memory = 1_u64
            .checked_shl(log_n)
            .and_then(|n| n.checked_mul(128 * u64::from(r)));
        let Some(memory) = memory.filter(|memory| log_n < 32 && *memory <= MAX_MEMORY) else {
            return Err(TooCostly("scrypt takes more than 128 MiB"));
        };
        // Each lane has a buffer of its own beside that.
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

    /// KiB gone over.
    pub fn kib(self) -> u32 {
        let bytes = (128 * u64::from(self.r) * u64::from(self.p)) << self.log_n;
        u32::try_from(bytes / 1024).unwrap_or(u32::MAX)
    }
}
