//! Durations with a unit: `90s`, `30m`, `12h`, `7d`.

use std::time::Duration;

/// Longest duration of a setting: browsers keep no cookie longer (RFC 6265bis, section 5.5).
const MAX: Duration = Duration::from_hours(400 * 24);

/// Parses a duration between one second and 400 days.
pub fn parse(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| {
        format!("is not a duration ({error}). Write it like 90s, 30m, 12h or 7d")
    })?;
    if (Duration::from_secs(1)..=MAX).contains(&duration) {
        Ok(duration)
    } else {
        Err("must be between 1s and 400d".to_owned())
    }
}
