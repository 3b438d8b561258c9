//! How long sessions last.

use std::time::Duration;

use chrono::TimeDelta;
use clap::Args;

use super::duration;
use crate::domain::session::SessionPolicy;

/// The two ends of a session.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Sessions")]
pub struct SessionConfig {
    /// A session that is not used for so long ends
    #[arg(long = "session-idle", env = "GATELODGE_SESSION_IDLE", default_value = "7d", value_parser = duration::parse)]
    pub idle: Duration,

    /// A session ends after so long, whatever use is made of it
    #[arg(long = "session-lifetime", env = "GATELODGE_SESSION_LIFETIME", default_value = "30d", value_parser = duration::parse)]
    pub lifetime: Duration,
}

impl SessionConfig {
    /// The policy that the settings make. Durations are at most 400 days, which every `TimeDelta` holds.
    pub fn policy(&self) -> SessionPolicy {
        let delta = |duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        SessionPolicy {
            idle: delta(self.idle),
            lifetime: delta(self.lifetime),
        }
    }
}
