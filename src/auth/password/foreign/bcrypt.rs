//! bcrypt: `$2a$`, `$2b$` and `$2y$` as PHP, Rails and Node write them, and Django's `bcrypt$…` and `bcrypt_sha256$…`.

use base16ct::HexDisplay;
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    DeriveError,
    ForeignHashError::{self, Broken, TooCostly},
    Read, Weight, number,
};

/// Highest cost: a second to two.
const MAX_COST: u32 = 14;
/// Bytes of a password that count.
const MAX_KEY: usize = 72;
/// Characters of a salt.
const SALT: usize = 22;
/// Bytes of a digest: the last of 24 was lost in the first program, and so in all.
const DIGEST: usize = 23;

/// bcrypt's own base64. Writers differ in the bits that 22 characters have more than 16 bytes.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::BCRYPT,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bcrypt {
    cost: u32,
    salt: [u8; 16],
    /// Whether the password's SHA-256 is hashed in its place.
    of_sha256: bool,
}

impl Bcrypt {
    pub fn plain(text: &str) -> Result<Read<'_, Self>, ForeignHashError> {
        Self::parse(text, false)
    }

    /// Django's, for passwords of any length: bcrypt of the SHA-256 in hexadecimal digits.
    pub fn of_sha256(text: &str) -> Result<Read<'_, Self>, ForeignHashError> {
        Self::parse(text, true)
    }

    fn parse(text: &str, of_sha256: bool) -> Result<Read<'_, Self>, ForeignHashError> {
        let ["", "2a" | "2b" | "2y", cost, end] = crate::auth::password::foreign::parts(text)?
        else {
            return Err(Broken("its version of bcrypt is unknown"));
        };
        let cost = number(cost)?;
        if cost > MAX_COST {
            return Err(TooCostly("bcrypt's cost is above 14"));
        }
        if cost < 4 {
            return Err(Broken("bcrypt's cost is 4 at least"));
        }
        let (Some(salt), Some(written)) = (end.get(..SALT), end.get(SALT..)) else {
            return Err(Broken("it is cut off"));
        };
        let decode = |text| {
            BASE64
                .decode(text)
                .map_err(|_| Broken("it is no base64 of bcrypt"))
        };
        let salt = decode(salt)?
            .try_into()
            .map_err(|_| Broken("its salt is cut off"))?;
        let digest = decode(written)?;
        if digest.len() != DIGEST {
            return Err(Broken("its digest is cut off"));
        }
        Ok(Read {
            recipe: Self {
                cost,
                salt,
                of_sha256,
            },
            written,
            digest,
            zero: ".",
        })
    }

    pub fn derive(&self, password: &str, out: &mut [u8]) -> Result<(), DeriveError> {
        let mut key = Zeroizing::new(Vec::with_capacity(MAX_KEY.max(password.len()) + 1));
        if self.of_sha256 {
            let digest = Sha256::digest(password);
            key.extend_from_slice(format!("{:x}", HexDisplay(&digest)).as_bytes());
        } else {
            key.extend_from_slice(password.as_bytes());
        }
        // As its writers did: a zero at the end, and nothing past the 72nd byte.
        key.push(0);
        key.truncate(MAX_KEY);
        let digest = ::bcrypt::bcrypt(self.cost, self.salt, &key);
        out.copy_from_slice(digest.get(..out.len()).ok_or(DeriveError)?);
        Ok(())
    }

    /// Whether bytes of this password, or of a longer one that begins like it, may count for nothing.
    pub fn may_cut(&self, password: &str) -> bool {
        !self.of_sha256 && password.len() >= MAX_KEY
    }

    pub fn weight(&self) -> Weight {
        Weight {
            kind: "bcrypt",
            cost: self.cost,
        }
    }
}
