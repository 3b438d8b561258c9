//! Durations with a unit: `90s`, `30m`, `12h`, `7d`.

use std::time::Duration;

/// Longest duration of a setting: browsers keep no cookie longer (RFC 6265bis, section 5.5).
const MAX: Duration = Duration::from_hours(400 * 24);

/// The units of durations, with their seconds.
const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];

/// Writes a duration as settings have it: a whole number of the largest unit that fits.
pub fn show(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let fits = |(unit, _): &(u64, &str)| seconds >= *unit && seconds.is_multiple_of(*unit);
    let (unit, name) = UNITS.into_iter().find(fits).unwrap_or((1, "s"));
    format!("{}{name}", seconds / unit)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_shown_in_its_largest_whole_unit() {
        for text in ["1s", "90s", "2m", "36h", "31d", "400d"] {
            assert_eq!(show(parse(text).unwrap()), text);
        }
        assert_eq!(show(parse("31d 1h").unwrap()), "745h");
        assert_eq!(show(Duration::ZERO), "0s");
    }
}
