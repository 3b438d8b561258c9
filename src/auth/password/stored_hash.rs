//! Stored password hashes: ours, another system's, another system's wrapped in ours, or none.

use argon2::{Params, password_hash::phc::PasswordHash};

use super::{
    argon2id::{self, Argon2Error, Memory, Verification},
    foreign::{ForeignHash, ForeignHashError, Weight},
    pepper::Peppers,
    spelling::Spelling,
};
use crate::domain::password::Password;

/// The prefix of our own strings.
const OURS: &str = "$argon2id$v=19$";
/// The prefix of wrapped hashes: `gatelodge-wrapped$`, the inner hash with zeros for its digest, and our own hash of
/// the inner digest.
const WRAPPED: &str = "gatelodge-wrapped$";
/// The maximum memory of our own hashes: the maximum of the setting.
const MAX_MEMORY_KIB: u32 = 1024 * 1024;
/// The maximum passes and lanes of our own hashes, for the same reason.
const MAX_PASSES: u32 = 64;

/// The maximum memory of an imported string of ours, in KiB.
const MAX_IMPORTED_KIB: u32 = 256 * 1024;
/// The maximum memory that its passes process in total, in KiB.
const MAX_IMPORTED_WORK_KIB: u64 = 2 * 1024 * 1024;

/// Stored instead of a hash. No password matches it.
pub const UNUSABLE: &str = "!";

/// The kinds of hashes whose checks take different times.
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
    /// A PHC string of argon2id, made by us or in the same form.
    Ours(String),
    /// A hash of another system.
    Foreign(ForeignHash),
    /// A hash of another system, whose digest is hashed by us.
    Wrapped(ForeignHash, String),
}

impl StoredHash {
    /// Parses a stored or imported hash.
    pub fn parse(text: &str) -> Result<Self, ForeignHashError> {
        if text.starts_with(OURS) {
            return ours(text).map(Self::Ours);
        }
        let Some(wrapped) = text.strip_prefix(WRAPPED) else {
            return ForeignHash::parse(text).map(Self::Foreign);
        };
        // The inner hash may be argon2id, too.
        let outer = wrapped
            .rfind(OURS)
            .ok_or(ForeignHashError::Broken("it has no outer hash"))?;
        let (inner, outer) = wrapped.split_at(outer);
        Ok(Self::Wrapped(ForeignHash::parse(inner)?, ours(outer)?))
    }

    /// Returns the text of a wrapped hash: `outer` is our hash of the digest of `inner`.
    pub fn wrapped(inner: &ForeignHash, outer: &str) -> String {
        format!("{WRAPPED}{}{outer}", inner.without_digest())
    }

    /// Returns the form of the password that this hash and its replacement use.
    pub fn spelling(&self) -> Spelling {
        match self {
            Self::Ours(hash) => PasswordHash::new(hash)
                .ok()
                .and_then(|parsed| Params::try_from(&parsed).ok())
                .map_or(Spelling::AsTyped, |params| Spelling::of(&params)),
            Self::Foreign(hash) | Self::Wrapped(hash, _) => hash.spelling(),
        }
    }

    /// Checks a password. A hash that is not only ours needs a rehash: the login replaces it if the password is right.
    /// Exception: the hash ignores the end of the password, so that another password may be the right one.
    pub fn check(
        &self,
        today: &Params,
        peppers: &Peppers,
        password: &Password,
        memory: &mut Memory,
    ) -> Result<Verification, Argon2Error> {
        let verification = match self {
            Self::Ours(hash) => {
                let input = self.spelling().apply(password.as_str());
                argon2id::verify(today, peppers, input.as_bytes(), hash, memory)?
            }
            Self::Foreign(hash) if hash.matches(password.as_str())? => Verification::Match {
                needs_rehash: !hash.may_cut(password.as_str()),
            },
            Self::Foreign(_) => Verification::Mismatch,
            Self::Wrapped(inner, outer) => {
                let digest = inner.derive(password.as_str())?;
                match argon2id::verify(today, peppers, digest.as_bytes(), outer, memory)? {
                    Verification::Match { .. } => Verification::Match {
                        needs_rehash: !inner.may_cut(password.as_str()),
                    },
                    verification @ (Verification::Mismatch | Verification::NoPepper) => {
                        verification
                    }
                }
            }
        };
        // Frees memory above the current cost, so that the memory of all workers stays bounded.
        memory.keep(today);
        Ok(verification)
    }

    /// Returns the hash to wrap: any hash of another system. Argon2id of at least the current cost, or with a pepper,
    /// is not wrapped.
    pub fn to_wrap(&self, todays_cost: u32) -> Option<ForeignHash> {
        match self {
            Self::Ours(hash) if ours_weight(hash)?.cost < todays_cost => {
                ForeignHash::parse(hash).ok()
            }
            Self::Ours(_) | Self::Wrapped(..) => None,
            Self::Foreign(hash) => Some(hash.clone()),
        }
    }

    /// Validates an imported hash: our own strings may cost more only if the setting asks for it. The same holds for
    /// wrapped hashes and for any pepper.
    pub fn imported(self) -> Result<Self, ForeignHashError> {
        if let Self::Ours(text) | Self::Wrapped(_, text) = &self {
            let params = PasswordHash::new(text)
                .ok()
                .and_then(|parsed| Params::try_from(&parsed).ok())
                .ok_or(ForeignHashError::Broken("it is not a PHC string"))?;
            let work_kib = u64::from(params.m_cost()) * u64::from(params.t_cost());
            if params.m_cost() > MAX_IMPORTED_KIB || work_kib > MAX_IMPORTED_WORK_KIB {
                return Err(ForeignHashError::TooCostly(
                    "argon2 takes more than 256 MiB, or goes over 2 GiB",
                ));
            }
        }
        Ok(self)
    }

    /// Returns how much work a check is.
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

/// Validates one of our own strings before it is computed: the database may contain strings that we never wrote.
fn ours(text: &str) -> Result<String, ForeignHashError> {
    use ForeignHashError::{Broken, TooCostly};
    let parsed = PasswordHash::new(text).map_err(|_| Broken("it is not a PHC string"))?;
    if parsed.salt.is_none() || parsed.hash.is_none() {
        return Err(Broken("it has no salt or no digest"));
    }
    let params = Params::try_from(&parsed)
        .map_err(|_| Broken("its parameters are not argon2 parameters"))?;
    if params.m_cost() > MAX_MEMORY_KIB
        || params.t_cost() > MAX_PASSES
        || params.p_cost() > MAX_PASSES
    {
        return Err(TooCostly("argon2 takes more than Gatelodge can be set to"));
    }
    Ok(text.to_owned())
}

/// Returns the work of one of our hashes.
fn ours_weight(text: &str) -> Option<Weight> {
    let params = Params::try_from(&PasswordHash::new(text).ok()?).ok()?;
    Some(weight_of(&params))
}

/// Returns the work of our hashes in the unit of other argon2 hashes: KiB processed.
pub fn weight_of(params: &Params) -> Weight {
    Weight {
        kind: "argon2",
        cost: params.m_cost().saturating_mul(params.t_cost()),
    }
}
