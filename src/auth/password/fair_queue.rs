//! Turns: which request a free worker takes next. Sources take turns, so that one whose hashes are slow, or many, leaves
//! the others theirs.
//!
//! In one line for all, a stranger who tries passwords against slow imported hashes would hold every worker for as long
//! as the throttle lets them try.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::domain::network::Network;

/// Workers, and who waits for one.
pub struct FairQueue {
    state: Mutex<State>,
}

struct State {
    /// Workers that nobody has; while there are any, nobody waits.
    free: u32,
    /// What the sources have that work or wait.
    sources: HashMap<Level, SourceQueue>,
    /// Who waits, in the order in which they came.
    waiting: VecDeque<Waiting>,
    /// Turns and places that there have been.
    count: u64,
}

/// A network that takes turns with others of its width.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Level {
    Wide(Network),
    Narrow(Network),
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct SourceQueue {
    /// How many workers it has.
    working: u32,
    /// When it last had a turn, counted in turns.
    last: u64,
}

struct Waiting {
    ticket: u64,
    source: IpAddr,
    called: oneshot::Sender<Turn>,
}

/// A worker is a source's until this is dropped.
#[must_use]
pub struct Turn {
    turns: Arc<FairQueue>,
    source: IpAddr,
}

/// A place in the line, given up when it is dropped.
struct Place<'t> {
    turns: &'t FairQueue,
    ticket: u64,
}

