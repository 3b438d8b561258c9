//! What is stored where a password's hash is: ours, another system's, another system's wrapped in ours, or none.

use argon2::{Params, password_hash::phc::PasswordHash};

use super::{
    argon2id::{self, Argon2Error, Memory, Verification},
    foreign::{ForeignHash, ForeignHashError, Weight},
    pepper::Peppers,
    spelling::Spelling,
};
use crate::domain::password::Password;

/// What our own strings begin with.
const OURS: &str = "$argon2id$v=19$";
/// What wrapped ones begin with: `gatelodge-wrapped$`, the inner hash with zeros for its digest, and our own string
/// of the inner digest.
const WRAPPED: &str = "gatelodge-wrapped$";
/// Most memory of one of ours: as much as the setting may ask for.
const MAX_MEMORY_KIB: u32 = 1024 * 1024;
/// Most passes and lanes of one of ours, by the same reason.
const MAX_PASSES: u32 = 64;

/// Most memory of an imported string of ours, in KiB.
const MAX_IMPORTED_KIB: u32 = 256 * 1024;
/// Most memory that it goes over in all its passes, in KiB.
const MAX_IMPORTED_WORK_KIB: u64 = 2 * 1024 * 1024;

/// Stored in the place of a hash that nothing matches.
pub const UNUSABLE: &str = "!";

/// The kinds by which checks differ in their time.
pub const KINDS: &[&str] = &[
    "argon2",
    "bcrypt",
    "firescrypt",
    "pbkdf2-sha1",
    "pbkdf2-sha256",
    "pbkdf2-sha512",
    "scrypt",
    "wrapped-argon2",
    "wrapped-bcrypt",
    "wrapped-firescrypt",
    "wrapped-pbkdf2-sha1",
    "wrapped-pbkdf2-sha256",
    "wrapped-pbkdf2-sha512",
    "wrapped-scrypt",
];

/// A stored hash that can be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredHash {
    /// A PHC string of argon2id, made by us or of the same form.
    Ours(String),
    /// Made by another system.
    Foreign(ForeignHash),
    /// The digest of another system's recipe, hashed by us.
    Wrapped(ForeignHash, String),
}

impl StoredHash {
    /// Reads what is stored, or what is to be.
    pub fn parse(text: &str) -> Result<Self, ForeignHashError> {
        if text.starts_with(OURS) {
            return ours(text).map(Self::Ours);
        }
        let Some(wrapped) = text.strip_prefix(WRAPPED) else {
            return ForeignHash::parse(text).map(Self::Foreign);
        };
        // The inner one may be argon2id, too.
        let outer = wrapped
            .rfind(OURS)
            .ok_or(ForeignHashError::Broken("nothing is wrapped around it"))?;
        let (inner, outer) = wrapped.split_at(outer);
        Ok(Self::Wrapped(ForeignHash::parse(inner)?, ours(outer)?))
    }

    /// The text of a foreign hash that `outer`, a hash of its digest, was put around.
    pub fn wrapped(inner: &ForeignHash, outer: &str) -> String {
        format!("{WRAPPED}{}{outer}", inner.without_digest())
    }

    /// Returns what of a password's spelling counts for this hash, and for the one that replaces it.
    pub fn spelling(&self) -> Spelling {
        match self {
            Self::Ours(hash) => PasswordHash::new(hash)
                .ok()
                .and_then(|parsed| Params::try_from(&parsed).ok())
                .map_or(Spelling::AsTyped, |params| Spelling::of(&params)),
            Self::Foreign(hash) | Self::Wrapped(hash, _) => hash.spelling(),
        }
    }

