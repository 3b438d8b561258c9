//! When signing keys begin to sign and when they are deleted. All times are of the database's clock.

use chrono::TimeDelta;

use crate::{domain::clock::Timestamp, store::SigningKeyRow};

/// How long a key is published before it signs, so that verifiers which cache the key set have it by then.
pub const PUBLISHED_BEFORE: TimeDelta = TimeDelta::minutes(20);
/// How long a key stays published after its successor began to sign. No token lives longer than an hour.
const PUBLISHED_AFTER: TimeDelta = TimeDelta::hours(2);

/// Returns the key that signs now: the newest of its algorithm that has begun, or the oldest if the clock was set back
/// before all of them. `rows` are in the order in which they begin.
pub fn current<'a>(
    rows: &'a [SigningKeyRow],
    algorithm: &str,
    now: Timestamp,
) -> Option<&'a SigningKeyRow> {
    let oldest = of(rows, algorithm).next();
    of(rows, algorithm)
        .rfind(|row| row.signs_from <= now)
        .or(oldest)
}

/// Returns the key that waits to sign, if there is one.
pub fn upcoming<'a>(
    rows: &'a [SigningKeyRow],
    algorithm: &str,
    now: Timestamp,
) -> Option<&'a SigningKeyRow> {
    of(rows, algorithm).rfind(|row| row.signs_from > now)
}

fn of<'a>(
    rows: &'a [SigningKeyRow],
    algorithm: &str,
) -> impl DoubleEndedIterator<Item = &'a SigningKeyRow> {
    rows.iter().filter(move |row| row.algorithm == algorithm)
}

/// Returns when a new key must begin to sign, if one is due.
pub fn due(
    rows: &[SigningKeyRow],
    algorithm: &str,
    rotation: TimeDelta,
    now: Timestamp,
) -> Option<Timestamp> {
    let Some(newest) = of(rows, algorithm).next_back() else {
        // The first key, or the first of a new algorithm, signs at once.
        return Some(now);
    };
    let next = newest.signs_from + rotation;
    let earliest = now + PUBLISHED_BEFORE;
    (earliest >= next).then_some(earliest)
}

/// Returns the keys that no valid token was signed with: those whose successor of the same algorithm began long ago. A key
/// of another algorithm has ended, too, if no node has rotated it in time.
pub fn outdated(
    rows: &[SigningKeyRow],
    own_algorithm: &str,
    rotation: TimeDelta,
    now: Timestamp,
) -> Vec<i64> {
    let before = now - PUBLISHED_AFTER;
    let has_successor = |row: &SigningKeyRow| {
        of(rows, &row.algorithm)
            .skip_while(|other| other.number != row.number)
            .skip(1)
            .any(|successor| successor.signs_from <= before)
    };
    let is_abandoned =
        |row: &SigningKeyRow| row.algorithm != own_algorithm && row.signs_from + rotation <= before;
    rows.iter()
        .filter(|row| has_successor(row) || is_abandoned(row))
        .map(|row| row.number)
        .collect()
}

/// Returns the number of the next key.
pub fn next_number(rows: &[SigningKeyRow]) -> i64 {
    rows.iter().map(|row| row.number).max().unwrap_or(0) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROTATION: TimeDelta = TimeDelta::days(30);

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn row(number: i64, algorithm: &str, signs_from: i64) -> SigningKeyRow {
        SigningKeyRow {
            number,
            kid: String::new(),
            algorithm: algorithm.to_owned(),
            public_key: String::new(),
            private_key_sealed: String::new(),
            sealed_with: String::new(),
            created_at: at(signs_from),
            signs_from: at(signs_from),
        }
    }

    #[test]
    fn the_first_key_and_the_first_of_an_algorithm_sign_at_once() {
        assert_eq!(due(&[], "ES256", ROTATION, at(0)), Some(at(0)));
        let rows = [row(1, "ES256", 0)];
        assert_eq!(due(&rows, "EdDSA", ROTATION, at(5)), Some(at(5)));
        assert_eq!(due(&rows, "ES256", ROTATION, at(5)), None);
    }

    #[test]
    fn the_next_key_is_published_twenty_minutes_before_it_signs() {
        let month = ROTATION.num_minutes();
        let rows = [row(1, "ES256", 0)];
        assert_eq!(due(&rows, "ES256", ROTATION, at(month - 21)), None);
        assert_eq!(
            due(&rows, "ES256", ROTATION, at(month - 20)),
            Some(at(month))
        );
        // All nodes were off: the key is published first all the same.
        assert_eq!(
            due(&rows, "ES256", ROTATION, at(month + 500)),
            Some(at(month + 520))
        );
        let rows = [row(1, "ES256", 0), row(2, "ES256", month)];
        let current = |now| current(&rows, "ES256", at(now)).unwrap().number;
        assert_eq!(current(month - 1), 1);
        assert_eq!(current(month), 2);
        let upcoming = |now| upcoming(&rows, "ES256", at(now)).map(|row| row.number);
        assert_eq!(upcoming(month - 1), Some(2));
        assert_eq!(upcoming(month), None);
        assert_eq!(due(&rows, "ES256", ROTATION, at(month - 19)), None);
    }

    #[test]
    fn a_key_is_deleted_two_hours_after_its_successor_began_to_sign() {
        let rows = [row(1, "ES256", 0), row(2, "ES256", 100)];
        let outdated = |now| outdated(&rows, "ES256", ROTATION, at(now));
        assert_eq!(outdated(219), [0_i64; 0]);
        assert_eq!(outdated(220), [1]);
        assert_eq!(outdated(999_999), [1]);
        assert_eq!(next_number(&rows), 3);
    }

    #[test]
    fn the_key_that_signs_is_never_deleted() {
        // Back to the first algorithm; a change of the algorithm while a key waits.
        for (rows, own) in [
            ([row(1, "ES256", 0), row(2, "EdDSA", 5)], "ES256"),
            ([row(1, "EdDSA", 5), row(2, "ES256", 20)], "EdDSA"),
        ] {
            for now in [25, 125, 200, ROTATION.num_minutes() + 119, 999_999] {
                let signs = current(&rows, own, at(now)).unwrap().number;
                let outdated = outdated(&rows, own, ROTATION, at(now));
                assert!(!outdated.contains(&signs), "{own} at {now}");
                // Nodes may sign with the other algorithm until the end of its rotation.
                let is_abandoned = now > ROTATION.num_minutes() + 200;
                assert_eq!(outdated.len(), usize::from(is_abandoned), "{own} at {now}");
            }
        }
    }

    #[test]
    fn the_oldest_key_signs_if_the_clock_was_set_back() {
        let rows = [row(1, "ES256", 0), row(2, "ES256", 100)];
        assert_eq!(current(&rows, "ES256", at(-60)).unwrap().number, 1);
    }
}
