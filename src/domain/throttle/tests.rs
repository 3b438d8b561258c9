//! Tests of the throttle rules.

use chrono::{DateTime, TimeDelta};

use super::{Decision, Rule, State};
use crate::domain::clock::Timestamp;

const ACCOUNT: Rule = Rule::GrowingWaits { free: 5 };
const SOURCE: Rule = Rule::Rate {
    count: 10,
    within: TimeDelta::minutes(10),
};

fn start() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// Returns the state after an attempt that must be allowed.
fn taken(rule: Rule, state: Option<State>, now: Timestamp) -> State {
    match rule.reserve(state, now) {
        Decision::Reserved(next) => next,
        refused @ Decision::Refused { .. } => panic!("{refused:?}"),
    }
}

/// Counts the attempts that are allowed to an attacker who tries every second.
fn allowed_attempts(rule: Rule, time: TimeDelta) -> usize {
    let mut state = None;
    let mut allowed = 0;
    for second in 0..time.num_seconds() {
        if let Decision::Reserved(next) = rule.reserve(state, start() + TimeDelta::seconds(second))
        {
            state = Some(next);
            allowed += 1;
        }
    }
    allowed
}

#[test]
fn an_account_allows_fewer_than_a_hundred_guesses_a_day() {
    let day = allowed_attempts(ACCOUNT, TimeDelta::days(1));
    assert!((70..100).contains(&day), "{day}");
    let two = allowed_attempts(ACCOUNT, TimeDelta::days(2));
    assert!(two - day < 100, "{two}");
}

#[test]
fn waits_grow_from_half_a_minute_to_twenty() {
    let (mut state, mut now) = (None, start());
    let mut waits = vec![];
    for _ in 0..14 {
        if let Decision::Refused { wait, .. } = ACCOUNT.reserve(state, now) {
            waits.push(wait.num_seconds());
            now += wait;
        }
        match ACCOUNT.reserve(state, now) {
            Decision::Reserved(next) => state = Some(next),
            refused @ Decision::Refused { .. } => panic!("{refused:?}"),
        }
    }
    assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1200, 1200, 1200]);
}

#[test]
fn a_rate_allows_its_count_at_once_and_then_one_for_each_step() {
    assert_eq!(allowed_attempts(SOURCE, TimeDelta::seconds(59)), 10);
    assert_eq!(allowed_attempts(SOURCE, TimeDelta::seconds(61)), 11);
    assert_eq!(allowed_attempts(SOURCE, TimeDelta::seconds(601)), 20);
}

#[test]
fn a_released_reservation_is_free_and_releases_no_other() {
    for rule in [ACCOUNT, SOURCE] {
        let mut state = None;
        for _ in 0..4 {
            let Decision::Reserved(next) = rule.reserve(state, start()) else {
                panic!("refused");
            };
            state = Some(next);
        }
        for _ in 0..1000 {
            let Decision::Reserved(next) = rule.reserve(state, start()) else {
                panic!("refused");
            };
            let back = rule.release(next);
            assert_eq!(Some(back.count), state.map(|state| state.count));
            state = Some(back);
        }
    }
}

#[test]
fn a_wait_never_lasts_longer_than_its_maximum_whichever_way_the_clock_steps() {
    for (rule, longest) in [
        (ACCOUNT, TimeDelta::minutes(20)),
        (SOURCE, TimeDelta::minutes(10)),
    ] {
        let mut state = None;
        for _ in 0..20 {
            match rule.reserve(state, start()) {
                Decision::Reserved(next) => state = Some(next),
                Decision::Refused { wait, .. } => assert!(wait <= longest),
            }
        }
        let back = start() - TimeDelta::days(1);
        let Decision::Refused { wait, keep } = rule.reserve(state, back) else {
            panic!("refused");
        };
        assert!(wait <= longest, "{wait}");
        assert!(matches!(
            rule.reserve(keep, back + wait),
            Decision::Reserved(_)
        ));
        let forward = start() + TimeDelta::days(1);
        assert!(matches!(
            rule.reserve(state, forward),
            Decision::Reserved(_)
        ));
    }
}

#[test]
fn a_state_without_a_wait_has_none_after_the_clock_is_set_back() {
    let Decision::Reserved(once) = ACCOUNT.reserve(None, start()) else {
        panic!("refused");
    };
    let back = start() - TimeDelta::days(7);
    let none = ACCOUNT.restored(None, once);
    for state in [once, none, ACCOUNT.release(once)] {
        let decision = ACCOUNT.reserve(Some(state), back);
        assert!(matches!(decision, Decision::Reserved(_)), "{state:?}");
    }
    let Decision::Reserved(once) = SOURCE.reserve(None, start()) else {
        panic!("refused");
    };
    let none = SOURCE.restored(None, once);
    for state in [once, none, SOURCE.release(once)] {
        let decision = SOURCE.reserve(Some(state), back);
        assert!(matches!(decision, Decision::Reserved(_)), "{state:?}");
    }
}

