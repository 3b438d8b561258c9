//! The worker pool for hashes: a fixed number of threads that reuse their memory, behind a bounded queue.
//!
//! A hash takes tens of milliseconds and 19 MiB. Without a limit on concurrent hashes, a burst of logins would use up
//! the memory. On the async threads, it would block all other requests (ASVS 15.2.2).

use std::{
    io,
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use tokio::sync::{Semaphore, oneshot};

use super::{
    argon2id::{Argon2Error, Memory},
    fair_queue::{FairQueue, WorkerPermit},
    quota::FairShares,
};
use crate::auth::Failure;

/// The longest wait for a worker. Then the request fails as busy.
const TIMEOUT: Duration = Duration::from_secs(5);

type Task = Box<dyn FnOnce(&mut Memory) + Send>;

/// The queue and its workers.
pub struct WorkerPool {
    /// Free slots of the queue.
    slots: Semaphore,
    /// The quotas of the sources.
    shares: Arc<FairShares>,
    /// The fair queue for the workers.
    workers: Arc<FairQueue>,
    tasks: mpsc::Sender<(Task, WorkerPermit)>,
    /// The total number of slots and workers.
    size: Load,
}

/// How busy the workers are.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Requests that wait for a worker.
    pub waiting: u32,
    /// Workers that are hashing.
    pub working: u32,
}

impl WorkerPool {
    /// Starts the workers. They end when the pool is dropped.
    pub fn start(size: Load) -> io::Result<Self> {
        let (tasks, inbox) = mpsc::channel::<(Task, WorkerPermit)>();
        let inbox = Arc::new(Mutex::new(inbox));
        for number in 0..size.working {
            let inbox = Arc::clone(&inbox);
            thread::Builder::new()
                .name(format!("hasher-{number}"))
                .spawn(move || work(&inbox))?;
        }
        Ok(Self {
            slots: Semaphore::new(size.waiting as usize),
            shares: Arc::new(FairShares::of(size.waiting)),
            workers: FairQueue::new(size.working),
            tasks,
            size,
        })
    }

    /// Returns how busy the workers are.
    pub fn load(&self) -> Load {
        let slots = u32::try_from(self.slots.available_permits()).unwrap_or(u32::MAX);
        Load {
            waiting: self.size.waiting.saturating_sub(slots),
            working: self.size.working.saturating_sub(self.workers.free()),
        }
    }

    /// Waits for a worker, within the source's quota of the queue. Dropped, the request leaves the queue.
    pub async fn acquire(&self, source: IpAddr) -> Result<WorkerPermit, Failure> {
        let share = self.shares.take(source).ok_or(Failure::Busy)?;
        let slot = self.slots.try_acquire().map_err(|_| Failure::Busy)?;
        let permit = tokio::time::timeout(TIMEOUT, self.workers.acquire(source))
            .await
            .map_err(|_| Failure::Busy)?
            .ok_or_else(|| Failure::Internal("the queue for hash workers is closed".into()))?;
        drop((slot, share));
        Ok(permit)
    }

    /// Runs a task on the worker of a permit, and returns its result. The task completes even if this future is
    /// dropped.
    pub async fn run<T: Send + 'static>(
        &self,
        permit: WorkerPermit,
        task: impl FnOnce(&mut Memory) -> Result<T, Argon2Error> + Send + 'static,
    ) -> Result<T, Failure> {
        let (sender, receiver) = oneshot::channel();
        let task: Task = Box::new(move |memory| {
            // The send fails if the client has disconnected. Then nobody needs the result.
            let _ = sender.send(task(memory));
        });
        self.tasks
            .send((task, permit))
            .map_err(|_| Failure::Internal("the hash workers have ended".into()))?;
        receiver
            .await
            .map_err(|_| Failure::Internal("a hash worker ended without a result".into()))?
            .map_err(|error| Failure::Internal(error.into()))
    }
}

/// Runs one worker. It keeps the permit until the task is done, even if the client has disconnected.
fn work(inbox: &Mutex<mpsc::Receiver<(Task, WorkerPermit)>>) {
    let mut memory = Memory::default();
    loop {
        let next = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((task, permit)) = next else {
            return;
        };
        if catch_unwind(AssertUnwindSafe(|| task(&mut memory))).is_err() {
            tracing::error!("a password hash panicked");
            memory = Memory::default();
        }
        drop(permit);
    }
}
