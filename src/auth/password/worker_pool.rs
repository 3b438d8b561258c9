//! The work-force for hashes: a fixed number of threads that keep their memory, behind a bounded queue.
//!
//! A hash takes tens of milliseconds and 19 MiB. Without a bound on how many are at work, a burst of logins would
//! take the machine's memory; on the async threads, it would stop every other request (ASVS 15.2.2).

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
    fair_queue::{FairQueue, Turn},
    quota::FairShares,
};
use crate::auth::Failure;

/// How long a request waits for a worker before it is told that the service is busy.
const TIMEOUT: Duration = Duration::from_secs(5);

type Task = Box<dyn FnOnce(&mut Memory) + Send>;

/// The queue, and the workers behind it.
pub struct WorkerPool {
    /// Places in the queue.
    places: Semaphore,
    /// Who holds how many of them.
    shares: Arc<FairShares>,
    /// Who has a worker next.
    turns: Arc<FairQueue>,
    tasks: mpsc::Sender<(Task, Turn)>,
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

impl WorkerPool {
    /// Starts the workers; they end when the queue is dropped.
    pub fn start(size: Load) -> io::Result<Self> {
        let (tasks, inbox) = mpsc::channel::<(Task, Turn)>();
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
            turns: FairQueue::of(size.working),
            tasks,
            size,
        })
    }

    /// How busy the work-force is now.
    pub fn load(&self) -> Load {
        let places = u32::try_from(self.places.available_permits()).unwrap_or(u32::MAX);
        Load {
            waiting: self.size.waiting.saturating_sub(places),
            working: self.size.working.saturating_sub(self.turns.free()),
        }
    }

    /// Waits for a worker, within the quota of the queue that a source has. Dropped, the request leaves the queue.
    pub async fn turn(&self, source: IpAddr) -> Result<Turn, Failure> {
        let share = self.shares.take(source).ok_or(Failure::Busy)?;
        let place = self.places.try_acquire().map_err(|_| Failure::Busy)?;
        let turn = tokio::time::timeout(TIMEOUT, self.turns.take(source))
            .await
            .map_err(|_| Failure::Busy)?
            .ok_or_else(|| Failure::Internal("a turn was lost".into()))?;
        drop((place, share));
        Ok(turn)
    }

    /// Runs a task on the worker that a turn stands for, and waits for its result. The task runs to its end even if
    /// this is dropped.
    pub async fn run<T: Send + 'static>(
        &self,
        turn: Turn,
        task: impl FnOnce(&mut Memory) -> Result<T, Argon2Error> + Send + 'static,
    ) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        let task: Task = Box::new(move |memory| {
            // The client may have left meanwhile: then nobody hears the answer.
            let _ = reply.send(task(memory));
        });
        self.tasks
            .send((task, turn))
            .map_err(|_| Failure::Internal("the hash workers are gone".into()))?;
        answer
            .await
            .map_err(|_| Failure::Internal("a hash worker gave up".into()))?
            .map_err(|error| Failure::Internal(error.into()))
    }
}

/// A worker's life. The turn lasts until the task is done, whether or not its client waited.
fn work(inbox: &Mutex<mpsc::Receiver<(Task, Turn)>>) {
    let mut memory = Memory::default();
    loop {
        let next = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((task, turn)) = next else {
            return;
        };
        if catch_unwind(AssertUnwindSafe(|| task(&mut memory))).is_err() {
            tracing::error!("a password hash panicked");
            memory = Memory::default();
        }
        drop(turn);
    }
}
