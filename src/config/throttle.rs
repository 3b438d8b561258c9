//! How often something may be tried.

use std::{fmt, str::FromStr, time::Duration};

use chrono::TimeDelta;
use clap::Args;

use super::values::duration;
use crate::domain::throttle::Rule;

/// Bounds of tries.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Throttling")]
pub struct ThrottleConfig {
    /// Failures on one account from new browsers before waits of 30 s, doubling to 20 min
    #[arg(long = "throttle-account", env = "GATELODGE_THROTTLE_ACCOUNT", default_value = "5", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub account: u32,

    /// Failures from one address (IPv6: /64; a /56 has twice as many, a /48 four times): count/duration. A login with an
    /// empty field is a failure
    #[arg(
        long = "throttle-source",
        env = "GATELODGE_THROTTLE_SOURCE",
        default_value = "100/10m"
    )]
    pub source: Rate,

    /// Registrations from one address (IPv6: /64; a /56 has twice as many, a /48 four times) that reach the database:
    /// count/duration
    #[arg(
        long = "throttle-register",
        env = "GATELODGE_THROTTLE_REGISTER",
        default_value = "100/1h"
    )]
    pub register: Rate,

    /// Right passwords on one account from each browser that signed in to it before, and from the new browsers of one
    /// address (IPv6: /48) together: count/duration
    #[arg(
        long = "throttle-logins",
        env = "GATELODGE_THROTTLE_LOGINS",
        default_value = "60/10m"
    )]
    pub logins: Rate,
}

/// So many within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// In which time.
    pub within: Duration,
}

impl Rate {
    /// The rule that it makes. Durations are at most 400 days, which every `TimeDelta` holds.
    pub fn rule(self) -> Rule {
        Rule::Rate {
            count: self.count,
            within: TimeDelta::from_std(self.within).unwrap_or(TimeDelta::MAX),
        }
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "write COUNT/DURATION, like 100/10m".to_owned();
        let (count, within) = text.split_once('/').ok_or_else(wrong)?;
        let count = count.parse().map_err(|_| wrong())?;
        if !(1..=1_000_000).contains(&count) {
            return Err("the count must be from 1 to 1000000".to_owned());
        }
        let within = duration::parse(within)?;
        Ok(Self { count, within })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}",
            self.count,
            humantime::format_duration(self.within)
        )
    }
}
