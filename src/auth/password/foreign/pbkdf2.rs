//! PBKDF2: Django's `pbkdf2_sha256$rounds$salt$digest` and `pbkdf2_sha1$…`, and PHC strings (`$pbkdf2-sha256$i=…$…`).

use std::num::NonZeroU32;

use ring::pbkdf2::{self, Algorithm};

use super::{
    ForeignHashError::{self, Broken, TooCostly},
    Parsed, Weight, base64, number, parts,
    phc::Phc,
};

/// The maximum iterations: about four and a half seconds of SHA-256 on a slow core, where 4,000,000 took 3.5.
const MAX_ITERATIONS: u32 = 5_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pbkdf2 {
    function: Function,
    iterations: NonZeroU32,
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
    ) -> Result<Parsed<'text, Self>, ForeignHashError> {
        let [iterations, salt, encoded_digest] = parts(rest)?;
        let function = if kind == "pbkdf2_sha1" {
            Function::Sha1
        } else {
            Function::Sha256
        };
        // Django uses the salt's text, not decoded bytes.
        Self::new(
            function,
            number(iterations)?,
            salt.as_bytes().to_vec(),
            encoded_digest,
            base64(encoded_digest)?,
        )
    }

    pub fn phc(text: &str) -> Result<Parsed<'_, Self>, ForeignHashError> {
        let mut phc = Phc::parse(text)?;
        let function = match phc.kind {
            "pbkdf2-sha256" => Function::Sha256,
            "pbkdf2-sha512" => Function::Sha512,
            _ => Function::Sha1,
        };
        let iterations = phc.take("i").ok_or(Broken("it has no iterations"))?;
        if phc
            .take("l")
            .is_some_and(|length| length as usize != phc.digest.len())
        {
            return Err(Broken("its digest does not have the length that it names"));
        }
        phc.expect_no_more()?;
        Self::new(
            function,
            iterations,
            phc.salt,
            phc.encoded_digest,
            phc.digest,
        )
    }

    fn new(
        function: Function,
        iterations: u32,
        salt: Vec<u8>,
        encoded_digest: &str,
        digest: Vec<u8>,
    ) -> Result<Parsed<'_, Self>, ForeignHashError> {
        let iterations = NonZeroU32::new(iterations).ok_or(Broken("PBKDF2 has no iterations"))?;
        // Each further block of output takes the same iterations again.
        let blocks = digest.len().div_ceil(function.output());
        if u64::from(iterations.get()) * blocks as u64 > u64::from(MAX_ITERATIONS) {
            return Err(TooCostly("PBKDF2 takes more than 5,000,000 iterations"));
        }
        Ok(Parsed {
            scheme: Self {
                function,
                iterations,
                salt,
            },
            encoded_digest,
            digest,
            zero_digit: "A",
        })
    }

    pub fn derive(&self, password: &str, out: &mut [u8]) {
        let algorithm = self.function.algorithm();
        pbkdf2::derive(
            algorithm,
            self.iterations,
            &self.salt,
            password.as_bytes(),
            out,
        );
    }

    /// Returns the cost: the iterations for each block of the digest.
    pub fn weight(&self, digest: usize) -> Weight {
        let blocks = u32::try_from(digest.div_ceil(self.function.output())).unwrap_or(u32::MAX);
        let kind = match self.function {
            Function::Sha1 => "pbkdf2-sha1",
            Function::Sha256 => "pbkdf2-sha256",
            Function::Sha512 => "pbkdf2-sha512",
        };
        Weight {
            kind,
            cost: self.iterations.get().saturating_mul(blocks),
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

    /// Returns the bytes of one block.
    fn output(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}
