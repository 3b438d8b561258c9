//! Firebase's scrypt: `$firescrypt$ln=14,r=8,p=1$salt$digest$salt separator$signer key`, all in base64.
//!
//! Firebase exports each user's salt and digest, and once the project's memory cost (`ln`), rounds (`r`), salt
//! separator and signer key. The digest is the signer key, encrypted with the scrypt output for the password.

use aes::Aes256;
use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit, StreamCipher},
};
use zeroize::Zeroizing;

use super::{
    DeriveError,
    ForeignHashError::{self, Broken},
    Parsed, Weight, base64, number, parts,
    scrypt::ScryptCost,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firescrypt {
    cost: ScryptCost,
    /// The user's salt and the project's separator.
    salt: Vec<u8>,
    signer_key: Vec<u8>,
}

impl Firescrypt {
    pub fn parse(text: &str) -> Result<Parsed<'_, Self>, ForeignHashError> {
        let ["", _, cost, salt, encoded_digest, separator, signer_key] = parts(text)? else {
            return Err(Broken("it does not begin with its kind"));
        };
        let cost: Vec<_> = cost.split(',').collect();
        let [memory, rounds, lanes] = cost[..] else {
            return Err(Broken("it has no cost"));
        };
        let value =
            |text: &'_ str, name| number(text.strip_prefix(name).ok_or(Broken("it has no cost"))?);
        let cost = ScryptCost::new(
            value(memory, "ln=")?,
            value(rounds, "r=")?,
            value(lanes, "p=")?,
        )?;
        let (digest, signer_key) = (base64(encoded_digest)?, base64(signer_key)?);
        if digest.len() != signer_key.len() {
            return Err(Broken("its digest is not as long as its signer key"));
        }
        let salt = [base64(salt)?, base64(separator)?].concat();
        Ok(Parsed {
            scheme: Self {
                cost,
                salt,
                signer_key,
            },
            encoded_digest,
            digest,
            zero_digit: "A",
        })
    }

    pub fn derive(&self, password: &str, out: &mut [u8]) -> Result<(), DeriveError> {
        let mut key = Zeroizing::new([0; 32]);
        self.cost
            .derive(password.as_bytes(), &self.salt, &mut *key)?;
        let mut cipher = Ctr128BE::<Aes256>::new(&(*key).into(), &[0; 16].into());
        out.copy_from_slice(&self.signer_key);
        cipher.apply_keystream(out);
        Ok(())
    }

    pub fn weight(&self) -> Weight {
        Weight {
            kind: "firescrypt",
            cost: self.cost.kib(),
        }
    }
}
