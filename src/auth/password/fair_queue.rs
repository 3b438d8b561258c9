//! A fair queue for hash workers. The sources (client networks) take turns, so that a source with slow or many hashes
//! does not block the others.
//!
//! With a first-in, first-out queue, attempts against slow imported hashes could block all workers.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::domain::network::Network;

/// The free workers and the waiting requests.
pub struct FairQueue {
    state: Mutex<State>,
}

struct State {
    /// Free workers. While there are any, no request waits.
    free: u32,
    /// The load of each network that has a worker or waits.
    sources: HashMap<SourceNetwork, SourceLoad>,
    /// The waiting requests in their order of arrival.
    waiting: VecDeque<Waiting>,
    /// A counter of permits and queue entries, used as a logical time.
    sequence: u64,
}

/// A network that competes with others of its width.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum SourceNetwork {
    Wide(Network),
    Narrow(Network),
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct SourceLoad {
    /// How many workers the network has.
    working: u32,
    /// When it last got a worker, in logical time.
    last_permit: u64,
}

struct Waiting {
    ticket: u64,
    source: IpAddr,
    sender: oneshot::Sender<WorkerPermit>,
}

/// A permit for one worker. Dropped, it frees the worker for the next request.
#[must_use]
pub struct WorkerPermit {
    queue: Arc<FairQueue>,
    source: IpAddr,
}

/// An entry in the queue. Dropped, it is removed.
struct QueueEntry<'q> {
    queue: &'q FairQueue,
    ticket: u64,
}

