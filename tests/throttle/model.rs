//! The throttle's rules against their guarantees, for any sequence of attempts, successes and clock changes.

use chrono::{DateTime, TimeDelta};
use gatelodge::domain::{
    clock::Timestamp,
    throttle::{Decision, Rule, State},
};
use proptest::{collection::vec, prelude::*};

const ACCOUNT: Rule = Rule::GrowingWaits { free: 5 };
const SOURCE: Rule = Rule::Rate {
    count: 10,
    within: TimeDelta::minutes(10),
};
/// Time until one reservation of `SOURCE` is free again.
const STEP: TimeDelta = TimeDelta::minutes(1);

fn longest(rule: Rule) -> TimeDelta {
    match rule {
        Rule::GrowingWaits { .. } => TimeDelta::minutes(20),
        Rule::Rate { within, .. } => within,
    }
}

fn start() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A reservation is asked for, and kept until it is released, if ever.
    Try,
    /// A reservation is released: its attempt succeeded, or was not made.
    GiveBack(prop::sample::Index),
    /// The clock advances by this many seconds.
    Wait(u32),
    /// The clock advances until the next attempt is free, as the last refusal said.
    WaitAsAsked,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let waits = prop_oneof![0..90_u32, 0..1300_u32, 0..100_000_u32];
    let step = prop_oneof![
        6 => Just(Step::Try),
        1 => any::<prop::sample::Index>().prop_map(Step::GiveBack),
        2 => waits.prop_map(Step::Wait),
        3 => Just(Step::WaitAsAsked),
    ];
    vec(step, 0..400)
}

/// Imitates the counts in the database: `auth/throttle/reservation.rs` without the database.
struct Counted {
    rule: Rule,
    now: Timestamp,
    state: Option<State>,
    /// Reservations that are not released: the earlier state and the time.
    taken: Vec<(Option<State>, State)>,
    /// Times of reservations that were never released.
    passed: Vec<Timestamp>,
    given_back: usize,
    wait: TimeDelta,
}

impl Counted {
    fn new(rule: Rule) -> Self {
        Self {
            rule,
            now: start(),
            state: None,
            taken: vec![],
            passed: vec![],
            given_back: 0,
            wait: TimeDelta::zero(),
        }
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Try => match self.rule.reserve(self.state, self.now) {
                Decision::Reserved(state) => {
                    self.taken.push((self.state, state));
                    self.state = Some(state);
                    self.passed.push(self.now);
                }
                Decision::Refused { wait, keep } => {
                    assert!(TimeDelta::zero() < wait && wait <= longest(self.rule));
                    self.state = keep.or(self.state);
                    self.wait = wait;
                }
            },
            Step::GiveBack(which) if !self.taken.is_empty() => {
                let which = which.index(self.taken.len());
                let (before, taken) = self.taken.remove(which);
                self.passed.remove(which);
                self.given_back += 1;
                self.state = self.state.map(|state| {
                    if state == taken {
                        self.rule.restored(before, taken)
                    } else {
                        self.rule.release(state)
                    }
                });
            }
            Step::GiveBack(_) => {}
            Step::Wait(seconds) => self.now += TimeDelta::seconds(seconds.into()),
            Step::WaitAsAsked => self.now += std::mem::take(&mut self.wait),
        }
    }

    /// Returns the maximum of reservations not released within any period of a length.
    fn max_within(&self, time: TimeDelta) -> usize {
        let ends = self.passed.iter().enumerate().map(|(from, first)| {
            self.passed[from..]
                .iter()
                .take_while(|taken| **taken - *first < time)
                .count()
        });
        ends.max().unwrap_or(0)
    }
}

/// The rate limit as a leaky bucket: its level sinks evenly, and rises by one with each attempt.
#[derive(Default)]
struct Bucket {
    level: TimeDelta,
}

impl Bucket {
    fn sink(&mut self, time: TimeDelta) {
        self.level = (self.level - time).max(TimeDelta::zero());
    }

    fn has_room(&self) -> bool {
        self.level + STEP <= longest(SOURCE)
    }
}

/// A state that no rule would write, as after any clock change.
fn any_state() -> impl Strategy<Value = State> {
    let time =
        || (-4_000_000_000_i64..4_000_000_000).prop_map(|s| start() + TimeDelta::milliseconds(s));
    (any::<u32>(), time(), time()).prop_map(|(count, until, taken_at)| State {
        count,
        until,
        taken_at,
    })
}

