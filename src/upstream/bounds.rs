//! How many requests to the service may run at once, and how many operations may merge large answers at once.
//!
//! Without these bounds, clients could open any number of connections to the service, and fill the memory with its answers.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::UpstreamError;

/// How many operations may have large answers in memory at once, each at most two. With `max-merge`, they bound the memory of
/// merged answers.
const LARGE_MERGES: usize = 8;

/// The bounds of one service.
#[derive(Clone)]
pub struct Bounds {
    requests: Arc<Semaphore>,
    merges: Arc<Semaphore>,
    wait: Duration,
}

/// Permission for one request. It is held until the answer has ended.
pub struct RequestPermit {
    bounds: Bounds,
    _permit: OwnedSemaphorePermit,
}

/// Permission for the large answers of one operation in memory.
pub struct MergeSlot {
    _permit: OwnedSemaphorePermit,
}

impl Bounds {
    /// Allows `max_requests` at once. Further ones wait for `wait`, and fail then.
    pub fn new(max_requests: usize, wait: Duration) -> Self {
        Self {
            requests: Arc::new(Semaphore::new(max_requests.min(Semaphore::MAX_PERMITS))),
            merges: Arc::new(Semaphore::new(LARGE_MERGES)),
            wait,
        }
    }

    /// Waits for permission for a request.
    pub async fn request(&self) -> Result<RequestPermit, UpstreamError> {
        Ok(RequestPermit {
            _permit: self.acquire(&self.requests).await?,
            bounds: self.clone(),
        })
    }

    async fn acquire(
        &self,
        semaphore: &Arc<Semaphore>,
    ) -> Result<OwnedSemaphorePermit, UpstreamError> {
        let permit = timeout(self.wait, Arc::clone(semaphore).acquire_owned()).await;
        permit
            .map_err(|_| UpstreamError::Busy)?
            .map_err(|_| UpstreamError::Busy)
    }
}

impl RequestPermit {
    /// Waits for permission to hold the whole answer, which is large.
    pub async fn merge_slot(&self) -> Result<MergeSlot, UpstreamError> {
        Ok(MergeSlot {
            _permit: self.bounds.acquire(&self.bounds.merges).await?,
        })
    }
}
