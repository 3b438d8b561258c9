//! The session cache's protocol in every order of its steps, with the real cache. The tests also remove each of its
//! guards, which the model must detect. `docs/session-cache.md` has the argument.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta};
use gatelodge::{
    domain::{
        client::Client,
        clock::{Clock, MockClock},
        entropy::OsEntropy,
        id::new_id,
        role::Roles,
        session::Session,
        token::{SessionToken, SessionTokenHash},
        user::User,
    },
    store::{
        Invalidation,
        session::cache::{CacheTrust, SessionCache, Ticket},
    },
};

/// Next step of one party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A request takes its ticket, reads the row, fills.
    Ticket,
    Read,
    Fill,
    /// The session is revoked in the database, which also puts the notification into the queue.
    Commit,
    /// The revoking node clears its cache entry, and answers.
    Forget,
    Answer,
    /// The same user logs in elsewhere, and one of their requests is cached.
    Login,
    TicketOfOther,
    FillOther,
    /// The listening node sends a heartbeat, and gets the next notification of the queue.
    Beat,
    Deliver,
    /// Its connection is lost, and a new one begins.
    Cut,
    Listen,
    Clear,
    /// Half a second passes.
    Wait,
}

use Step::{
    Answer, Beat, Clear, Commit, Cut, Deliver, Fill, FillOther, Forget, Listen, Login, Read,
    Ticket as Take, TicketOfOther, Wait,
};

/// Guard of the protocol that a test removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Without {
    /// Fills the cache even if the entry was cleared since the read.
    Fence,
    /// Trusts a heartbeat from its arrival on, instead of from its sending.
    SendingTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notice {
    Revoked,
    Beat(Duration),
}

/// The cache of one node, and what the node knows of the database.
struct World {
    without: Option<Without>,
    clock: Arc<MockClock>,
    cache: SessionCache,
    token: SessionTokenHash,
    session: Session,
    user: User,
    ticket: Option<Ticket>,
    row: bool,
    revoked_at: Option<Duration>,
    other: Option<(SessionTokenHash, Session)>,
    other_ticket: Option<Ticket>,
    queue: Vec<Notice>,
    /// Position up to which this node has read the queue; `None` while it does not listen.
    heard: Option<usize>,
    /// By the protocol, no lookup may succeed from here on.
    dead: bool,
}

/// State that every world has.
struct Cast {
    token: SessionTokenHash,
    session: Session,
    other: (SessionTokenHash, Session),
    user: User,
}

impl Cast {
    fn new() -> Self {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let user = User {
            id: new_id(now, &OsEntropy).unwrap(),
            username: gatelodge::domain::username::Username::restore(
                "ada".to_owned(),
                "ada".to_owned(),
            ),
            created_at: now,
            roles: Roles::default(),
            disabled_at: None,
        };
        let sign_in = || {
            let token = SessionToken::generate(&OsEntropy).unwrap();
            let session = Session {
                id: new_id(now, &OsEntropy).unwrap(),
                user_id: user.id,
                created_at: now,
                authenticated_at: now,
                last_seen_at: now,
                absolute_end: now + TimeDelta::days(30),
                persistent: true,
                client: Client::default(),
            };
            (token.hash(), session)
        };
        let (token, session) = sign_in();
        Self {
            token,
            session,
            other: sign_in(),
            user: user.clone(),
        }
    }
}

impl World {
    fn new(cast: &Cast, heed: CacheTrust, without: Option<Without>) -> Self {
        let clock = Arc::new(MockClock::at(cast.user.created_at));
        Self {
            without,
            cache: SessionCache::new(16, heed, clock.clone()),
            clock,
            token: cast.token,
            session: cast.session.clone(),
            user: cast.user.clone(),
            ticket: None,
            row: false,
            revoked_at: None,
            other: None,
            other_ticket: None,
            queue: vec![],
            heard: Some(0),
            dead: false,
        }
    }

    fn take(&mut self, step: Step, cast: &Cast) {
        match step {
            Take => self.ticket = Some(self.cache.ticket()),
            Read => self.row = self.revoked_at.is_none(),
            Fill => self.fill(),
            Commit => {
                self.revoked_at = Some(self.clock.monotonic());
                self.queue.push(Notice::Revoked);
            }
            Forget => self
                .cache
                .invalidate(&[Invalidation::Session(self.session.id)]),
            Answer => self.dead = true,
            Login => self.other = Some(cast.other.clone()),
            TicketOfOther => self.other_ticket = Some(self.cache.ticket()),
            FillOther => {
                if let (Some((token, session)), Some(ticket)) = (&self.other, self.other_ticket) {
                    self.cache.fill(ticket, token, session, &self.user);
                }
            }
            Beat => {
                if self.heard.is_some() {
                    self.queue.push(Notice::Beat(self.clock.monotonic()));
                }
            }
            Deliver => self.deliver(),
            Cut => self.heard = None,
            Listen => self.heard = Some(self.queue.len()),
            Clear => {
                self.cache.invalidate(&[Invalidation::Everything]);
                // Only changes committed before it listened are surely cleared by this.
                let listens = self.heard.is_some();
                self.dead |= listens && self.revoked_at.is_some();
            }
            Wait => self.clock.advance(TimeDelta::milliseconds(500)),
        }
    }

    fn fill(&self) {
        let Some(ticket) = self.ticket.filter(|_| self.row) else {
            return;
        };
        let ticket = match self.without {
            Some(Without::Fence) => self.cache.ticket(),
            _ => ticket,
        };
        self.cache
            .fill(ticket, &self.token, &self.session, &self.user);
    }