fn config() -> ProptestConfig {
    // A finding becomes a test of its own, not a file.
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn fewer_than_a_hundred_attempts_a_day_are_made_even_with_successes_between(steps in steps()) {
        let mut counted = Counted::new(ACCOUNT);
        for step in steps {
            counted.run(step);
        }
        // A released reservation is worth one attempt, and no more.
        let most = 99 + counted.given_back;
        prop_assert!(counted.max_within(TimeDelta::days(1)) <= most);
    }

    #[test]
    fn no_more_attempts_are_made_than_are_free_or_released(steps in steps()) {
        let mut counted = Counted::new(SOURCE);
        for step in steps {
            counted.run(step);
        }
        for minutes in [1, 10, 60] {
            let most = 10 + usize::try_from(minutes).unwrap() + counted.given_back;
            prop_assert!(counted.max_within(STEP * minutes) <= most);
        }
    }

    #[test]
    fn a_rate_limit_acts_like_a_leaky_bucket(steps in steps()) {
        let mut counted = Counted::new(SOURCE);
        let mut bucket = Bucket::default();
        for step in steps {
            let (passed, given_back, now) = (counted.passed.len(), counted.given_back, counted.now);
            counted.run(step);
            bucket.sink(counted.now - now);
            match step {
                Step::Try => {
                    prop_assert_eq!(counted.passed.len() > passed, bucket.has_room());
                    if bucket.has_room() {
                        bucket.level += STEP;
                    } else {
                        prop_assert_eq!(counted.wait, bucket.level + STEP - longest(SOURCE));
                    }
                }
                Step::GiveBack(_) if counted.given_back > given_back => bucket.sink(STEP),
                _ => {}
            }
        }
    }

    #[test]
    fn failures_on_an_account_wait_by_their_number(steps in steps()) {
        // One after the other: a success is released before the next attempt. Then only the history decides.
        let mut counted = Counted::new(ACCOUNT);
        let mut failures: Vec<Timestamp> = vec![];
        for step in steps {
            match step {
                Step::Try => {
                    if failures.last().is_some_and(|last| counted.now - *last >= TimeDelta::days(1)) {
                        failures.clear();
                    }
                    let wait = match failures.len() {
                        0..5 => 0,
                        more => (30_i64 << (more - 5).min(10)).min(1200),
                    };
                    let free = failures.last().is_none_or(|last| counted.now >= *last + TimeDelta::seconds(wait));
                    let before = counted.passed.len();
                    counted.run(Step::Try);
                    prop_assert_eq!(counted.passed.len() > before, free);
                    if free {
                        failures.push(counted.now);
                    }
                }
                Step::GiveBack(_) => {
                    let before = counted.passed.len();
                    counted.run(Step::Try);
                    if counted.passed.len() > before {
                        let (before, taken) = counted.taken.pop().unwrap();
                        counted.passed.pop();
                        counted.state = Some(ACCOUNT.restored(before, taken));
                    }
                }
                other => counted.run(other),
            }
        }
    }

    #[test]
    fn a_success_restores_the_earlier_state(steps in steps(), later in 0..200_000_i64) {
        for rule in [ACCOUNT, SOURCE] {
            let mut counted = Counted::new(rule);
            for step in &steps {
                counted.run(*step);
            }
            let before = counted.state;
            let Decision::Reserved(taken) = rule.reserve(before, counted.now) else {
                continue;
            };
            let restored = Some(rule.restored(before, taken));
            let then = counted.now + TimeDelta::seconds(later);
            prop_assert_eq!(rule.reserve(restored, then), rule.reserve(before, then));
        }
    }

    #[test]
    fn no_wait_exceeds_the_maximum_for_any_stored_state(state in any_state()) {
        for rule in [ACCOUNT, SOURCE] {
            let Decision::Refused { wait, keep } = rule.reserve(Some(state), start()) else {
                continue;
            };
            prop_assert!(TimeDelta::zero() < wait && wait <= longest(rule));
            // Nor does the limit restart: a client that waits as told gets a reservation.
            let kept = keep.unwrap_or(state);
            prop_assert!(matches!(rule.reserve(Some(kept), start() + wait), Decision::Reserved(_)));
        }
    }
}
