//! Peppers: who steals the database alone cannot guess at passwords, since their hashes want a key that is not in it.
//!
//! A password is hashed with the key (HMAC-SHA-256) before argon2id; the stored string names the key, so that it can
//! be changed: old ones go on verifying until each person has logged in.

use argon2::{KeyId, Params};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::argon2id::Argon2Error;
use crate::config::pepper::{Pepper, PepperList};

/// The keys of this deployment's hashes.
#[derive(Clone, Debug, Default)]
pub struct Peppers(Vec<Pepper>);

/// What argon2id is given: the password itself, or its keyed hash.
pub type Input = Zeroizing<Vec<u8>>;

impl Peppers {
    /// Takes the keys, and notes in today's parameters which of them new hashes have.
    ///
    /// So a hash without a pepper, or with an older one, is of other parameters than today's, and stale.
    pub fn new(list: PepperList, params: Params) -> Result<(Self, Params), Argon2Error> {
        let params = match &list.current {
            None => params,
            Some(id) => named(&params, id.as_bytes()).map_err(Argon2Error::new)?,
        };
        Ok((Self(list.all), params))
    }

    /// What a password is to be hashed as, by the parameters of its hash; `None` when they name a pepper that is
    /// not there.
    pub fn apply(&self, params: &Params, password: &[u8]) -> Option<Input> {
        let id = params.keyid();
        if id.is_empty() {
            return Some(Zeroizing::new(password.to_vec()));
        }
        let pepper = self.0.iter().find(|pepper| pepper.id.as_bytes() == id)?;
        keyed(&pepper.secret, password)
    }
}

fn named(params: &Params, id: &[u8]) -> argon2::Result<Params> {
    let mut named = argon2::ParamsBuilder::new();
    named
        .m_cost(params.m_cost())
        .t_cost(params.t_cost())
        .p_cost(params.p_cost())
        .keyid(KeyId::new(id)?);
    if let Some(length) = params.output_len() {
        named.output_len(length);
    }
    named.build()
}

fn keyed(secret: &SecretString, password: &[u8]) -> Option<Input> {
    // A key of HMAC may have any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
    mac.update(password);
    Some(Zeroizing::new(mac.finalize().into_bytes().to_vec()))
}
