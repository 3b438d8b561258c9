//! How long sessions last, and how many a person has.

use std::time::Duration;

use chrono::TimeDelta;
use clap::Args;

use super::{ConfigError, values::duration};
use crate::domain::session::SessionPolicy;

/// The ends of a session, and how many are remembered.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Sessions")]
pub struct SessionConfig {
    /// A session that is not used for so long ends; no longer than the lifetime [default: 7d, or the lifetime if that is
    /// shorter]
    #[arg(long = "session-idle", env = "GATELODGE_SESSION_IDLE", value_parser = duration::parse)]
    pub idle: Option<Duration>,

    /// The same for a session that ends with its browser (`rememberMe: false`); no longer than the other [default: 12h,
    /// or the other if that is shorter]
    #[arg(long = "session-idle-short", env = "GATELODGE_SESSION_IDLE_SHORT", value_parser = duration::parse)]
    pub idle_short: Option<Duration>,

    /// A session ends after so long, whatever use is made of it
    #[arg(long = "session-lifetime", env = "GATELODGE_SESSION_LIFETIME", default_value = "30d", value_parser = duration::parse)]
    pub lifetime: Duration,

    /// How long after giving their password a person may do what cannot be undone without giving it again
    #[arg(long = "reauthenticate-after", env = "GATELODGE_REAUTHENTICATE_AFTER", default_value = "15m", value_parser = duration::parse)]
    pub reauthenticate_after: Duration,

    /// Sessions of one person; a further login ends the oldest
    #[arg(long = "session-max", env = "GATELODGE_SESSION_MAX", default_value = "100", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub most: u32,

    /// How long the events of an account (logins, refusals, changes) are kept. One account has at most 1,000; when there
    /// are more, the oldest of the most frequent kind goes
    #[arg(long = "security-events-keep", env = "GATELODGE_SECURITY_EVENTS_KEEP", default_value = "90d", value_parser = duration::parse)]
    pub keep_events: Duration,

    /// Sessions that a node remembers, so that most requests ask the database nothing; 0 turns it off
    #[arg(long = "session-cache", env = "GATELODGE_SESSION_CACHE", default_value = "10000", value_parser = clap::value_parser!(u32).range(0..=10_000_000))]
    pub cache: u32,
}

/// Durations are at most 400 days, which every `TimeDelta` holds.
fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

/// The idle timeout where none is set.
const IDLE: Duration = Duration::from_hours(7 * 24);
/// The same for sessions that end with their browser.
const IDLE_SHORT: Duration = Duration::from_hours(12);

impl SessionConfig {
    /// Refuses an idle timeout that would never end a session.
    pub fn check_idle(&self) -> Result<(), ConfigError> {
        self.check_against_lifetime("GATELODGE_SESSION_IDLE", self.idle)
    }

    /// Refuses the same of sessions that end with their browser.
    pub fn check_idle_short(&self) -> Result<(), ConfigError> {
        self.check_against_lifetime("GATELODGE_SESSION_IDLE_SHORT", self.idle_short)
    }

    fn check_against_lifetime(
        &self,
        setting: &'static str,
        idle: Option<Duration>,
    ) -> Result<(), ConfigError> {
        match idle {
            Some(idle) if idle > self.lifetime => Err(ConfigError {
                setting,
                problem: format!(
                    "{} is above GATELODGE_SESSION_LIFETIME, {}, and would end no session: lower it, or raise the \
                     lifetime",
                    humantime::format_duration(idle),
                    humantime::format_duration(self.lifetime)
                ),
            }),
            _ => Ok(()),
        }
    }

    /// Returns the idle timeout, which is never above the lifetime.
    fn idle(&self) -> Duration {
        self.idle.unwrap_or(IDLE).min(self.lifetime)
    }

    /// How long security events are kept.
    pub fn keep_events(&self) -> TimeDelta {
        delta(self.keep_events)
    }

    /// The policy that the settings make.
    pub fn policy(&self) -> SessionPolicy {
        SessionPolicy {
            idle: delta(self.idle()),
            idle_short: delta(self.idle_short.unwrap_or(IDLE_SHORT).min(self.idle())),
            lifetime: delta(self.lifetime),
            recent: delta(self.reauthenticate_after),
            most: self.most.into(),
        }
    }
}
