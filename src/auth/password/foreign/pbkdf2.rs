//! PBKDF2: Django's `pbkdf2_sha256$rounds$salt$digest` and `pbkdf2_sha1$…`, and PHC strings (`$pbkdf2-sha256$i=…$…`).

use std::num::NonZeroU32;

use ring::pbkdf2::{self, Algorithm};

use super::{
    ForeignHashError::{self, Broken, TooCostly},
    Read, Weight, base64, number, parts,
    phc::Phc,
};

/// Most rounds: about four and a half seconds of SHA-256 on a slow core, where 4,000,000 took 3.5.
const MAX_ROUNDS: u32 = 5_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pbkdf2 {
    function: Function,
    rounds: NonZeroU32,
    salt: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Sha1,
    Sha256,
    Sha512,
}

impl Pbkdf2 {
    pub fn django<'text>(
        kind: &str,
        rest: &'text str,
    ) -> Result<Read<'text, Self>, ForeignHashError> {
        let [rounds, salt, written] = parts(rest)?;
        let function = if kind == "pbkdf2_sha1" {
            Function::Sha1
        } else {
            Function::Sha256
        };
        // Django salts with the text itself.
        Self::read(
            function,
            number(rounds)?,
            salt.as_bytes().to_vec(),
            written,
            base64(written)?,
        )
    }

    pub fn phc(text: &str) -> Result<Read<'_, Self>, ForeignHashError> {
        let mut phc = Phc::parse(text)?;
        let function = match phc.kind {
            "pbkdf2-sha256" => Function::Sha256,
            "pbkdf2-sha512" => Function::Sha512,
            _ => Function::Sha1,
        };
        let rounds = phc.take("i").ok_or(Broken("it tells no rounds"))?;
        if phc
            .take("l")
            .is_some_and(|length| length as usize != phc.digest.len())
        {
            return Err(Broken("its digest is not as long as it says"));
        }
        phc.nothing_left()?;
        Self::read(function, rounds, phc.salt, phc.written, phc.digest)
    }

    fn read(
        function: Function,
        rounds: u32,
        salt: Vec<u8>,
        written: &str,
        digest: Vec<u8>,
    ) -> Result<Read<'_, Self>, ForeignHashError> {
        let rounds = NonZeroU32::new(rounds).ok_or(Broken("PBKDF2 has a round at least"))?;
        // Each further block of output is as many rounds again.
        let blocks = digest.len().div_ceil(function.output());
        if u64::from(rounds.get()) * blocks as u64 > u64::from(MAX_ROUNDS) {
            return Err(TooCostly("PBKDF2 takes more than 5,000,000 rounds"));
        }
        Ok(Read {
            recipe: Self {
                function,
                rounds,
                salt,
            },
            written,
            digest,
            zero: "A",
        })
    }

    pub fn derive(&self, password: &str, out: &mut [u8]) {
        let algorithm = self.function.algorithm();
        pbkdf2::derive(algorithm, self.rounds, &self.salt, password.as_bytes(), out);
    }

    /// The rounds are gone through once for each block of the digest.
    pub fn weight(&self, digest: usize) -> Weight {
        let blocks = u32::try_from(digest.div_ceil(self.function.output())).unwrap_or(u32::MAX);
        let kind = match self.function {
            Function::Sha1 => "pbkdf2-sha1",
            Function::Sha256 => "pbkdf2-sha256",
            Function::Sha512 => "pbkdf2-sha512",
        };
        Weight {
            kind,
            cost: self.rounds.get().saturating_mul(blocks),
        }
    }
}

impl Function {
    fn algorithm(self) -> Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }

    /// Bytes of one block.
    fn output(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}
