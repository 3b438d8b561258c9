//! Which spellings of a password count as the same.
//!
//! Gatelodge hashes passwords as typed. Some systems hash the normal form NFKC, so that their users may type `ﬁ` for
//! `fi`, or `é` in one code point or two. A hash that replaces theirs keeps that rule, and names it in its associated
//! data. Versions that do not know the rule check the hash against the password as typed.

use argon2::{AssociatedData, KeyId, Params, ParamsBuilder};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::argon2id::Argon2Error;

/// The associated data of hashes of the NFKC form.
const NFKC: &[u8] = b"nfkc";

/// The form of a password that is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// The password as typed.
    AsTyped,
    /// The normal form NFKC (Unicode Standard Annex 15).
    Nfkc,
}

impl Spelling {
    /// Reads the rule from the parameters of one of our hashes.
    pub fn of(params: &Params) -> Self {
        if params.data() == NFKC {
            Self::Nfkc
        } else {
            Self::AsTyped
        }
    }

    /// Returns the parameters of a new hash with this rule.
    pub fn mark(self, today: &Params) -> Result<Params, Argon2Error> {
        if self == Self::AsTyped {
            return Ok(today.clone());
        }
        build(today, NFKC).map_err(Argon2Error::new)
    }

    /// Returns the form of a password that is hashed.
    pub fn apply(self, password: &str) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::AsTyped => password.to_owned(),
            Self::Nfkc => password.nfkc().collect(),
        })
    }
}

/// Returns whether two hashes differ at most in their spelling rule.
pub fn is_same_cost(params: &Params, today: &Params) -> bool {
    let bare = |params: &Params| build(params, &[]);
    match Spelling::of(params) {
        Spelling::AsTyped => params == today,
        Spelling::Nfkc => bare(params).is_ok_and(|params| params == *today),
    }
}

fn build(params: &Params, data: &[u8]) -> argon2::Result<Params> {
    let mut built = ParamsBuilder::new();
    built
        .m_cost(params.m_cost())
        .t_cost(params.t_cost())
        .p_cost(params.p_cost());
    if !params.keyid().is_empty() {
        built.keyid(KeyId::new(params.keyid())?);
    }
    if !data.is_empty() {
        built.data(AssociatedData::new(data)?);
    }
    if let Some(length) = params.output_len() {
        built.output_len(length);
    }
    built.build()
}
