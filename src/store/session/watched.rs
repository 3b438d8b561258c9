//! The sessions that have open WebSockets or streams on this node, and what is known of each.
//!
//! `auth` reads their state from the database: at intervals, or when a change invalidates them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, watch};

use crate::{
    domain::{
        clock::Timestamp,
        id::{SessionId, UserId},
        token::SessionTokenHash,
        user::User,
    },
    store::Invalidation,
};

/// The watched sessions of one node.
#[derive(Debug, Default)]
pub struct WatchedSessions {
    entries: Mutex<HashMap<WatchedSession, Entry>>,
    has_changes: Notify,
}

/// A session with one of its tokens. A new token ends what the old one has opened: it may have been stolen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WatchedSession {
    /// The session's id.
    pub id: SessionId,
    /// The hash of the token.
    pub token: SessionTokenHash,
}

/// What is known of a watched session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// It is live. Its user may have changed.
    Live(Arc<User>),
    /// It has ended.
    Ended,
    /// The database has not answered for too long.
    Unknown,
}

/// A watched session. It is watched until this is dropped.
#[derive(Debug)]
pub struct SessionWatch {
    session: WatchedSession,
    state: watch::Receiver<SessionState>,
    sessions: Arc<WatchedSessions>,
}

/// What the database says of a session that is live.
pub struct LiveSession {
    /// The session, with its current token.
    pub session: WatchedSession,
    /// The user.
    pub user: User,
    /// When the session ends if it is not used again.
    pub ends_at: Timestamp,
}

#[derive(Debug)]
struct Entry {
    user_id: UserId,
    watchers: usize,
    /// Whether it may have changed since it was read.
    is_due: bool,
    ends_at: Timestamp,
    state: watch::Sender<SessionState>,
}

impl WatchedSessions {
    /// Watches a live session. It is read again at once: it may have ended since it was read.
    pub fn watch(self: &Arc<Self>, session: LiveSession) -> SessionWatch {
        let LiveSession {
            session,
            user,
            ends_at,
        } = session;
        let mut entries = self.entries();
        let entry = entries.entry(session).or_insert_with(|| Entry {
            user_id: user.id,
            watchers: 0,
            is_due: true,
            ends_at,
            state: watch::Sender::new(SessionState::Live(Arc::new(user))),
        });
        entry.watchers += 1;
        entry.is_due = true;
        let mut state = entry.state.subscribe();
        // Another socket of the session may know more than the request that opens this one.
        state.mark_changed();
        drop(entries);
        self.has_changes.notify_one();
        SessionWatch {
            session,
            state,
            sessions: Arc::clone(self),
        }
    }

    /// Marks the sessions that a change may have ended or changed.
    pub fn invalidate(&self, invalidations: &[Invalidation]) {
        let mut entries = self.entries();
        if entries.is_empty() {
            return;
        }
        let mut has_changes = false;
        let mut mark = |entry: &mut Entry| {
            entry.is_due = true;
            has_changes = true;
        };
        for invalidation in invalidations {
            match invalidation {
                Invalidation::Session(id) => {
                    let of_session = entries.iter_mut().filter(|(session, _)| session.id == *id);
                    of_session.for_each(|(_, entry)| mark(entry));
                }
                Invalidation::User(id) => {
                    let of_user = entries.values_mut().filter(|entry| entry.user_id == *id);
                    of_user.for_each(&mut mark);
                }
                Invalidation::Everything => entries.values_mut().for_each(&mut mark),
            }
        }
        drop(entries);
        if has_changes {
            self.has_changes.notify_one();
        }
    }

    /// Waits until a session is marked.
    pub async fn changed(&self) {
        self.has_changes.notified().await;
    }

    /// Returns the sessions to read now, and clears their marks: those that are marked, those whose known end has come, or
    /// all of them.
    pub fn take_due(&self, now: Timestamp, all: bool) -> Vec<WatchedSession> {
        let mut due = vec![];
        for (session, entry) in self.entries().iter_mut() {
            let is_due = std::mem::take(&mut entry.is_due);
            if all || is_due || entry.ends_at <= now {
                due.push(*session);
            }
        }
        due
    }

    /// Marks sessions again that could not be read.
    pub fn restore_due(&self, sessions: &[WatchedSession]) {
        let mut entries = self.entries();
        for session in sessions {
            if let Some(entry) = entries.get_mut(session) {
                entry.is_due = true;
            }
        }
    }

    /// Records what was read of sessions: those that are not live have ended.
    pub fn record(&self, read: &[WatchedSession], live: Vec<LiveSession>) {
        let mut live: HashMap<_, _> = live.into_iter().map(|one| (one.session, one)).collect();
        let mut entries = self.entries();
        for session in read {
            let Some(entry) = entries.get_mut(session) else {
                continue;
            };
            match live.remove(session) {
                Some(session) => {
                    entry.ends_at = session.ends_at;
                    entry.set(SessionState::Live(Arc::new(session.user)));
                }
                None => entry.set(SessionState::Ended),
            }
        }
    }

    /// Records that the state of sessions is unknown.
    pub fn record_unknown(&self, sessions: &[WatchedSession]) {
        let mut entries = self.entries();
        for session in sessions {
            if let Some(entry) = entries.get_mut(session) {
                entry.set(SessionState::Unknown);
            }
        }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<WatchedSession, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Sets the state, and wakes the watchers if it is another one. A session that has ended stays ended.
    fn set(&self, state: SessionState) {
        self.state.send_if_modified(|known| {
            let is_news = *known != SessionState::Ended && *known != state;
            if is_news {
                *known = state;
            }
            is_news
        });
    }
}

impl SessionWatch {
    /// Waits until the state changes, and returns it. The first time, it returns what is known.
    pub async fn changed(&mut self) -> SessionState {
        // The sender lives as long as this.
        let _ = self.state.changed().await;
        self.state.borrow_and_update().clone()
    }
}

impl Drop for SessionWatch {
    fn drop(&mut self) {
        let mut entries = self.sessions.entries();
        if let Some(entry) = entries.get_mut(&self.session) {
            entry.watchers -= 1;
            if entry.watchers == 0 {
                entries.remove(&self.session);
            }
        }
    }
}
