//! PHC strings: the common part of all kinds, `$kind$name=number,…$salt$digest`.

use ::argon2::password_hash::phc::PasswordHash;

use super::ForeignHashError::{self, Broken};

/// A PHC string with salt and digest.
pub struct Phc<'text> {
    pub kind: &'text str,
    pub salt: Vec<u8>,
    pub digest: Vec<u8>,
    /// The digest as text.
    pub encoded_digest: &'text str,
    params: Vec<(String, u32)>,
}

impl<'text> Phc<'text> {
    pub fn parse(text: &'text str) -> Result<Self, ForeignHashError> {
        let parsed = PasswordHash::new(text).map_err(|_| Broken("it is not a PHC string"))?;
        let (Some(salt), Some(digest)) = (&parsed.salt, &parsed.hash) else {
            return Err(Broken("it has no salt or no digest"));
        };
        let numbers = parsed.params.iter().map(|(name, value)| {
            Ok((
                name.to_string(),
                crate::auth::password::foreign::number(value.as_str())?,
            ))
        });
        Ok(Self {
            kind: text.split('$').nth(1).unwrap_or_default(),
            salt: salt.as_ref().to_vec(),
            digest: digest.as_bytes().to_vec(),
            encoded_digest: text.rsplit('$').next().unwrap_or_default(),
            params: numbers.collect::<Result<_, _>>()?,
        })
    }

    /// Removes a parameter and returns it.
    pub fn take(&mut self, name: &str) -> Option<u32> {
        let at = self.params.iter().position(|(other, _)| other == name)?;
        Some(self.params.remove(at).1)
    }

    /// Refuses remaining parameters: an unknown parameter would change the digest.
    pub fn expect_no_more(&self) -> Result<(), ForeignHashError> {
        if self.params.is_empty() {
            Ok(())
        } else {
            Err(Broken("it has a parameter that Gatelodge does not know"))
        }
    }
}