impl FairQueue {
    /// So many workers, all of them free.
    pub fn of(workers: u32) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                free: workers,
                sources: HashMap::new(),
                waiting: VecDeque::new(),
                count: 0,
            }),
        })
    }

    /// How many workers are free.
    pub fn free(&self) -> u32 {
        self.state().free
    }

    /// Waits for a source's turn. Whoever stops waiting leaves no gap.
    pub async fn take(self: &Arc<Self>, source: IpAddr) -> Option<Turn> {
        let (place, call) = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Some(self.turn(&mut state, source));
            }
            let (called, call) = oneshot::channel();
            state.count += 1;
            let ticket = state.count;
            state.waiting.push_back(Waiting {
                ticket,
                source,
                called,
            });
            let turns = self.as_ref();
            (Place { turns, ticket }, call)
        };
        let turn = call.await.ok();
        drop(place);
        turn
    }

    fn turn(self: &Arc<Self>, state: &mut State, source: IpAddr) -> Turn {
        state.count += 1;
        for network in networks(source) {
            let has = state.sources.entry(network).or_default();
            has.working += 1;
            has.last = state.count;
        }
        Turn {
            turns: Arc::clone(self),
            source,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Who comes next: of the sources that have the fewest workers, the one whose last turn is the longest ago.
    fn next(&mut self) -> Option<Waiting> {
        let of = |network| self.sources.get(&network).copied().unwrap_or_default();
        // An IPv6 /48 takes turns with others as one source, whichever of its /64s ask; then they do among themselves.
        let has = |one: &Waiting| networks(one.source).map(of);
        let waiting = self.waiting.iter().enumerate();
        let (place, _) = waiting.min_by_key(|(_, one)| has(one))?;
        self.waiting.remove(place)
    }

    /// Forgets the networks of a source that neither work nor wait.
    fn forget_idle(&mut self, source: IpAddr) {
        for (level, network) in networks(source).into_iter().enumerate() {
            let works = self
                .sources
                .get(&network)
                .is_some_and(|has| has.working > 0);
            let is_it = |one: &Waiting| networks(one.source)[level] == network;
            if !works && !self.waiting.iter().any(is_it) {
                self.sources.remove(&network);
            }
        }
    }
}

/// Returns the networks whose turn it must be, widest first. They are different ones for IPv4, too, where both are
/// the address.
fn networks(source: IpAddr) -> [Level; 2] {
    [
        Level::Wide(Network::widest_of(source)),
        Level::Narrow(Network::of(source)),
    ]
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut state = self.turns.state();
            for network in networks(self.source) {
                if let Some(has) = state.sources.get_mut(&network) {
                    has.working = has.working.saturating_sub(1);
                }
            }
            let next = state.next();
            state.forget_idle(self.source);
            if next.is_none() {
                state.free += 1;
            }
            next.map(|next| (self.turns.turn(&mut state, next.source), next.called))
        };
        // Not under the lock. Who has just left drops the turn, and it goes on to the next.
        if let Some((turn, called)) = next {
            let _ = called.send(turn);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.turns.state();
        let place = state
            .waiting
            .iter()
            .position(|one| one.ticket == self.ticket);
        // Who was called is gone already.
        if let Some(left) = place.and_then(|place| state.waiting.remove(place)) {
            state.forget_idle(left.source);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::Ipv4Addr,
        pin::Pin,
        task::{Context, Poll, Waker},
    };

    use super::*;

    const FLOOD: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    /// The turn, if it has come.
    fn turn(waiting: &mut Pin<Box<impl Future<Output = Option<Turn>>>>) -> Option<Turn> {
        match waiting
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(turn) => Some(turn.unwrap()),
            Poll::Pending => None,
        }
    }

    #[test]
    fn sources_take_turns_however_many_wait_of_one() {
        let turns = FairQueue::of(2);
        let [mut first, mut second] = [FLOOD; 2].map(|source| Box::pin(turns.take(source)));
        let (first, second) = (turn(&mut first).unwrap(), turn(&mut second).unwrap());
        let mut flood: Vec<_> = (0..9).map(|_| Box::pin(turns.take(FLOOD))).collect();
        for one in &mut flood {
            assert!(turn(one).is_none());
        }
        let [mut other, mut again] = [OTHER; 2].map(|source| Box::pin(turns.take(source)));
        assert!(turn(&mut other).is_none());
        assert!(turn(&mut again).is_none());
        // The next worker is the other's, before all of the flood.
        drop(first);
        assert!(turn(&mut flood[0]).is_none());
        let other = turn(&mut other).unwrap();
        // Then each source has one, however many of the flood came before.
        drop(second);
        let third = turn(&mut flood[0]).unwrap();
        assert!(turn(&mut again).is_none());
        drop(other);
        assert!(turn(&mut flood[1]).is_none());
        let again = turn(&mut again).unwrap();
        // Nobody else waits: the flood may have both.
        drop(again);
        let fourth = turn(&mut flood[1]).unwrap();
        drop((third, fourth, flood));
        assert_eq!(turns.free(), 2);
        assert!(turns.state().sources.is_empty());
    }

    #[test]
    fn of_a_single_worker_each_source_has_every_other_turn() {
        let turns = FairQueue::of(1);
        let mut at_work = turn(&mut Box::pin(turns.take(FLOOD)));
        let [mut first, mut second] = [FLOOD; 2].map(|source| Box::pin(turns.take(source)));
        assert!(turn(&mut first).is_none());
        assert!(turn(&mut second).is_none());
        let mut other = Box::pin(turns.take(OTHER));
        assert!(turn(&mut other).is_none());
        for next in [&mut other, &mut first, &mut second] {
            drop(at_work.take());
            at_work = turn(next);
            assert!(at_work.is_some());
        }
    }

    #[test]
    fn a_source_with_fewer_workers_comes_first_though_its_turn_was_later() {
        let turns = FairQueue::of(4);
        let mut held: Vec<_> = [FLOOD, FLOOD, FLOOD, OTHER]
            .map(|source| turn(&mut Box::pin(turns.take(source))).unwrap())
            .into();
        let [mut more, mut fewer] = [FLOOD, OTHER].map(|source| Box::pin(turns.take(source)));
        assert!(turn(&mut more).is_none());
        assert!(turn(&mut fewer).is_none());
        drop(held.remove(0));
        assert!(turn(&mut more).is_none());
        assert!(turn(&mut fewer).is_some());
    }

    #[test]
    fn a_source_that_still_has_a_worker_is_not_forgotten_when_another_of_its_ends() {
        let turns = FairQueue::of(3);
        let mut held: Vec<_> = [FLOOD, FLOOD, OTHER]
            .map(|source| turn(&mut Box::pin(turns.take(source))).unwrap())
            .into();
        drop(held.remove(0));
        held.extend(turn(&mut Box::pin(turns.take(OTHER))));
        let third = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 3));
        let [mut first, mut new] = [FLOOD, third].map(|source| Box::pin(turns.take(source)));
        assert!(turn(&mut first).is_none());
        assert!(turn(&mut new).is_none());
        drop(held.pop());
        assert!(turn(&mut first).is_none(), "it has a worker");
        assert!(turn(&mut new).is_some());
    }

    #[test]
    fn a_48_takes_turns_as_one_source_and_its_64s_among_themselves() {
        let turns = FairQueue::of(1);
        let source = |text: &str| text.parse::<IpAddr>().unwrap();
        let [one, two] = ["2001:db8:0:1::1", "2001:db8:0:2::1"].map(source);
        let mut held = turn(&mut Box::pin(turns.take(one)));
        let mut line: Vec<_> = [one, two, one, OTHER, OTHER]
            .map(|source| Box::pin(turns.take(source)))
            .into();
        for waiting in &mut line {
            assert!(turn(waiting).is_none());
        }
        // In turns: the other, the /48's /64 that waits for its first, the other, and the rest in order.
        for next in [3, 1, 4, 0, 2] {
            drop(held.take());
            held = turn(&mut line[next]);
            assert!(held.is_some(), "{next}");
        }
        drop(held);
        assert_eq!(turns.free(), 1);
        assert!(turns.state().sources.is_empty());
    }

    #[test]
    fn who_leaves_leaves_no_gap_and_nothing_is_lost() {
        let turns = FairQueue::of(1);
        let held = turn(&mut Box::pin(turns.take(FLOOD))).unwrap();
        let [mut gone, mut last] = [FLOOD; 2].map(|source| Box::pin(turns.take(source)));
        let mut called = Box::pin(turns.take(OTHER));
        for one in [&mut gone, &mut last] {
            assert!(turn(one).is_none());
        }
        assert!(turn(&mut called).is_none());
        drop(gone);
        assert_eq!(turns.state().waiting.len(), 2);
        drop(held);
        // The other was called, and leaves before they hear it.
        drop(called);
        let last = turn(&mut last).unwrap();
        assert_eq!(turns.free(), 0);
        drop(last);
        assert_eq!(turns.free(), 1);
        assert!(turns.state().sources.is_empty());
    }
}
