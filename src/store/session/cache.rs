//! The session cache: sessions and users by token, so that most requests need no database query.
//!
//! `docs/session-cache.md` explains why no entry outlives its revocation by more than a second.

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

/// Lifetime of an entry with notifications. It limits the effect of a bug in the invalidation.
const LIFETIME_WITH_NOTIFICATIONS: Duration = Duration::from_mins(1);
/// Lifetime of an entry without notifications. Another process's revocation must take effect within a second.
const LIFETIME_WITHOUT_NOTIFICATIONS: Duration = Duration::from_secs(1);
/// How long the cache is trusted after a heartbeat of the notifications was sent: a second, minus a margin for clocks and
/// delays.
const HEARTBEAT_LIFETIME: Duration = Duration::from_millis(950);

/// One node's sessions by token.
pub struct SessionCache {
    entries: Cache<SessionTokenHash, Arc<Entry>>,
    /// Incremented at each invalidation. Filling holds the lock for reading, invalidating holds it for writing.
    generation: RwLock<u64>,
    /// Until when entries may be used, in monotonic microseconds.
    trusted_until: AtomicU64,
    time_to_live: Duration,
    clock: Arc<dyn Clock>,
}

/// Why a node may trust its entries although other nodes make changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheTrust {
    /// Other nodes send notifications. An entry lives for a minute, and the cache is trusted only while
    /// [`SessionCache::heartbeat`] confirms that notifications arrive.
    Notifications,
    /// There are no notifications. An entry lives for a second.
    Age,
}

/// Permission to fill the cache with data that is read from the database after [`SessionCache::ticket`].
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    generation: u64,
    taken_at: Duration,
}

struct Entry {
    session: Session,
    user: User,
    /// Changes with use; in microseconds.
    last_seen_at: AtomicI64,
    /// When the entry expires, in monotonic time.
    deadline: Duration,
}

impl SessionCache {
    /// Creates an empty cache for about `capacity` sessions.
    pub fn new(capacity: usize, trust: CacheTrust, clock: Arc<dyn Clock>) -> Self {
        let (trusted_until, time_to_live) = match trust {
            CacheTrust::Notifications => (0, LIFETIME_WITH_NOTIFICATIONS),
            CacheTrust::Age => (u64::MAX, LIFETIME_WITHOUT_NOTIFICATIONS),
        };
        Self {
            entries: Cache::new(capacity),
            generation: RwLock::new(0),
            trusted_until: AtomicU64::new(trusted_until),
            time_to_live,
            clock,
        }
    }

    /// Returns the session and user of a token, if they are cached and trusted. The session may have ended.
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

    /// Returns a ticket. Call it before reading from the database: data that is invalidated after this call may have been
    /// read too early.
    pub fn ticket(&self) -> Ticket {
        // Takes the time first: an entry's age counts from before its read.
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

    /// Adds an entry, unless anything was invalidated since the ticket was taken: that may have been this session.
    pub fn fill(&self, ticket: Ticket, token: &SessionTokenHash, session: &Session, user: &User) {
        let entry = Entry {
            session: session.clone(),
            user: user.clone(),
            last_seen_at: AtomicI64::new(session.last_seen_at.timestamp_micros()),
            deadline: ticket.taken_at + self.time_to_live,
        };
        // The lock is held until the entry is added. An invalidation waits for it, and then removes the entry.
        let generation = self
            .generation
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if *generation == ticket.generation {
            self.entries.insert(*token, Arc::new(entry));
        }
    }

    /// Removes entries. After it returns, [`SessionCache::get`] does not return them, and no earlier ticket can add them
    /// again.
    pub fn invalidate(&self, invalidations: &[Invalidation]) {
        let mut generation = self
            .generation
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *generation += 1;
        // Hash sets, because a sweep invalidates hundreds of sessions and the lock blocks all filling.
        let (mut sessions, mut users) = (HashSet::new(), HashSet::new());
        for invalidation in invalidations {
            match invalidation {
                Invalidation::Session(id) => {
                    sessions.insert(*id);
                }
                Invalidation::User(id) => {
                    users.insert(*id);
                }
                Invalidation::Everything => return self.entries.clear(),
            }
        }
        self.entries.retain(|_, entry| {
            !sessions.contains(&entry.session.id) && !users.contains(&entry.session.user_id)
        });
    }

    /// Updates a session's last use. Returns true for one of several concurrent callers: that one must write it to the
    /// database.
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

    /// Records that the heartbeat of `sent_at`, in monotonic time, came back: all earlier notifications have arrived.
    pub fn heartbeat(&self, sent_at: Duration) {
        let until = micros(sent_at + HEARTBEAT_LIFETIME);
        self.trusted_until.fetch_max(until, Ordering::AcqRel);
    }

    /// Returns the time that heartbeats use.
    pub fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Returns whether entries may be used now.
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
