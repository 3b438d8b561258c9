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
    Parsed, Weight, number,
};

/// The maximum cost: one to two seconds.
const MAX_COST: u32 = 14;
/// The bytes of a password that count.
const MAX_KEY: usize = 72;
/// Characters of a salt.
const SALT: usize = 22;
/// Bytes of a digest: the first implementation lost the last of 24, and so did all others.
const DIGEST: usize = 23;

/// bcrypt's own base64. 22 characters have more bits than 16 bytes; implementations differ in the extra bits.
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
    /// Whether the password's SHA-256 is hashed instead of the password.
    of_sha256: bool,
}

impl Bcrypt {
    pub fn plain(text: &str) -> Result<Parsed<'_, Self>, ForeignHashError> {
        Self::parse(text, false)
    }

    /// Parses Django's form for passwords of any length: bcrypt of the SHA-256 in hexadecimal digits.
    pub fn of_sha256(text: &str) -> Result<Parsed<'_, Self>, ForeignHashError> {
        Self::parse(text, true)
    }

    fn parse(text: &str, of_sha256: bool) -> Result<Parsed<'_, Self>, ForeignHashError> {
        let ["", "2a" | "2b" | "2y", cost, end] = crate::auth::password::foreign::parts(text)?
        else {
            return Err(Broken("its version of bcrypt is unknown"));
        };
        let cost = number(cost)?;
        if cost > MAX_COST {
            return Err(TooCostly("bcrypt's cost is above 14"));
        }
        if cost < 4 {
            return Err(Broken("bcrypt's cost is below 4"));
        }
        let (Some(salt), Some(encoded_digest)) = (end.get(..SALT), end.get(SALT..)) else {
            return Err(Broken("it is cut off"));
        };
        let decode = |text| {
            BASE64
                .decode(text)
                .map_err(|_| Broken("it is not bcrypt's base64"))
        };
        let salt = decode(salt)?
            .try_into()
            .map_err(|_| Broken("its salt is cut off"))?;
        let digest = decode(encoded_digest)?;
        if digest.len() != DIGEST {
            return Err(Broken("its digest is cut off"));
        }
        Ok(Parsed {
            scheme: Self {
                cost,
                salt,
                of_sha256,
            },
            encoded_digest,
            digest,
            zero_digit: ".",
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
        // Like other implementations: a zero byte at the end, and nothing past the 72nd byte.
        key.push(0);
        key.truncate(MAX_KEY);
        let digest = ::bcrypt::bcrypt(self.cost, self.salt, &key);
        out.copy_from_slice(digest.get(..out.len()).ok_or(DeriveError)?);
        Ok(())
    }

    /// Returns whether bytes of this password, or of a longer one that begins like it, may be ignored.
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
