//! Rate limits of logins and registrations.

use std::{fmt, str::FromStr, time::Duration};

use chrono::TimeDelta;
use clap::Args;

use super::values::duration;
use crate::domain::throttle::Rule;

/// The rate limits.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Throttling")]
pub struct ThrottleConfig {
    /// Failed logins on one account from new browsers before each further one must wait: 30 s at first, doubling up to
    /// 20 min
    #[arg(long = "throttle-account", env = "GATELODGE_THROTTLE_ACCOUNT", default_value = "5", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub account: u32,

    /// Failed logins from one address, as COUNT/DURATION. IPv6: from one /64; a /56 may have twice as many, a /48 four
    /// times as many. A login with an empty field counts as failed
    #[arg(
        long = "throttle-source",
        env = "GATELODGE_THROTTLE_SOURCE",
        default_value = "100/10m"
    )]
    pub source: Rate,

    /// Registrations from one address that reach the database, as COUNT/DURATION. IPv6: from one /64; a /56 may have
    /// twice as many, a /48 four times as many
    #[arg(
        long = "throttle-register",
        env = "GATELODGE_THROTTLE_REGISTER",
        default_value = "100/1h"
    )]
    pub register: Rate,

    /// Successful logins on one account, as COUNT/DURATION: from each browser that logged in to it before, and from all
    /// new browsers of one address (IPv6: /48) together
    #[arg(
        long = "throttle-logins",
        env = "GATELODGE_THROTTLE_LOGINS",
        default_value = "60/10m"
    )]
    pub logins: Rate,
}

/// A number of events within a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The number.
    pub count: u32,
    /// The period.
    pub within: Duration,
}

impl Rate {
    /// Returns the throttle rule for this rate. Settings are at most 400 days, which a `TimeDelta` can hold.
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
        let wrong = || "is not a rate. Write COUNT/DURATION, like 100/10m".to_owned();
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
        write!(f, "{}/{}", self.count, duration::show(self.within))
    }
}
