//! How often something may be tried: pure rules over a small state, which is all that the database keeps.
//!
//! A place is reserved before the try and given back when the try turns out to be no failure, so that tries at once
//! cannot slip past a count. A stored wait never exceeds its maximum from now, whichever way the clock steps, but for
//! what the clocks of two nodes may differ by.

use chrono::TimeDelta;

use super::clock::Timestamp;

/// First wait after the free failures on an account.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);
/// Longest wait between tries: 5 free ones and this keep an account below 100 guesses a day.
const MAX_WAIT: TimeDelta = TimeDelta::minutes(20);
/// How long failures on an account are remembered after the last one.
const MEMORY: TimeDelta = TimeDelta::hours(24);

/// By how much nodes' clocks may differ without letting more through. What is further ahead was stored before a clock
/// was set back, and is put right.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(5);

/// What is known of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Places taken and not given back.
    pub count: u32,
    /// Growing waits: when the next try is free. A rate: when the last place taken is free again.
    pub until: Timestamp,
    /// When a place was last taken.
    pub taken_at: Timestamp,
}

/// How tries are bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// So many failures are free, then each next one waits twice as long as the one before.
    GrowingWaits {
        /// Failures before the first wait.
        free: u32,
    },
    /// So many within a time, evenly given back (a leaky bucket, as GCRA counts it).
    Rate {
        /// Tries at once.
        count: u32,
        /// The time in which they all come back.
        within: TimeDelta,
    },
}

/// What becomes of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may go on; this is what to keep.
    Reserved(State),
    /// It may not, for so long. What to keep, where the stored wait was too long.
    Refused {
        /// How long to wait.
        wait: TimeDelta,
        /// The state, put right.
        keep: Option<State>,
    },
}

impl Rule {
    /// Returns the rule with a limit so many times as high.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        match self {
            Self::GrowingWaits { free } => Self::GrowingWaits {
                free: free.saturating_mul(factor),
            },
            Self::Rate { count, within } => Self::Rate {
                count: count.saturating_mul(factor),
                within,
            },
        }
    }

    /// Asks for a place.
    pub fn reserve(self, stored: Option<State>, now: Timestamp) -> Decision {
        let state = stored.map(|state| state.as_of(now, self.longest()));
        let keep = state.filter(|_| state != stored);
        match self {
            Self::GrowingWaits { free } => {
                let known = state.filter(|state| now < state.taken_at + MEMORY);
                // A time without a failure to wait for holds nobody up, wherever the clock has gone.
                if let Some(state) = known
                    && state.count >= free
                    && now < state.until
                {
                    let wait = state.until - now;
                    return Decision::Refused { wait, keep };
                }
                let count = known.map_or(0, |state| state.count).saturating_add(1);
                let taken_at = known.map_or(now, |state| state.taken_at.max(now));
                Decision::Reserved(State {
                    count,
                    until: taken_at + wait_after(count, free),
                    taken_at,
                })
            }
            Self::Rate { count, within } => {
                let step = step(count, within);
                let last = now + within;
                if let Some(state) = state
                    && state.until + step > last
                {
                    // It is free when the bucket has room for one more.
                    let wait = state.until + step - last;
                    return Decision::Refused { wait, keep };
                }
                Decision::Reserved(State {
                    count: 0,
                    until: state.map_or(now, |state| state.until.max(now)) + step,
                    taken_at: state.map_or(now, |state| state.taken_at.max(now)),
                })
            }
        }
    }

    /// What to keep when the last place taken is given back and nobody took one after it: what was before.
    ///
    /// A success is no failure in any respect: it does not keep older ones from being forgotten, either.
    pub fn restored(self, before: Option<State>, taken: State) -> State {
        before.unwrap_or_else(|| State::forgiven(taken.taken_at))
    }

    /// The longest time from a place taken to its end.
    fn longest(self) -> TimeDelta {
        match self {
            Self::GrowingWaits { .. } => MAX_WAIT,
            Self::Rate { within, .. } => within.max(TimeDelta::zero()),
        }
    }

    /// Gives one place back that others came after.
    pub fn give_back(self, state: State) -> State {
        match self {
            Self::GrowingWaits { .. } => State {
                count: state.count.saturating_sub(1),
                // The wait before this place was over when it was taken.
                until: state.until.min(state.taken_at),
                ..state
            },
            Self::Rate { count, within } => State {
                until: state.until - step(count, within),
                ..state
            },
        }
    }
}

