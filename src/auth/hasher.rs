//! Makes and checks passwords' hashes, each at its turn in the queue for hashes.

use std::{net::IpAddr, sync::Arc};

use argon2::Params;

pub use super::argon2id::Verdict;
use super::{
    Failure,
    argon2id::{self, Argon2Error, Memory},
    hash_queue::{HashQueue, Load},
    pepper::Peppers,
};
use crate::{
    config::{password::PasswordConfig, pepper::PepperList},
    domain::{
        entropy::{Entropy, EntropyError},
        password::Password,
    },
};

/// Bytes of a salt (RFC 9106, section 3.1).
const SALT_LEN: usize = 16;

/// Makes and checks passwords' hashes.
pub struct Hasher {
    recipe: Arc<Recipe>,
    queue: HashQueue,
}

/// What today's hashes are made by.
struct Recipe {
    params: Params,
    peppers: Peppers,
    /// A hash of today's cost that no password is known for: what there is no hash for is checked against it.
    decoy: String,
}

impl Hasher {
    /// Starts the workers; they end when the hasher is dropped.
    pub fn start(
        config: &PasswordConfig,
        peppers: PepperList,
        entropy: &dyn Entropy,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let params = argon2id::params(config.memory_kib, config.iterations, config.parallelism)?;
        let (peppers, params) = Peppers::new(peppers, params)?;
        let mut nobody = [0; 32];
        entropy.fill(&mut nobody)?;
        let (salt, mut memory) = (salt(entropy)?, Memory::default());
        let decoy = argon2id::hash(&params, &peppers, &nobody, &salt, &mut memory)?;
        Ok(Self {
            recipe: Arc::new(Recipe {
                params,
                peppers,
                decoy,
            }),
            queue: HashQueue::start(Load {
                waiting: config.queue,
                working: config.workers(),
            })?,
        })
    }

    /// How busy the work-force is now.
    pub fn load(&self) -> Load {
        self.queue.load()
    }

    /// Makes a PHC string of a password.
    pub async fn hash(
        &self,
        source: IpAddr,
        password: Password,
        entropy: &dyn Entropy,
    ) -> Result<String, Failure> {
        let (recipe, salt) = (Arc::clone(&self.recipe), salt(entropy)?);
        self.queue
            .run(source, move |memory| {
                let Recipe {
                    params, peppers, ..
                } = &*recipe;
                argon2id::hash(params, peppers, password.as_bytes(), &salt, memory)
            })
            .await
    }

    /// Checks a password against a stored hash.
    pub async fn verify(
        &self,
        source: IpAddr,
        password: Password,
        stored: String,
    ) -> Result<Verdict, Failure> {
        let recipe = Arc::clone(&self.recipe);
        let check = move |memory: &mut Memory| {
            let verdict = recipe.verify(password.as_bytes(), &stored, memory)?;
            if verdict == Verdict::NoPepper {
                // For strangers it is like any wrong password, in time too.
                recipe.verify_decoy(memory)?;
            }
            Ok(verdict)
        };
        let verdict = self.queue.run(source, check).await?;
        if verdict == Verdict::NoPepper {
            tracing::error!(
                "a password's hash names a pepper that is not in GATELODGE_PEPPERS: its person cannot log in"
            );
        }
        Ok(verdict)
    }

    /// Does the work of a check that must fail, so that time does not tell why a login is refused (ASVS 6.3.8).
    pub async fn verify_decoy(&self, source: IpAddr) -> Result<Verdict, Failure> {
        let recipe = Arc::clone(&self.recipe);
        let check = move |memory: &mut Memory| recipe.verify_decoy(memory);
        self.queue.run(source, check).await?;
        Ok(Verdict::Mismatch)
    }
}

impl Recipe {
    fn verify(
        &self,
        password: &[u8],
        stored: &str,
        memory: &mut Memory,
    ) -> Result<Verdict, Argon2Error> {
        argon2id::verify(&self.params, &self.peppers, password, stored, memory)
    }

    fn verify_decoy(&self, memory: &mut Memory) -> Result<Verdict, Argon2Error> {
        self.verify(b"", &self.decoy, memory)
    }
}

fn salt(entropy: &dyn Entropy) -> Result<[u8; SALT_LEN], EntropyError> {
    let mut salt = [0; SALT_LEN];
    entropy.fill(&mut salt)?;
    Ok(salt)
}
