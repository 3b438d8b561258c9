//! Lists of secrets with ids: `ID:SECRET,…`.

use secrecy::SecretString;

use crate::config::secret::{MIN_BYTES, MIN_DIFFERENT_BYTES, different_bytes};

/// Maximum bytes of an id. Stored hashes and the database have room for no more.
const MAX_ID: usize = 8;

/// A secret with its id.
#[derive(Clone, Debug)]
pub struct NamedSecret {
    /// The id that stored values contain.
    pub id: String,
    /// The secret.
    pub secret: SecretString,
}

/// Parses the entries of a list. `reserved` cannot be an id. The error never repeats a value: it is a secret, or part of
/// one.
pub fn parse<'a>(
    entries: impl Iterator<Item = &'a str>,
    reserved: &str,
) -> Result<Vec<NamedSecret>, String> {
    let mut list: Vec<NamedSecret> = vec![];
    for entry in entries {
        let (id, secret) = entry.split_once(':').ok_or("an entry has no id")?;
        let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !plain || !(1..=MAX_ID).contains(&id.len()) || id == reserved {
            return Err(format!(
                "an id must have 1 to {MAX_ID} letters and digits, and must not be {reserved}"
            ));
        }
        if list.iter().any(|other| other.id == id) {
            return Err("two entries have the same id".to_owned());
        }
        if secret.len() < MIN_BYTES {
            return Err(format!("a secret is shorter than {MIN_BYTES} bytes"));
        }
        if different_bytes(secret) < MIN_DIFFERENT_BYTES {
            return Err(format!(
                "a secret has fewer than {MIN_DIFFERENT_BYTES} different bytes and can be guessed"
            ));
        }
        list.push(NamedSecret {
            id: id.to_owned(),
            secret: secret.into(),
        });
    }
    Ok(list)
}
