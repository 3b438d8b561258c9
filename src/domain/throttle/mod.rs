//! Throttling: pure rules over a small state. The database stores only this state.
//!
//! An attempt reserves before it runs, and releases its reservation if it does not count as a failure. So concurrent
//! attempts cannot exceed a limit. A stored wait never exceeds its maximum from now, even if the clock is set back, except
//! for the difference between two nodes' clocks.

mod rule;
mod state;
#[cfg(test)]
mod tests;

pub use self::{
    rule::{Decision, Rule},
    state::State,
};

use chrono::TimeDelta;

/// How long failures on an account count after the last one.
const FAILURE_LIFETIME: TimeDelta = TimeDelta::hours(24);
