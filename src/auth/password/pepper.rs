//! Peppers: keys outside the database. A stolen database alone is not enough to guess passwords.
//!
//! A password is hashed with the key (HMAC-SHA-256) before argon2id. The stored string names the key, so that the key
//! can be changed: an old key stays valid for a user until their next login.

use argon2::{KeyId, Params};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::argon2id::Argon2Error;
use crate::config::{pepper::PepperList, values::named_secrets::NamedSecret};

/// The peppers of this deployment.
#[derive(Clone, Debug, Default)]
pub struct Peppers(Vec<NamedSecret>);

/// The input of argon2id: the password, or its keyed hash.
pub type Input = Zeroizing<Vec<u8>>;

impl Peppers {
    /// Takes the peppers, and names the current one in the parameters of new hashes.
    ///
    /// So a hash without a pepper, or with an older one, has other parameters, and is stale.
    pub fn new(list: PepperList, params: Params) -> Result<(Self, Params), Argon2Error> {
        let params = match &list.current {
            None => params,
            Some(id) => with_key_id(&params, id.as_bytes()).map_err(Argon2Error::new)?,
        };
        Ok((Self(list.all), params))
    }

    /// Returns the input for a password and the parameters of its hash; `None` if they name a pepper that is not
    /// configured.
    pub fn apply(&self, params: &Params, password: &[u8]) -> Option<Input> {
        let id = params.keyid();
        if id.is_empty() {
            return Some(Zeroizing::new(password.to_vec()));
        }
        let pepper = self.0.iter().find(|pepper| pepper.id.as_bytes() == id)?;
        keyed_hash(&pepper.secret, password)
    }
}

fn with_key_id(params: &Params, id: &[u8]) -> argon2::Result<Params> {
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

fn keyed_hash(secret: &SecretString, password: &[u8]) -> Option<Input> {
    // An HMAC key may have any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
    mac.update(password);
    Some(Zeroizing::new(mac.finalize().into_bytes().to_vec()))
}