impl FairQueue {
    /// Returns a queue with this number of workers, all of them free.
    pub fn new(workers: u32) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                free: workers,
                sources: HashMap::new(),
                waiting: VecDeque::new(),
                sequence: 0,
            }),
        })
    }

    /// Returns how many workers are free.
    pub fn free(&self) -> u32 {
        self.state().free
    }

    /// Waits until a worker is free for a source. Dropped, the request leaves the queue.
    pub async fn acquire(self: &Arc<Self>, source: IpAddr) -> Option<WorkerPermit> {
        let (entry, receiver) = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Some(self.issue_permit(&mut state, source));
            }
            let (sender, receiver) = oneshot::channel();
            state.sequence += 1;
            let ticket = state.sequence;
            state.waiting.push_back(Waiting {
                ticket,
                source,
                sender,
            });
            let queue = self.as_ref();
            (QueueEntry { queue, ticket }, receiver)
        };
        let permit = receiver.await.ok();
        drop(entry);
        permit
    }

    fn issue_permit(self: &Arc<Self>, state: &mut State, source: IpAddr) -> WorkerPermit {
        state.sequence += 1;
        for network in networks(source) {
            let load = state.sources.entry(network).or_default();
            load.working += 1;
            load.last_permit = state.sequence;
        }
        WorkerPermit {
            queue: Arc::clone(self),
            source,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Removes the next request: of the networks with the fewest workers, the one with the oldest last worker.
    fn next(&mut self) -> Option<Waiting> {
        let of = |network| self.sources.get(&network).copied().unwrap_or_default();
        // An IPv6 /48 competes as one source; its /64s then compete among themselves.
        let load = |one: &Waiting| networks(one.source).map(of);
        let waiting = self.waiting.iter().enumerate();
        let (position, _) = waiting.min_by_key(|(_, one)| load(one))?;
        self.waiting.remove(position)
    }

    /// Forgets the networks of a source that have no worker and no waiting request.
    fn forget_idle(&mut self, source: IpAddr) {
        for (level, network) in networks(source).into_iter().enumerate() {
            let is_working = self
                .sources
                .get(&network)
                .is_some_and(|load| load.working > 0);
            let is_of_network = |one: &Waiting| networks(one.source)[level] == network;
            if !is_working && !self.waiting.iter().any(is_of_network) {
                self.sources.remove(&network);
            }
        }
    }
}

/// Returns the networks of a source, widest first. For IPv4 both are the address, under different keys.
fn networks(source: IpAddr) -> [SourceNetwork; 2] {
    [
        SourceNetwork::Wide(Network::widest_of(source)),
        SourceNetwork::Narrow(Network::of(source)),
    ]
}

impl Drop for WorkerPermit {
    fn drop(&mut self) {
        let next = {
            let mut state = self.queue.state();
            for network in networks(self.source) {
                if let Some(load) = state.sources.get_mut(&network) {
                    load.working = load.working.saturating_sub(1);
                }
            }
            let next = state.next();
            state.forget_idle(self.source);
            if next.is_none() {
                state.free += 1;
            }
            next.map(|next| {
                (
                    self.queue.issue_permit(&mut state, next.source),
                    next.sender,
                )
            })
        };
        // Outside the lock: if the request has just left, the dropped permit goes to the next one.
        if let Some((permit, sender)) = next {
            let _ = sender.send(permit);
        }
    }
}

impl Drop for QueueEntry<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        let position = state
            .waiting
            .iter()
            .position(|one| one.ticket == self.ticket);
        // An entry that got a worker was removed before.
        if let Some(left) = position.and_then(|position| state.waiting.remove(position)) {
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

    fn poll(
        waiting: &mut Pin<Box<impl Future<Output = Option<WorkerPermit>>>>,
    ) -> Option<WorkerPermit> {
        match waiting
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(permit) => Some(permit.unwrap()),
            Poll::Pending => None,
        }
    }

    #[test]
    fn sources_take_turns_however_many_wait_of_one() {
        let queue = FairQueue::new(2);
        let [mut first, mut second] = [FLOOD; 2].map(|source| Box::pin(queue.acquire(source)));
        let (first, second) = (poll(&mut first).unwrap(), poll(&mut second).unwrap());
        let mut flood: Vec<_> = (0..9).map(|_| Box::pin(queue.acquire(FLOOD))).collect();
        for one in &mut flood {
            assert!(poll(one).is_none());
        }
        let [mut other, mut again] = [OTHER; 2].map(|source| Box::pin(queue.acquire(source)));
        assert!(poll(&mut other).is_none());
        assert!(poll(&mut again).is_none());
        // The next worker goes to the other source, before all of the flood.
        drop(first);
        assert!(poll(&mut flood[0]).is_none());
        let other = poll(&mut other).unwrap();
        // Then each source has one worker, although more of the flood came before.
        drop(second);
        let third = poll(&mut flood[0]).unwrap();
        assert!(poll(&mut again).is_none());
        drop(other);
        assert!(poll(&mut flood[1]).is_none());
        let again = poll(&mut again).unwrap();
        // No other source waits: the flood may have both.
        drop(again);
        let fourth = poll(&mut flood[1]).unwrap();
        drop((third, fourth, flood));
        assert_eq!(queue.free(), 2);
        assert!(queue.state().sources.is_empty());
    }

    #[test]
    fn of_a_single_worker_each_source_has_every_other_turn() {
        let queue = FairQueue::new(1);
        let mut held = poll(&mut Box::pin(queue.acquire(FLOOD)));
        let [mut first, mut second] = [FLOOD; 2].map(|source| Box::pin(queue.acquire(source)));
        assert!(poll(&mut first).is_none());
        assert!(poll(&mut second).is_none());
        let mut other = Box::pin(queue.acquire(OTHER));
        assert!(poll(&mut other).is_none());
        for next in [&mut other, &mut first, &mut second] {
            drop(held.take());
            held = poll(next);
            assert!(held.is_some());
        }
    }

    #[test]
    fn a_source_with_fewer_workers_comes_first_though_its_turn_was_later() {
        let queue = FairQueue::new(4);
        let mut held: Vec<_> = [FLOOD, FLOOD, FLOOD, OTHER]
            .map(|source| poll(&mut Box::pin(queue.acquire(source))).unwrap())
            .into();
        let [mut more, mut fewer] = [FLOOD, OTHER].map(|source| Box::pin(queue.acquire(source)));
        assert!(poll(&mut more).is_none());
        assert!(poll(&mut fewer).is_none());
        drop(held.remove(0));
        assert!(poll(&mut more).is_none());
        assert!(poll(&mut fewer).is_some());
    }

    #[test]
    fn a_source_that_still_has_a_worker_is_not_forgotten_when_another_of_its_ends() {
        let queue = FairQueue::new(3);
        let mut held: Vec<_> = [FLOOD, FLOOD, OTHER]
            .map(|source| poll(&mut Box::pin(queue.acquire(source))).unwrap())
            .into();
        drop(held.remove(0));
        held.extend(poll(&mut Box::pin(queue.acquire(OTHER))));
        let third = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 3));
        let [mut first, mut new] = [FLOOD, third].map(|source| Box::pin(queue.acquire(source)));
        assert!(poll(&mut first).is_none());
        assert!(poll(&mut new).is_none());
        drop(held.pop());
        assert!(poll(&mut first).is_none(), "it has a worker");
        assert!(poll(&mut new).is_some());
    }

    #[test]
    fn a_48_takes_turns_as_one_source_and_its_64s_among_themselves() {
        let queue = FairQueue::new(1);
        let source = |text: &str| text.parse::<IpAddr>().unwrap();
        let [one, two] = ["2001:db8:0:1::1", "2001:db8:0:2::1"].map(source);
        let mut held = poll(&mut Box::pin(queue.acquire(one)));
        let mut line: Vec<_> = [one, two, one, OTHER, OTHER]
            .map(|source| Box::pin(queue.acquire(source)))
            .into();
        for waiting in &mut line {
            assert!(poll(waiting).is_none());
        }
        // In turns: the other source, the second /64 of the /48, the other source, then the rest in order.
        for next in [3, 1, 4, 0, 2] {
            drop(held.take());
            held = poll(&mut line[next]);
            assert!(held.is_some(), "{next}");
        }
        drop(held);
        assert_eq!(queue.free(), 1);
        assert!(queue.state().sources.is_empty());
    }

    #[test]
    fn a_request_that_leaves_blocks_no_other_and_loses_no_worker() {
        let queue = FairQueue::new(1);
        let held = poll(&mut Box::pin(queue.acquire(FLOOD))).unwrap();
        let [mut gone, mut last] = [FLOOD; 2].map(|source| Box::pin(queue.acquire(source)));
        let mut called = Box::pin(queue.acquire(OTHER));
        for one in [&mut gone, &mut last] {
            assert!(poll(one).is_none());
        }
        assert!(poll(&mut called).is_none());
        drop(gone);
        assert_eq!(queue.state().waiting.len(), 2);
        drop(held);
        // The other source got the worker, and leaves before it notices.
        drop(called);
        let last = poll(&mut last).unwrap();
        assert_eq!(queue.free(), 0);
        drop(last);
        assert_eq!(queue.free(), 1);
        assert!(queue.state().sources.is_empty());
    }
}