#[test]
fn nodes_with_different_clocks_allow_no_more_attempts_and_no_long_waits() {
    let apart = TimeDelta::minutes(4);
    for (rule, longest) in [
        (ACCOUNT, TimeDelta::minutes(20)),
        (SOURCE, TimeDelta::minutes(10)),
    ] {
        let (mut state, mut allowed) = (None, 0);
        for second in 0..86_400 {
            for ahead in [TimeDelta::zero(), apart] {
                let now = start() + TimeDelta::seconds(second) + ahead;
                match rule.reserve(state, now) {
                    Decision::Reserved(next) => {
                        state = Some(next);
                        allowed += 1;
                    }
                    Decision::Refused { wait, keep } => {
                        assert_eq!(keep, None);
                        assert!(wait <= longest + apart, "{wait}");
                    }
                }
            }
        }
        // The node that is ahead starts its day earlier.
        let alone = allowed_attempts(rule, TimeDelta::days(1) + apart);
        assert!(allowed <= alone + 4, "{rule:?}: {allowed}, alone {alone}");
    }
}

#[test]
fn a_refused_attempt_does_not_extend_the_wait() {
    let mut state = None;
    for _ in 0..5 {
        state = Some(taken(ACCOUNT, state, start()));
    }
    for second in 0..30 {
        let now = start() + TimeDelta::seconds(second);
        let left = TimeDelta::seconds(30 - second);
        assert_eq!(
            ACCOUNT.reserve(state, now),
            Decision::Refused {
                wait: left,
                keep: None
            }
        );
    }
}

#[test]
fn failures_expire_after_exactly_twenty_four_hours() {
    let mut state = None;
    for _ in 0..4 {
        state = Some(taken(ACCOUNT, state, start()));
    }
    let day = start() + TimeDelta::hours(24);
    let before = taken(ACCOUNT, state, day - TimeDelta::microseconds(1));
    assert_eq!(before.count, 5);
    assert_eq!(taken(ACCOUNT, state, day).count, 1);
}

#[test]
fn a_reservation_released_after_others_leaves_their_number_and_no_wait() {
    let mut state = None;
    for _ in 0..5 {
        state = Some(taken(ACCOUNT, state, start()));
    }
    let Some(five) = state else { panic!("none") };
    let back = ACCOUNT.release(five);
    assert_eq!((back.count, back.taken_at), (4, start()));
    assert_eq!(taken(ACCOUNT, Some(back), start()).count, 5);
    // Six failures, the sixth after its wait. The wait of the fifth is over.
    let later = start() + TimeDelta::seconds(30);
    let six = taken(ACCOUNT, state, later);
    let back = ACCOUNT.release(six);
    assert_eq!(taken(ACCOUNT, Some(back), later).count, 6);
    // The state of a released only reservation counts as expired, so that it is deleted soon.
    let only = taken(ACCOUNT, None, start());
    let none = ACCOUNT.restored(None, only);
    assert_eq!(none.taken_at, start() - TimeDelta::hours(24));
    // A bucket has room for one more.
    let mut state = None;
    for _ in 0..10 {
        state = Some(taken(SOURCE, state, start()));
    }
    let Some(full) = state else { panic!("none") };
    let back = SOURCE.release(full);
    let again = taken(SOURCE, Some(back), start());
    assert!(matches!(
        SOURCE.reserve(Some(again), start()),
        Decision::Refused { .. }
    ));
}

#[test]
fn failures_from_before_a_clock_was_set_back_expire_a_day_later() {
    let mut state = None;
    for _ in 0..3 {
        state = Some(taken(ACCOUNT, state, start()));
    }
    let back = start() - TimeDelta::days(7);
    let state = taken(ACCOUNT, state, back);
    assert_eq!((state.count, state.taken_at), (4, back));
    let later = back + TimeDelta::hours(24);
    assert_eq!(taken(ACCOUNT, Some(state), later).count, 1);
}

#[test]
fn a_factor_multiplies_the_limit() {
    let within = TimeDelta::minutes(10);
    assert_eq!(SOURCE.times(4), Rule::Rate { count: 40, within });
    assert_eq!(ACCOUNT.times(2), Rule::GrowingWaits { free: 10 });
}
