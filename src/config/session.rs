//! How long sessions last, and how many a user may have.

use std::time::Duration;

use chrono::TimeDelta;
use clap::Args;

use super::{ConfigError, values::duration};
use crate::domain::session::SessionPolicy;

/// The timeouts of sessions, and the sizes of their lists and caches.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Sessions")]
pub struct SessionConfig {
    /// Idle timeout of a session, at most the lifetime [default: 7d, or the lifetime if shorter]
    #[arg(long = "session-idle", env = "GATELODGE_SESSION_IDLE", value_parser = duration::parse)]
    pub idle: Option<Duration>,

    /// Idle timeout of a session with `rememberMe: false`, at most --session-idle [default: 12h, or --session-idle if
    /// shorter]
    #[arg(long = "session-idle-short", env = "GATELODGE_SESSION_IDLE_SHORT", value_parser = duration::parse)]
    pub idle_short: Option<Duration>,

    /// Absolute timeout (lifetime) of a session, even if it is in use
    #[arg(long = "session-lifetime", env = "GATELODGE_SESSION_LIFETIME", default_value = "30d", value_parser = duration::parse)]
    pub lifetime: Duration,

    /// Maximum age of the last password check for sensitive operations. An older session must call `reauthenticate`
    /// first
    #[arg(long = "reauthenticate-after", env = "GATELODGE_REAUTHENTICATE_AFTER", default_value = "15m", value_parser = duration::parse)]
    pub reauthenticate_after: Duration,

    /// Maximum number of sessions of one user. A further login ends the oldest
    #[arg(long = "session-max", env = "GATELODGE_SESSION_MAX", default_value = "100", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub max_sessions: u32,

    /// How long the security events of an account (logins, refusals, changes) are kept. An account has at most 1,000: a
    /// further event deletes the oldest of the most frequent kind
    #[arg(long = "security-events-keep", env = "GATELODGE_SECURITY_EVENTS_KEEP", default_value = "90d", value_parser = duration::parse)]
    pub keep_events: Duration,

    /// Number of sessions that a node caches, so that most requests need no database query. 0 turns the cache off
    #[arg(long = "session-cache", env = "GATELODGE_SESSION_CACHE", default_value = "10000", value_parser = clap::value_parser!(u32).range(0..=10_000_000))]
    pub cache: u32,
}

/// Converts a duration. Settings are at most 400 days, which a `TimeDelta` can hold.
fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

/// Refuses a timeout above the setting that limits it: it would never end a session.
fn check_below(
    setting: &'static str,
    timeout: Option<Duration>,
    limit: &str,
    longest: Duration,
) -> Result<(), ConfigError> {
    match timeout {
        Some(timeout) if timeout > longest => Err(ConfigError {
            setting,
            problem: format!(
                "{} is above {limit} ({}) and would never end a session. Lower it, or raise {limit}",
                duration::show(timeout),
                duration::show(longest)
            ),
        }),
        _ => Ok(()),
    }
}

/// The default idle timeout.
const IDLE: Duration = Duration::from_hours(7 * 24);
/// The default idle timeout of sessions that end with their browser.
const IDLE_SHORT: Duration = Duration::from_hours(12);

impl SessionConfig {
    /// Refuses an idle timeout above the lifetime, which would never end a session.
    pub fn check_idle(&self) -> Result<(), ConfigError> {
        let (setting, limit) = ("GATELODGE_SESSION_IDLE", "GATELODGE_SESSION_LIFETIME");
        check_below(setting, self.idle, limit, self.lifetime)
    }

    /// Refuses a short idle timeout above the idle timeout.
    pub fn check_idle_short(&self) -> Result<(), ConfigError> {
        let (setting, limit) = ("GATELODGE_SESSION_IDLE_SHORT", "GATELODGE_SESSION_IDLE");
        check_below(setting, self.idle_short, limit, self.idle())
    }

    /// Returns the idle timeout, which is never above the lifetime.
    pub fn idle(&self) -> Duration {
        self.idle.unwrap_or(IDLE).min(self.lifetime)
    }

    /// Returns the idle timeout of sessions that end with their browser. It is never above the idle timeout.
    pub fn idle_short(&self) -> Duration {
        self.idle_short.unwrap_or(IDLE_SHORT).min(self.idle())
    }

    /// Returns how long security events are kept.
    pub fn keep_events(&self) -> TimeDelta {
        delta(self.keep_events)
    }

    /// Returns the settings as a policy.
    pub fn policy(&self) -> SessionPolicy {
        SessionPolicy {
            idle: delta(self.idle()),
            idle_short: delta(self.idle_short()),
            lifetime: delta(self.lifetime),
            recent: delta(self.reauthenticate_after),
            max_sessions: self.max_sessions.into(),
        }
    }
}
