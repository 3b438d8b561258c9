//! How many messages are read in a second. Further ones wait in the connection, where they slow the client down.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

const WINDOW: Duration = Duration::from_secs(1);

/// The messages of the current second.
pub struct Rate {
    max: u32,
    begun_at: Instant,
    count: u32,
}

impl Rate {
    /// Allows `max` messages a second.
    pub fn new(max: u32) -> Self {
        Self {
            max,
            begun_at: Instant::now(),
            count: 0,
        }
    }

    /// Waits until a message may be read.
    pub async fn ready(&self) {
        if self.count >= self.max {
            sleep_until(self.begun_at + WINDOW).await;
        }
    }

    /// Counts a message.
    pub fn count(&mut self) {
        let now = Instant::now();
        if now >= self.begun_at + WINDOW {
            self.begun_at = now;
            self.count = 0;
        }
        self.count += 1;
    }
}