    fn deliver(&mut self) {
        let Some(at) = self.heard.filter(|at| *at < self.queue.len()) else {
            return;
        };
        self.heard = Some(at + 1);
        match self.queue[at] {
            Notice::Revoked => {
                self.cache
                    .invalidate(&[Invalidation::Session(self.session.id)]);
                self.dead = true;
            }
            Notice::Beat(sent_at) => self.cache.heartbeat(match self.without {
                Some(Without::SendingTime) => self.clock.monotonic(),
                _ => sent_at,
            }),
        }
    }

    /// Whether a request was accepted that must be refused.
    fn is_broken(&self) -> bool {
        let second = Duration::from_secs(1);
        let late = |at: Duration| self.clock.monotonic() >= at + second;
        let must_not = self.dead || self.revoked_at.is_some_and(late);
        must_not && self.cache.get(&self.token).is_some()
    }
}

/// Several parties, each with an order of steps of its own.
struct Scene {
    heed: CacheTrust,
    parties: &'static [&'static [Step]],
    without: Option<Without>,
}

impl Scene {
    /// Runs every order. Returns their number, and the first order that wrongly accepts a request.
    fn play(&self) -> (usize, Option<Vec<Step>>) {
        let cast = Cast::new();
        let total = self.parties.iter().map(|party| party.len()).sum();
        let (mut orders, mut broken) = (0, None);
        let mut next = vec![0; self.parties.len()];
        let mut order = Vec::with_capacity(total);
        self.walk(&mut next, &mut order, total, &mut |order| {
            orders += 1;
            let mut world = World::new(&cast, self.heed, self.without);
            // Trusted from the start, so that the first steps count, too.
            world.cache.heartbeat(Duration::ZERO);
            for (at, step) in order.iter().enumerate() {
                world.take(*step, &cast);
                if broken.is_none() && world.is_broken() {
                    broken = Some(order[..=at].to_vec());
                }
            }
        });
        (orders, broken)
    }

    fn walk(
        &self,
        next: &mut Vec<usize>,
        order: &mut Vec<Step>,
        total: usize,
        visit: &mut impl FnMut(&[Step]),
    ) {
        if order.len() == total {
            visit(order);
            return;
        }
        for party in 0..self.parties.len() {
            let Some(step) = self.parties[party].get(next[party]) else {
                continue;
            };
            next[party] += 1;
            order.push(*step);
            self.walk(next, order, total, visit);
            order.pop();
            next[party] -= 1;
        }
    }
}

/// The revoking node, a request with the revoked session's token, and a login of the same user.
const REVOKER: &[&[Step]] = &[
    &[Take, Read, Fill],
    &[Commit, Forget, Answer],
    &[Login, TicketOfOther, FillOther],
];
/// Another node that receives notifications.
const LISTENER: &[&[Step]] = &[
    &[Take, Read, Fill],
    &[Commit],
    &[Beat, Deliver, Deliver, Beat, Deliver],
    &[Wait, Wait, Wait],
];
/// The same, but its connection breaks, and the notifications of that time are lost.
const BROKEN: &[&[Step]] = &[
    &[Take, Read, Fill],
    &[Commit],
    &[Beat, Deliver, Cut, Listen, Clear, Beat, Deliver],
    &[Wait, Wait],
];
/// The same, but it restarts in the wrong order.
const DEAF: &[&[Step]] = &[
    &[Take, Read, Fill],
    &[Commit],
    &[Beat, Deliver, Cut, Clear, Listen, Beat, Deliver],
    &[Wait, Wait],
];
/// The commit got no answer: the node has cleared its entry before it happens, and receives its own notification.
const UNKNOWN: &[&[Step]] = &[
    &[Take, Read, Fill],
    &[Forget, Commit, Deliver],
    &[Wait, Wait],
];
/// No notifications: another process revokes.
const UNHEARD: &[&[Step]] = &[&[Take, Read, Fill], &[Commit], &[Wait, Wait, Wait]];

fn play(heed: CacheTrust, parties: &'static [&'static [Step]], without: Option<Without>) -> usize {
    let scene = Scene {
        heed,
        parties,
        without,
    };
    let (orders, broken) = scene.play();
    assert_eq!(broken, None, "a revoked session got in");
    orders
}

fn breaks(parties: &'static [&'static [Step]], without: Option<Without>) -> Vec<Step> {
    let scene = Scene {
        heed: CacheTrust::Notifications,
        parties,
        without,
    };
    let (_, broken) = scene.play();
    broken.expect("the model does not detect the missing guard")
}

#[test]
fn no_order_of_steps_accepts_a_revoked_session() {
    let orders = play(CacheTrust::Notifications, REVOKER, None)
        + play(CacheTrust::Age, REVOKER, None)
        + play(CacheTrust::Notifications, LISTENER, None)
        + play(CacheTrust::Notifications, BROKEN, None)
        + play(CacheTrust::Notifications, UNKNOWN, None)
        + play(CacheTrust::Age, UNHEARD, None);
    assert!(orders >= 10_000, "{orders}");
}

#[test]
fn the_model_detects_a_revoked_session_that_is_cached_again_without_the_ticket() {
    let order = breaks(REVOKER, Some(Without::Fence));
    let at = |step| order.iter().position(|taken| *taken == step);
    assert!(at(Read) < at(Commit), "{order:?}");
    assert!(at(Forget) < at(Fill), "{order:?}");
    breaks(LISTENER, Some(Without::Fence));
    breaks(BROKEN, Some(Without::Fence));
    breaks(UNKNOWN, Some(Without::Fence));
}

#[test]
fn the_model_detects_a_heartbeat_that_counts_from_its_arrival() {
    breaks(LISTENER, Some(Without::SendingTime));
}

#[test]
fn the_model_detects_notifications_lost_between_clearing_and_listening() {
    breaks(DEAF, None);
}
