//! Makes and checks password hashes on the workers of a bounded, fair queue.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use argon2::Params;

pub use super::argon2id::Verification;
use super::{
    argon2id::{self, Argon2Error, Memory},
    fair_queue::WorkerPermit,
    foreign::ForeignHash,
    pepper::Peppers,
    spelling::Spelling,
    stored_hash::StoredHash,
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

/// The result of a password check, and its time.
#[derive(Clone, Copy, Debug)]
pub struct Checked {
    /// Whether the password is right.
    pub verification: Verification,
    /// How long the worker took, without the wait for it.
    pub took: Duration,
}

/// Makes and checks password hashes.
pub struct Hasher {
    settings: Arc<HashSettings>,
    pool: WorkerPool,
}

/// The settings of new hashes.
struct HashSettings {
    params: Params,
    peppers: Peppers,
    /// A hash of the current cost, of an unknown password. It is checked if there is no hash to check.
    decoy: String,
}

impl Hasher {
    /// Starts the workers. They end when the hasher is dropped.
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
            settings: Arc::new(HashSettings {
                params,
                peppers,
                decoy,
            }),
            pool: WorkerPool::start(Load {
                waiting: config.queue,
                working: config.workers(),
            })?,
        })
    }

    /// Returns how busy the workers are.
    pub fn load(&self) -> Load {
        self.pool.load()
    }

    /// Waits for a worker for a source. Until it returns, nothing is hashed.
    pub async fn acquire_worker(&self, source: IpAddr) -> Result<WorkerPermit, Failure> {
        self.pool.acquire(source).await
    }

    /// Waits for a worker, and hashes a password into a PHC string.
    pub async fn hash(
        &self,
        source: IpAddr,
        password: Password,
        entropy: &dyn Entropy,
    ) -> Result<String, Failure> {
        let permit = self.acquire_worker(source).await?;
        self.hash_with(permit, password, entropy).await
    }

    /// Waits for a worker, and makes the replacement of a stored hash. The same spellings of the password stay valid.
    pub async fn replace(
        &self,
        source: IpAddr,
        password: Password,
        stored: &str,
        entropy: &dyn Entropy,
    ) -> Result<String, Failure> {
        let spelling =
            StoredHash::parse(stored).map_or(Spelling::AsTyped, |stored| stored.spelling());
        let (settings, salt) = (Arc::clone(&self.settings), salt(entropy)?);
        let hash = move |memory: &mut Memory| {
            let input = spelling.apply(password.as_str());
            let params = spelling.mark(&settings.params)?;
            argon2id::hash(&params, &settings.peppers, input.as_bytes(), &salt, memory)
        };
        let permit = self.acquire_worker(source).await?;
        self.pool.run(permit, hash).await
    }

    /// Hashes a password into a PHC string on the worker of a permit.
    pub async fn hash_with(
        &self,
        permit: WorkerPermit,
        password: Password,
        entropy: &dyn Entropy,
    ) -> Result<String, Failure> {
        let (settings, salt) = (Arc::clone(&self.settings), salt(entropy)?);
        let hash = move |memory: &mut Memory| settings.hash(password.as_bytes(), &salt, memory);
        self.pool.run(permit, hash).await
    }

    /// Wraps a foreign hash in one of ours.
    pub async fn wrap(
        &self,
        source: IpAddr,
        foreign: ForeignHash,
        entropy: &dyn Entropy,
    ) -> Result<String, Failure> {
        let (settings, salt) = (Arc::clone(&self.settings), salt(entropy)?);
        let wrap = move |memory: &mut Memory| {
            let outer = settings.hash(foreign.digest().as_bytes(), &salt, memory)?;
            Ok(StoredHash::wrapped(&foreign, &outer))
        };
        let permit = self.acquire_worker(source).await?;
        self.pool.run(permit, wrap).await
    }

    /// Checks a password against a stored hash on the worker of a permit. An unreadable hash takes the time of a decoy.
    pub async fn verify(
        &self,
        permit: WorkerPermit,
        password: Password,
        stored: &str,
    ) -> Result<Checked, Failure> {
        let Ok(stored) = StoredHash::parse(stored) else {
            return self.verify_decoy(permit).await;
        };
        let settings = Arc::clone(&self.settings);
        let check = move |memory: &mut Memory| {
            let start = Instant::now();
            let verification =
                stored.check(&settings.params, &settings.peppers, &password, memory)?;
            if verification == Verification::NoPepper {
                // To the client it is like any wrong password, in time too.
                settings.verify_decoy(memory)?;
            }
            Ok(Checked {
                verification,
                took: start.elapsed(),
            })
        };
        let checked = self.pool.run(permit, check).await?;
        if checked.verification == Verification::NoPepper {
            tracing::error!(
                "a password's hash names a pepper that is not in GATELODGE_PEPPERS: its user cannot log in. Add the pepper"
            );
        }
        Ok(checked)
    }

    /// Does the work of a check that fails, so that time does not reveal why a login is refused (ASVS 6.3.8).
    pub async fn verify_decoy(&self, permit: WorkerPermit) -> Result<Checked, Failure> {
        let settings = Arc::clone(&self.settings);
        let check = move |memory: &mut Memory| {
            let start = Instant::now();
            settings.verify_decoy(memory)?;
            Ok(Checked {
                verification: Verification::Mismatch,
                took: start.elapsed(),
            })
        };
        self.pool.run(permit, check).await
    }
}

impl HashSettings {
    fn hash(&self, input: &[u8], salt: &[u8], memory: &mut Memory) -> Result<String, Argon2Error> {
        argon2id::hash(&self.params, &self.peppers, input, salt, memory)
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
