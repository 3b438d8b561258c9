//! Which spellings of a password are one password.
//!
//! Gatelodge hashes passwords as typed. Some systems hash the normal form NFKC, so that their users may type `ﬁ` for
//! `fi`, or `é` in one code point or two. A hash that replaces one of theirs keeps that rule: its associated data
//! names it. Versions that do not know the rule still check the hash, by what was typed.

use argon2::{AssociatedData, KeyId, Params, ParamsBuilder};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::argon2id::Argon2Error;

/// The associated data of hashes of the normal form.
const NFKC: &[u8] = b"nfkc";

/// What of a password's spelling counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// All of it.
    AsTyped,
    /// Its normal form NFKC (Unicode Standard Annex 15).
    Nfkc,
}

impl Spelling {
    /// Reads the rule of one of our hashes from its parameters.
    pub fn of(params: &Params) -> Self {
        if params.data() == NFKC {
            Self::Nfkc
        } else {
            Self::AsTyped
        }
    }

    /// Returns today's parameters for a hash with this rule.
    pub fn mark(self, today: &Params) -> Result<Params, Argon2Error> {
        if self == Self::AsTyped {
            return Ok(today.clone());
        }
        build(today, NFKC).map_err(Argon2Error::new)
    }

    /// Returns what is hashed in a password's place.
    pub fn apply(self, password: &str) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::AsTyped => password.to_owned(),
            Self::Nfkc => password.nfkc().collect(),
        })
    }
}

/// Whether two hashes differ in nothing but their rules of spelling.
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
