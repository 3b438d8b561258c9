//! Pings, so that a peer that is gone is noticed although its connection was never closed.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The pings to one peer.
pub struct Heartbeat {
    interval: Duration,
    timeout: Duration,
    next: Instant,
    /// When the peer counts as gone.
    deadline: Option<Instant>,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// A ping.
    Ping,
    /// The end: the last ping got no answer.
    Gone,
}

impl Heartbeat {
    /// Begins with a ping after `interval`.
    pub fn new(interval: Duration, timeout: Duration) -> Self {
        Self {
            interval,
            timeout,
            next: Instant::now() + interval,
            deadline: None,
        }
    }

    /// Notes that the peer sent anything.
    pub fn heard(&mut self) {
        self.deadline = None;
    }

    /// Waits until something is due.
    pub async fn due(&mut self) -> Due {
        match self.deadline {
            Some(deadline) if deadline <= self.next => {
                sleep_until(deadline).await;
                Due::Gone
            }
            _ => {
                sleep_until(self.next).await;
                let now = Instant::now();
                self.next = now + self.interval;
                self.deadline.get_or_insert(now + self.timeout);
                Due::Ping
            }
        }
    }
}