/// The wait after so many failures; none while they are free.
fn wait_after(count: u32, free: u32) -> TimeDelta {
    match count.checked_sub(free) {
        None => TimeDelta::zero(),
        // 30 s, doubled six times, is past the longest.
        Some(more) => (FIRST_WAIT * (1 << more.min(6))).min(MAX_WAIT),
    }
}

/// The time in which one place of a rate comes back.
fn step(count: u32, within: TimeDelta) -> TimeDelta {
    within / i32::try_from(count).unwrap_or(i32::MAX).max(1)
}

impl State {
    /// What the state means by this clock and this rule.
    ///
    /// What another node stored stays, though its clock be a little ahead: by its own time, a node that is behind would
    /// shorten waits. What was stored before a clock was set back, or by a longer rule, begins anew: no longer than it
    /// was, and never longer than the longest.
    fn as_of(self, now: Timestamp, longest: TimeDelta) -> Self {
        let taken_at = if self.taken_at <= now + CLOCKS_APART {
            self.taken_at
        } else {
            now
        };
        let left = (self.until - self.taken_at).clamp(TimeDelta::zero(), longest);
        Self {
            until: taken_at + left,
            taken_at,
            ..self
        }
    }

    /// What holds nobody up, as if nothing had been tried.
    pub fn forgiven(now: Timestamp) -> Self {
        let long_ago = now - MEMORY;
        Self {
            count: 0,
            until: long_ago,
            taken_at: long_ago,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    const ACCOUNT: Rule = Rule::GrowingWaits { free: 5 };
    const SOURCE: Rule = Rule::Rate {
        count: 10,
        within: TimeDelta::minutes(10),
    };

    fn start() -> Timestamp {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    /// The state after a try that must pass.
    fn taken(rule: Rule, state: Option<State>, now: Timestamp) -> State {
        match rule.reserve(state, now) {
            Decision::Reserved(next) => next,
            refused @ Decision::Refused { .. } => panic!("{refused:?}"),
        }
    }

    /// How many tries pass in a time by an attacker who tries at every second.
    fn tries(rule: Rule, time: TimeDelta) -> usize {
        let mut state = None;
        let mut passed = 0;
        for second in 0..time.num_seconds() {
            if let Decision::Reserved(next) =
                rule.reserve(state, start() + TimeDelta::seconds(second))
            {
                state = Some(next);
                passed += 1;
            }
        }
        passed
    }

    #[test]
    fn an_account_is_guessed_at_fewer_than_a_hundred_times_a_day() {
        let day = tries(ACCOUNT, TimeDelta::days(1));
        assert!((70..100).contains(&day), "{day}");
        let two = tries(ACCOUNT, TimeDelta::days(2));
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
    fn a_rate_lets_its_count_pass_at_once_and_then_one_a_step() {
        assert_eq!(tries(SOURCE, TimeDelta::seconds(59)), 10);
        assert_eq!(tries(SOURCE, TimeDelta::seconds(61)), 11);
        assert_eq!(tries(SOURCE, TimeDelta::seconds(601)), 20);
    }

    #[test]
    fn a_place_given_back_is_free_and_gives_no_other_back() {
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
                let back = rule.give_back(next);
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
    fn who_has_nothing_to_wait_for_waits_for_nothing_when_the_clock_is_set_back() {
        let Decision::Reserved(once) = ACCOUNT.reserve(None, start()) else {
            panic!("refused");
        };
        let back = start() - TimeDelta::days(7);
        let none = ACCOUNT.restored(None, once);
        for state in [once, none, ACCOUNT.give_back(once)] {
            let verdict = ACCOUNT.reserve(Some(state), back);
            assert!(matches!(verdict, Decision::Reserved(_)), "{state:?}");
        }
        let Decision::Reserved(once) = SOURCE.reserve(None, start()) else {
            panic!("refused");
        };
        let none = SOURCE.restored(None, once);
        for state in [once, none, SOURCE.give_back(once)] {
            let verdict = SOURCE.reserve(Some(state), back);
            assert!(matches!(verdict, Decision::Reserved(_)), "{state:?}");
        }
    }

    #[test]
    fn nodes_whose_clocks_differ_let_no_more_through_and_hold_nobody_up_for_long() {
        let apart = TimeDelta::minutes(4);
        for (rule, longest) in [
            (ACCOUNT, TimeDelta::minutes(20)),
            (SOURCE, TimeDelta::minutes(10)),
        ] {
            let (mut state, mut passed) = (None, 0);
            for second in 0..86_400 {
                for ahead in [TimeDelta::zero(), apart] {
                    let now = start() + TimeDelta::seconds(second) + ahead;
                    match rule.reserve(state, now) {
                        Decision::Reserved(next) => {
                            state = Some(next);
                            passed += 1;
                        }
                        Decision::Refused { wait, keep } => {
                            assert_eq!(keep, None);
                            assert!(wait <= longest + apart, "{wait}");
                        }
                    }
                }
            }
            // The one ahead may begin its day's share sooner.
            let alone = tries(rule, TimeDelta::days(1) + apart);
            assert!(passed <= alone + 4, "{rule:?}: {passed}, alone {alone}");
        }
    }

    #[test]
    fn a_refused_try_does_not_lengthen_the_wait() {
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
    fn failures_are_forgotten_at_twenty_four_hours_to_the_microsecond() {
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
    fn a_place_given_back_after_others_leaves_their_number_and_no_wait() {
        let mut state = None;
        for _ in 0..5 {
            state = Some(taken(ACCOUNT, state, start()));
        }
        let Some(five) = state else { panic!("none") };
        let back = ACCOUNT.give_back(five);
        assert_eq!((back.count, back.taken_at), (4, start()));
        assert_eq!(taken(ACCOUNT, Some(back), start()).count, 5);
        // Six failures, the sixth after its wait: of five the wait is over.
        let later = start() + TimeDelta::seconds(30);
        let six = taken(ACCOUNT, state, later);
        let back = ACCOUNT.give_back(six);
        assert_eq!(taken(ACCOUNT, Some(back), later).count, 6);
        // One that was the only one is as old as what is forgotten, so that it is swept soon.
        let only = taken(ACCOUNT, None, start());
        let none = ACCOUNT.restored(None, only);
        assert_eq!(none.taken_at, start() - TimeDelta::hours(24));
        // A bucket has room for one more.
        let mut state = None;
        for _ in 0..10 {
            state = Some(taken(SOURCE, state, start()));
        }
        let Some(full) = state else { panic!("none") };
        let back = SOURCE.give_back(full);
        let again = taken(SOURCE, Some(back), start());
        assert!(matches!(
            SOURCE.reserve(Some(again), start()),
            Decision::Refused { .. }
        ));
    }

    #[test]
    fn failures_from_before_a_clock_was_set_back_are_forgotten_a_day_later_all_the_same() {
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
    fn a_limit_is_so_many_times_as_high() {
        let within = TimeDelta::minutes(10);
        assert_eq!(SOURCE.times(4), Rule::Rate { count: 40, within });
        assert_eq!(ACCOUNT.times(2), Rule::GrowingWaits { free: 10 });
    }
}
