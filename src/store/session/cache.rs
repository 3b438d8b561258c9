//! The session cache: whose token it is, remembered, so that most requests ask the database nothing.
//!
//! `docs/session-cache.md` argues that nothing here outlives its revocation by more than a second.

use std::{
    collections::HashSet,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use quick_cache::sync::Cache;

use crate::{
    domain::{
        clock::{Clock, Timestamp},
        session::Session,
        token::SessionTokenHash,
        user::User,
    },
    store::Invalidation,
};

/// How long an entry is believed where changes are announced: it bounds what a mistake could cost.
const ANNOUNCED: Duration = Duration::from_mins(1);
/// How long an entry is believed where they are not: another process's revocation must count within a second.
const UNANNOUNCED: Duration = Duration::from_secs(1);
/// How long a beat of the announcements is good for: a second, less what clocks and their readers are late by.
const HEARTBEAT_LIFETIME: Duration = Duration::from_millis(950);

/// Sessions by their tokens, of one node.
pub struct SessionCache {
    entries: Cache<SessionTokenHash, Arc<Entry>>,
    /// Grows whenever something is forgotten. Who fills holds it for reading, who forgets for writing.
    generation: RwLock<u64>,
    /// Until when entries may be believed at all, in monotonic microseconds.
    trusted_until: AtomicU64,
    time_to_live: Duration,
    clock: Arc<dyn Clock>,
}

/// How a node learns of what others change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheTrust {
    /// It is told ([`SessionCache::beat`] says how long it can tell so), and an entry is good for a minute.
    Announcements,
    /// It is not: an entry is good for a second.
    Age,
}

/// The right to fill the cache with what is read after it was taken.
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    generation: u64,
    taken_at: Duration,
}

struct Entry {
    session: Session,
    user: User,
    /// Moves with use; in microseconds.
    last_seen_at: AtomicI64,
    /// When it is believed no more, in monotonic time.
    deadline: Duration,
}

impl SessionCache {
    /// An empty cache of at most about `most` sessions.
    pub fn new(most: usize, heed: CacheTrust, clock: Arc<dyn Clock>) -> Self {
        let (trusted_until, time_to_live) = match heed {
            CacheTrust::Announcements => (0, ANNOUNCED),
            CacheTrust::Age => (u64::MAX, UNANNOUNCED),
        };
        Self {
            entries: Cache::new(most),
            generation: RwLock::new(0),
            trusted_until: AtomicU64::new(trusted_until),
            time_to_live,
            clock,
        }
    }

    /// The session of a token and whose it is, if that is known and can be believed now; live or not.
    pub fn get(&self, token: &SessionTokenHash) -> Option<(Session, User)> {
        let now = self.clock.monotonic();
        if micros(now) >= self.trusted_until.load(Ordering::Acquire) {
            return None;
        }
        let entry = self.entries.get(token)?;
        if now >= entry.deadline {
            return None;
        }
        let mut session = entry.session.clone();
        let seen = entry.last_seen_at.load(Ordering::Relaxed);
        session.last_seen_at = Timestamp::from_timestamp_micros(seen)?;
        Some((session, entry.user.clone()))
    }

    /// To be taken before the database is asked: what is forgotten from here on was perhaps read too early.
    pub fn ticket(&self) -> Ticket {
        // The time first: an entry's age counts from before its read.
        let taken_at = self.clock.monotonic();
        let generation = *self
            .generation
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        Ticket {
            generation,
            taken_at,
        }
    }

    /// Remembers what was read, unless anything was forgotten since the ticket was taken: it may be this.
    pub fn fill(&self, ticket: Ticket, token: &SessionTokenHash, session: &Session, user: &User) {
        let entry = Entry {
            session: session.clone(),
            user: user.clone(),
            last_seen_at: AtomicI64::new(session.last_seen_at.timestamp_micros()),
            deadline: ticket.taken_at + self.time_to_live,
        };
        // Held until the entry is in: whoever forgets waits for it, and then removes it.
        let generation = self
            .generation
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if *generation == ticket.generation {
            self.entries.insert(*token, Arc::new(entry));
        }
    }

    /// Forgets; when it returns, no [`SessionCache::get`] finds it, and no ticket of before brings it back.
    pub fn forget(&self, stale: &[Invalidation]) {
        let mut generation = self
            .generation
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *generation += 1;
        // Looked up, not compared one by one: a sweep forgets hundreds, and nobody fills meanwhile.
        let (mut sessions, mut people) = (HashSet::new(), HashSet::new());
        for stale in stale {
            match stale {
                Invalidation::Session(id) => {
                    sessions.insert(*id);
                }
                Invalidation::Person(id) => {
                    people.insert(*id);
                }
                Invalidation::Everything => return self.entries.clear(),
            }
        }
        self.entries.retain(|_, entry| {
            !sessions.contains(&entry.session.id) && !people.contains(&entry.session.user_id)
        });
    }

    /// Moves a session's last use; of callers at once, the one that is told to writes it down.
    pub fn claim_use(&self, token: &SessionTokenHash, from: Timestamp, to: Timestamp) -> bool {
        let Some(entry) = self.entries.get(token) else {
            return true;
        };
        let moved = entry.last_seen_at.compare_exchange(
            from.timestamp_micros(),
            to.timestamp_micros(),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        moved.is_ok()
    }

    /// A beat that was sent at `sent_at`, in monotonic time, came back: all that was announced before it was heard.
    pub fn beat(&self, sent_at: Duration) {
        let until = micros(sent_at + HEARTBEAT_LIFETIME);
        self.trusted_until.fetch_max(until, Ordering::AcqRel);
    }

    /// The time that beats are measured by.
    pub fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Whether entries can be believed now.
    pub fn is_trusted(&self) -> bool {
        micros(self.clock.monotonic()) < self.trusted_until.load(Ordering::Acquire)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl fmt::Debug for SessionCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCache")
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}
