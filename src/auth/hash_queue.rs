//! The work-force for hashes: a fixed number of threads that keep their memory, behind a bounded queue.
//!
//! A hash takes tens of milliseconds and 19 MiB. Without a bound on how many are at work, a burst of logins would
//! take the machine's memory; on the async threads, it would stop every other request (ASVS 15.2.2).

use std::{
    io,
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{
    Failure,
    argon2id::{Argon2Error, Memory},
    fair_share::FairShares,
};

/// How long a request waits for a worker before it is told that the service is busy.
const PATIENCE: Duration = Duration::from_secs(5);

type Task = Box<dyn FnOnce(&mut Memory) + Send>;

/// The queue, and the workers behind it.
pub struct HashQueue {
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

impl HashQueue {
    /// Starts the workers; they end when the queue is dropped.
    pub fn start(size: Load) -> io::Result<Self> {
        let (tasks, inbox) = mpsc::channel::<(Task, OwnedSemaphorePermit)>();
        let inbox = Arc::new(Mutex::new(inbox));
        for number in 0..size.working {
            let inbox = Arc::clone(&inbox);
            thread::Builder::new()
                .name(format!("hasher-{number}"))
                .spawn(move || work(&inbox))?;
        }
        Ok(Self {
            places: Semaphore::new(size.waiting as usize),
            shares: Arc::new(FairShares::of(size.waiting)),
            workers: Arc::new(Semaphore::new(size.working as usize)),
            tasks,
            size,
        })
    }

    /// How busy the work-force is now.
    pub fn load(&self) -> Load {
        let busy = |all: u32, semaphore: &Semaphore| {
            let free = u32::try_from(semaphore.available_permits()).unwrap_or(u32::MAX);
            all.saturating_sub(free)
        };
        Load {
            waiting: busy(self.size.waiting, &self.places),
            working: busy(self.size.working, &self.workers),
        }
    }

    /// Waits for a worker, in the share of the queue that a source has, and for what it finds.
    pub async fn run<T: Send + 'static>(
        &self,
        asker: Asker,
        task: impl FnOnce(&mut Memory) -> Result<T, Argon2Error> + Send + 'static,
    ) -> Result<T, Failure> {
        let share = self.shares.take(asker.source).ok_or(Failure::Busy)?;
        let place = self.places.try_acquire().map_err(|_| Failure::Busy)?;
        let worker = tokio::time::timeout(PATIENCE, Arc::clone(&self.workers).acquire_owned())
            .await
            .map_err(|_| Failure::Busy)?
            .map_err(|closed| Failure::Internal(closed.into()))?;
        drop((place, share));
        if let Some(begun) = asker.begun {
            begun.store(true, Ordering::Relaxed);
        }

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

/// Who wants a hash.
pub struct Asker {
    source: IpAddr,
    /// Becomes true when a worker begins: from then on the work is done, whoever leaves.
    begun: Option<Arc<AtomicBool>>,
}

impl Asker {
    /// One who is told when it begins.
    pub fn told(source: IpAddr, begun: Arc<AtomicBool>) -> Self {
        Self {
            source,
            begun: Some(begun),
        }
    }
}

impl From<IpAddr> for Asker {
    fn from(source: IpAddr) -> Self {
        Self {
            source,
            begun: None,
        }
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
