//! Makes and checks passwords' hashes, each at its turn in the queue for hashes.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use argon2::Params;

pub use super::argon2id::Verification;
use super::{
    argon2id::{self, Argon2Error, Memory},
    fair_queue::Turn,
    foreign::{ForeignHash, Weight},
    pepper::Peppers,
    spelling::Spelling,
    stored_hash::{self, StoredHash},
    worker_pool::{Load, WorkerPool},
};
use crate::{
    auth::Failure,
    config::{password::PasswordConfig, pepper::PepperList},
    domain::{
        entropy::{Entropy, EntropyError},
        password::Password,
    },
};

/// Bytes of a salt (RFC 9106, section 3.1).
const SALT_LEN: usize = 16;

/// What a check of a password found.
#[derive(Clone, Copy, Debug)]
pub struct Checked {
    /// Whether it is the right one.
    pub verdict: Verification,
    /// How long a worker was at it, the wait for one not counted.
    pub took: Duration,
    /// What was checked against: `None` for one of ours, of today's cost.
    pub weight: Option<Weight>,
}

/// Makes and checks passwords' hashes.
pub struct Hasher {
    recipe: Arc<Recipe>,
    queue: WorkerPool,
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
            queue: WorkerPool::start(Load {
                waiting: config.queue,
                working: config.workers(),
            })?,
        })
    }

    /// How busy the work-force is now.
    pub fn load(&self) -> Load {
        self.queue.load()
    }

    /// Waits for a worker on behalf of a source. Until it returns, nothing is hashed.
    pub async fn turn(&self, source: IpAddr) -> Result<Turn, Failure> {
        self.queue.turn(source).await
    }

    /// Waits for a worker and makes a PHC string of a password.
    pub async fn hash(
        &self,
        source: IpAddr,
        password: Password,
        entropy: &dyn Entropy,
    ) -> Result<String, Failure> {
        let turn = self.turn(source).await?;
        self.hash_at(turn, password, entropy).await
    }

    /// Waits for a worker and makes what replaces a stored hash of a password: the same spellings go on being right.
    pub async fn replace(
        &self,
        source: IpAddr,
        password: Password,
        stored: &str,
        entropy: &dyn Entropy,
    ) -> Result<String, Failure> {
        let spelling =
            StoredHash::parse(stored).map_or(Spelling::AsTyped, |stored| stored.spelling());
        let (recipe, salt) = (Arc::clone(&self.recipe), salt(entropy)?);
        let hash = move |memory: &mut Memory| {
            let input = spelling.apply(password.as_str());
            let params = spelling.mark(&recipe.params)?;
            argon2id::hash(&params, &recipe.peppers, input.as_bytes(), &salt, memory)
        };
        let turn = self.turn(source).await?;
        self.queue.run(turn, hash).await
    }

    /// Makes a PHC string of a password on the worker of a turn.
    pub async fn hash_at(
        &self,
        turn: Turn,
        password: Password,
        entropy: &dyn Entropy,
    ) -> Result<String, Failure> {
        let (recipe, salt) = (Arc::clone(&self.recipe), salt(entropy)?);
        let hash = move |memory: &mut Memory| recipe.hash(password.as_bytes(), &salt, memory);
        self.queue.run(turn, hash).await
    }

    /// Makes what is stored when a foreign hash is wrapped in one of ours.
    pub async fn wrap(
        &self,
        source: IpAddr,
        foreign: ForeignHash,
        entropy: &dyn Entropy,
    ) -> Result<String, Failure> {
        let (recipe, salt) = (Arc::clone(&self.recipe), salt(entropy)?);
        let wrap = move |memory: &mut Memory| {
            let outer = recipe.hash(foreign.digest().as_bytes(), &salt, memory)?;
            Ok(StoredHash::wrapped(&foreign, &outer))
        };
        let turn = self.turn(source).await?;
        self.queue.run(turn, wrap).await
    }

    /// Checks a password against a stored hash on the worker of a turn. An unreadable hash costs a decoy's check.
    pub async fn verify(
        &self,
        turn: Turn,
        password: Password,
        stored: &str,
    ) -> Result<Checked, Failure> {
        let Ok(stored) = StoredHash::parse(stored) else {
            return self.verify_decoy(turn).await;
        };
        let recipe = Arc::clone(&self.recipe);
        let weight = stored.weight().filter(|weight| *weight != recipe.weight());
        let check = move |memory: &mut Memory| {
            let start = Instant::now();
            let verdict = stored.check(&recipe.params, &recipe.peppers, &password, memory)?;
            if verdict == Verification::NoPepper {
                // For strangers it is like any wrong password, in time too.
                recipe.verify_decoy(memory)?;
            }
            Ok(Checked {
                verdict,
                took: start.elapsed(),
                weight,
            })
        };
        let checked = self.queue.run(turn, check).await?;
        if checked.verdict == Verification::NoPepper {
            tracing::error!(
                "a password's hash names a pepper that is not in GATELODGE_PEPPERS: its person cannot log in"
            );
        }
        Ok(checked)
    }

    /// Does the work of a check that must fail, so that time does not tell why a login is refused (ASVS 6.3.8).
    pub async fn verify_decoy(&self, turn: Turn) -> Result<Checked, Failure> {
        let recipe = Arc::clone(&self.recipe);
        let check = move |memory: &mut Memory| {
            let start = Instant::now();
            recipe.verify_decoy(memory)?;
            Ok(Checked {
                verdict: Verification::Mismatch,
                took: start.elapsed(),
                weight: None,
            })
        };
        self.queue.run(turn, check).await
    }
}

impl Recipe {
    fn hash(&self, input: &[u8], salt: &[u8], memory: &mut Memory) -> Result<String, Argon2Error> {
        argon2id::hash(&self.params, &self.peppers, input, salt, memory)
    }

    /// What a hash of today's cost weighs.
    fn weight(&self) -> Weight {
        stored_hash::weight_of(&self.params)
    }

    fn verify_decoy(&self, memory: &mut Memory) -> Result<(), Argon2Error> {
        argon2id::verify(&self.params, &self.peppers, b"", &self.decoy, memory)?;
        Ok(())
    }
}

fn salt(entropy: &dyn Entropy) -> Result<[u8; SALT_LEN], EntropyError> {
    let mut salt = [0; SALT_LEN];
    entropy.fill(&mut salt)?;
    Ok(salt)
}