    /// Checks a password. A hash that is not ours alone is stale: the login that finds the password right makes it anew,
    /// unless the password may be the beginning of the right one, or go on where the right one ends.
    pub fn check(
        &self,
        today: &Params,
        peppers: &Peppers,
        password: &Password,
        memory: &mut Memory,
    ) -> Result<Verification, Argon2Error> {
        let verdict = match self {
            Self::Ours(hash) => {
                let input = self.spelling().apply(password.as_str());
                argon2id::verify(today, peppers, input.as_bytes(), hash, memory)?
            }
            Self::Foreign(hash) if hash.matches(password.as_str())? => Verification::Match {
                stale: !hash.may_cut(password.as_str()),
            },
            Self::Foreign(_) => Verification::Mismatch,
            Self::Wrapped(inner, outer) => {
                let digest = inner.derive(password.as_str())?;
                match argon2id::verify(today, peppers, digest.as_bytes(), outer, memory)? {
                    Verification::Match { .. } => Verification::Match {
                        stale: !inner.may_cut(password.as_str()),
                    },
                    verdict @ (Verification::Mismatch | Verification::NoPepper) => verdict,
                }
            }
        };
        // What another cost took more is given back: the memory of all workers stays bounded by today's.
        memory.keep(today);
        Ok(verdict)
    }

    /// What is to be wrapped: any hash of another system, but argon2id that costs as much as ours does today, or that a
    /// pepper keeps.
    pub fn to_wrap(&self, todays_cost: u32) -> Option<ForeignHash> {
        match self {
            Self::Ours(hash) if ours_weight(hash)?.cost < todays_cost => {
                ForeignHash::parse(hash).ok()
            }
            Self::Ours(_) | Self::Wrapped(..) => None,
            Self::Foreign(hash) => Some(hash.clone()),
        }
    }

    /// Judges what comes from elsewhere: our own strings may cost more only when the setting asks for it, whatever they
    /// are wrapped around and whichever pepper they name.
    pub fn imported(self) -> Result<Self, ForeignHashError> {
        if let Self::Ours(text) | Self::Wrapped(_, text) = &self {
            let params = PasswordHash::new(text)
                .ok()
                .and_then(|parsed| Params::try_from(&parsed).ok())
                .ok_or(ForeignHashError::Broken("it is no PHC string"))?;
            let transaction = u64::from(params.m_cost()) * u64::from(params.t_cost());
            if params.m_cost() > MAX_IMPORTED_KIB || transaction > MAX_IMPORTED_WORK_KIB {
                return Err(ForeignHashError::TooCostly(
                    "argon2 takes more than 256 MiB, or goes over 2 GiB",
                ));
            }
        }
        Ok(self)
    }

    /// How much work its check is.
    pub fn weight(&self) -> Option<Weight> {
        match self {
            Self::Ours(hash) => ours_weight(hash),
            Self::Foreign(hash) => Some(hash.weight()),
            Self::Wrapped(hash, _) => {
                let Weight { kind, cost } = hash.weight();
                let is_it = |name: &&str| name.strip_prefix("wrapped-") == Some(kind);
                let kind = KINDS.iter().copied().find(is_it)?;
                Some(Weight { kind, cost })
            }
        }
    }
}

/// Judges one of our own strings before it is computed: the database may hold what we never wrote.
fn ours(text: &str) -> Result<String, ForeignHashError> {
    use ForeignHashError::{Broken, TooCostly};
    let parsed = PasswordHash::new(text).map_err(|_| Broken("it is no PHC string"))?;
    if parsed.salt.is_none() || parsed.hash.is_none() {
        return Err(Broken("it has no salt or no digest"));
    }
    let params =
        Params::try_from(&parsed).map_err(|_| Broken("its parameters are none of argon2"))?;
    if params.m_cost() > MAX_MEMORY_KIB
        || params.t_cost() > MAX_PASSES
        || params.p_cost() > MAX_PASSES
    {
        return Err(TooCostly("argon2 takes more than Gatelodge can be set to"));
    }
    Ok(text.to_owned())
}

/// The work of one of ours.
fn ours_weight(text: &str) -> Option<Weight> {
    let params = Params::try_from(&PasswordHash::new(text).ok()?).ok()?;
    Some(weight_of(&params))
}

/// The work of one of ours, in the unit of the other argon2 hashes: KiB gone over.
pub fn weight_of(params: &Params) -> Weight {
    Weight {
        kind: "argon2",
        cost: params.m_cost().saturating_mul(params.t_cost()),
    }
}
