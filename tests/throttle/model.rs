//! The throttle's rules against what they promise, for any sequence of tries, successes and steps of the clock.

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
/// The time in which one place of `SOURCE` comes back.
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
    /// A place is asked for, and kept until it is given back, if ever.
    Try,
    /// One of the places taken is given back: its try was a success, or none.
    GiveBack(prop::sample::Index),
    /// The clock goes on by so many seconds.
    Wait(u32),
    /// Until the next try is free, by what the last refusal said.
    WaitAsTold,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let waits = prop_oneof![0..90_u32, 0..1300_u32, 0..100_000_u32];
    let step = prop_oneof![
        6 => Just(Step::Try),
        1 => any::<prop::sample::Index>().prop_map(Step::GiveBack),
        2 => waits.prop_map(Step::Wait),
        3 => Just(Step::WaitAsTold),
    ];
    vec(step, 0..400)
}

/// What the counts in the database do with a rule: `auth/throttle/reservation.rs` without the database.
struct Counted {
    rule: Rule,
    now: Timestamp,
    state: Option<State>,
    /// Places taken and not given back: what was before, and what was then.
    taken: Vec<(Option<State>, State)>,
    /// When places were taken that were never given back.
    passed: Vec<Timestamp>,
    given_back: usize,
    told: TimeDelta,
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
            told: TimeDelta::zero(),
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
                    self.told = wait;
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
                        self.rule.give_back(state)
                    }
                });
            }
            Step::GiveBack(_) => {}
            Step::Wait(seconds) => self.now += TimeDelta::seconds(seconds.into()),
            Step::WaitAsTold => self.now += std::mem::take(&mut self.told),
        }
    }

    /// The most places taken, and not given back, within any time of a length.
    fn most_within(&self, time: TimeDelta) -> usize {
        let ends = self.passed.iter().enumerate().map(|(from, first)| {
            self.passed[from..]
                .iter()
                .take_while(|taken| **taken - *first < time)
                .count()
        });
        ends.max().unwrap_or(0)
    }
}

/// The bucket that a rate is: a level that sinks evenly, and rises by one place with each try.
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

/// A state that no rule would write, as after any step of any clock.
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
    // What is found belongs into a test of its own, not into a file.
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn fewer_than_a_hundred_tries_a_day_pass_whoever_succeeds_between(steps in steps()) {
        let mut counted = Counted::new(ACCOUNT);
        for step in steps {
            counted.run(step);
        }
        // A place given back is worth one try, and no more.
        let most = 99 + counted.given_back;
        prop_assert!(counted.most_within(TimeDelta::days(1)) <= most);
    }

    #[test]
    fn no_more_pass_than_are_free_and_have_come_back(steps in steps()) {
        let mut counted = Counted::new(SOURCE);
        for step in steps {
            counted.run(step);
        }
        for minutes in [1, 10, 60] {
            let most = 10 + usize::try_from(minutes).unwrap() + counted.given_back;
            prop_assert!(counted.most_within(STEP * minutes) <= most);
        }
    }

    #[test]
    fn a_rate_is_a_bucket_that_sinks(steps in steps()) {
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
                        prop_assert_eq!(counted.told, bucket.level + STEP - longest(SOURCE));
                    }
                }
                Step::GiveBack(_) if counted.given_back > given_back => bucket.sink(STEP),
                _ => {}
            }
        }
    }

    #[test]
    fn failures_on_an_account_wait_as_their_number_says(steps in steps()) {
        // One after the other: a success is given back before the next try. Then history decides alone.
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
    fn a_success_restores_what_was_before(steps in steps(), later in 0..200_000_i64) {
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
    fn no_wait_is_longer_than_the_longest_whatever_is_stored(state in any_state()) {
        for rule in [ACCOUNT, SOURCE] {
            let Decision::Refused { wait, keep } = rule.reserve(Some(state), start()) else {
                continue;
            };
            prop_assert!(TimeDelta::zero() < wait && wait <= longest(rule));
            // Nor does it begin anew: who waits as told gets a place.
            let kept = keep.unwrap_or(state);
            prop_assert!(matches!(rule.reserve(Some(kept), start() + wait), Decision::Reserved(_)));
        }
    }
}
