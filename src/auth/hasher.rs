//! The work-force that hashes passwords: a fixed number of threads behind a bounded queue.
//!
//! A hash takes tens of milliseconds and 19 MiB. Without a bound on how many are at work, a burst of logins would
//! take the machine's memory; on the async threads, it would stop every other request (ASVS 15.2.2).

use std::{
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use argon2::Params;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

pub use super::argon2id::Verdict;
use super::{
    Failure,
    argon2id::{self, Argon2Error, Memory},
    fair_share::FairShares,
    pepper::Peppers,
};
use crate::{
    config::{password::PasswordConfig, pepper::PepperList},
    domain::{
        entropy::{Entropy, EntropyError},
        password::Password,
    },
};

/// How long a request waits for a worker before it is told that the service is busy.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a salt (RFC 9106, section 3.1).
const SALT_LEN: usize = 16;

type Task = Box<dyn FnOnce(&mut Memory) + Send>;

/// Makes and checks passwords' hashes.
pub struct Hasher {
    params: Params,
    peppers: Arc<Peppers>,
    /// A hash of today's cost that no password is known for: what there is no hash for is checked against it.
    decoy: String,
    /// Places in the queue.
    places: Semaphore,
    /// Who holds how many of them.
    shares: Arc<FairShares>,
    /// Workers that are free. Waiting here is fair, and a client that leaves gives its place up.
    workers: Arc<Semaphore>,
    tasks: mpsc::Sender<(Task, OwnedSemaphorePermit)>,
    /// How many places and workers there are, free or not.
    size: Load,
}

/// How busy the work-force is.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Requests that wait for a worker.
    pub waiting: u32,
    /// Workers that hash.
    pub working: u32,
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

        let (tasks, inbox) = mpsc::channel::<(Task, OwnedSemaphorePermit)>();
        let inbox = Arc::new(Mutex::new(inbox));
        for number in 0..config.workers() {
            let inbox = Arc::clone(&inbox);
            thread::Builder::new()
                .name(format!("hasher-{number}"))
                .spawn(move || work(&inbox))?;
        }
        Ok(Self {
            params,
            peppers: Arc::new(peppers),
            decoy,
            places: Semaphore::new(config.queue as usize),
            shares: Arc::new(FairShares::of(config.queue)),
            workers: Arc::new(Semaphore::new(config.workers())),
            tasks,
            size: Load {
                waiting: config.queue,
                working: count(config.workers()),
            },
        })
    }

    /// How busy the work-force is now.
    pub fn load(&self) -> Load {
        let free = |semaphore: &Semaphore| count(semaphore.available_permits());
        Load {
            waiting: self.size.waiting.saturating_sub(free(&self.places)),
            working: self.size.working.saturating_sub(free(&self.workers)),
        }
    }

    /// Makes a PHC string of a password.
    pub async fn hash(
        &self,
        source: IpAddr,
        password: Password,
        entropy: &dyn Entropy,
    ) -> Result<String, Failure> {
        let (params, peppers) = (self.params.clone(), Arc::clone(&self.peppers));
        let salt = salt(entropy)?;
        self.run(source, move |memory| {
            argon2id::hash(&params, &peppers, password.as_bytes(), &salt, memory)
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
        let (params, peppers) = (self.params.clone(), Arc::clone(&self.peppers));
        let decoy = self.decoy.clone();
        self.run(source, move |memory| {
            let verdict =
                argon2id::verify(&params, &peppers, password.as_bytes(), &stored, memory)?;
            if verdict == Verdict::NoPepper {
                // For strangers it is like any wrong password, in time too.
                argon2id::verify(&params, &peppers, b"", &decoy, memory)?;
                tracing::error!(
                    "a password's hash names a pepper that is not in GATELODGE_PEPPERS: its person cannot log in"
                );
            }
            Ok(verdict)
        })
        .await
    }

    /// Does the work of a check that must fail, so that time does not tell why a login is refused (ASVS 6.3.8).
    pub async fn verify_decoy(&self, source: IpAddr) -> Result<Verdict, Failure> {
        let (params, peppers) = (self.params.clone(), Arc::clone(&self.peppers));
        let decoy = self.decoy.clone();
        self.run(source, move |memory| {
            argon2id::verify(&params, &peppers, b"", &decoy, memory)
        })
        .await?;
        Ok(Verdict::Mismatch)
    }

    /// Waits for a worker and for what it finds.
    async fn run<T: Send + 'static>(
        &self,
        source: IpAddr,
        task: impl FnOnce(&mut Memory) -> Result<T, Argon2Error> + Send + 'static,
    ) -> Result<T, Failure> {
        let share = self.shares.take(source).ok_or(Failure::Busy)?;
        let place = self.places.try_acquire().map_err(|_| Failure::Busy)?;
        let worker = tokio::time::timeout(PATIENCE, Arc::clone(&self.workers).acquire_owned())
            .await
            .map_err(|_| Failure::Busy)?
            .map_err(|closed| Failure::Internal(closed.into()))?;
        drop((place, share));

        let (reply, answer) = oneshot::channel();
        let task: Task = Box::new(move |memory| {
            // The client may have left meanwhile: then nobody hears the answer.
            let _ = reply.send(task(memory));
        });
        self.tasks
            .send((task, worker))
            .map_err(|_| Failure::Internal("the hash workers are gone".into()))?;
        answer
            .await
            .map_err(|_| Failure::Internal("a hash worker gave up".into()))?
            .map_err(|error| Failure::Internal(error.into()))
    }
}

/// A worker's life. The permit counts it as busy until the task is done, whether or not its client waited.
fn work(inbox: &Mutex<mpsc::Receiver<(Task, OwnedSemaphorePermit)>>) {
    let mut memory = Memory::default();
    loop {
        let next = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((task, worker)) = next else {
            return;
        };
        if catch_unwind(AssertUnwindSafe(|| task(&mut memory))).is_err() {
            tracing::error!("a password hash panicked");
            memory = Memory::default();
        }
        drop(worker);
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn salt(entropy: &dyn Entropy) -> Result<[u8; SALT_LEN], EntropyError> {
    let mut salt = [0; SALT_LEN];
    entropy.fill(&mut salt)?;
    Ok(salt)
}
